#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps a node out of elections, or lets it take part again; where no agent runs, by the file that it will read."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vip_maintenance
short_description: Takes a node out of the elections of its pair, or lets it take part again
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - A node in maintenance is master of nothing and takes over nothing until it leaves, over reloads, restarts and
    reboots.
  - Its VIPs go to a peer first, as with M(lbha.pair.vip_failover). When none takes them the task fails, and nothing has
    changed.
  - Where vipd does not run, it finds itself in maintenance when it starts.
attributes:
  check_mode:
    support: full
    description: Tells what would change and changes nothing.
  diff_mode:
    support: full
    description: Shows whether the node is in maintenance, and why.
options:
  state:
    description:
      - V(entered) and V(left) say what they say.
      - V(held) is V(entered) where vipd does not run yet, and nothing where it runs. Put it before the role of the
        pair, so that a node that is deployed for the first time takes no VIP until somebody has looked at it.
    type: str
    choices: [entered, left, held]
    default: entered
  reason:
    description: Shown to whoever asks why.
    type: str
    default: ''
  force:
    description: Enter even if no peer takes the VIPs. They are then on no node.
    type: bool
    default: false
  socket:
    description: Where vipd is asked.
    type: path
    default: /run/vipd/control.sock
  state_directory:
    description: Where vipd remembers it.
    type: path
    default: /var/lib/vipd
seealso:
  - module: lbha.pair.vip_info
  - module: lbha.pair.vip_failover
"""

EXAMPLES = r"""
- name: Before a new kernel
  lbha.pair.vip_maintenance:
    state: entered
    reason: new kernel

- name: Afterwards
  lbha.pair.vip_maintenance:
    state: left

- name: A new node waits until somebody has looked at it
  lbha.pair.vip_maintenance:
    state: held
    reason: first deploy
"""

RETURN = r"""
maintenance:
  description: Whether the node is in maintenance now, or would be.
  returned: success
  type: bool
reason:
  description: Why.
  returned: success
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.node_vips import look
from ansible_collections.lbha.pair.plugins.module_utils.providers import SOCKET
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask, patience_s
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.maintenance_file import MaintenanceFile
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.options import STATE_DIRECTORY


class NotDoneError(Exception):
    """Nothing has changed; the text says why, and what to do."""


def standing(there: dict[str, Any], file: MaintenanceFile) -> tuple[bool, str]:
    """Whether the node is in maintenance, and why. Raises NotDoneError where nobody can know or change it."""
    if there["provider"] == "keepalived" and there["running"]:  # one that does not run may be what vipd replaces
        raise NotDoneError("keepalived knows no maintenance: stop it on this node, or move to vipd")
    if there["running"] and not there["answers"]:
        raise NotDoneError("; ".join(there["faults"]))
    if there["answers"]:
        return bool(there["maintenance"]), there["maintenance_reason"]
    kept = file.read()
    return kept is not None, kept.reason if kept else ""


def change(answers: bool, file: MaintenanceFile, control_socket: str, on: bool, wanted: dict[str, Any]) -> None:
    """Raises NotDoneError, NoAnswerError, OSError; nothing has changed then."""
    if answers:
        wait_s = patience_s(ask(control_socket, "status"))
        answer = ask(control_socket, "maintenance", wait_s, on=on, reason=wanted["reason"], force=wanted["force"])
        if answer["maintenance"] != on:
            vips = ", ".join(vip for one in answer["instances"] if one["name"] in answer["kept"] for vip in one["vips"])
            raise NotDoneError(
                f"no maintenance: no peer took {vips}, which stay here. Does a peer run vipd (lbha.pair.vip_info), and "
                "may it preempt? With nopreempt, move them first: lbha.pair.vip_failover with force"
            )
    elif on:
        file.prepare(wanted["reason"])
        file.commit()
    else:
        file.remove()


def run(there: dict[str, Any], file: MaintenanceFile, wanted: dict[str, Any], dry: bool) -> dict[str, Any]:
    was, reason = standing(there, file)
    wants = was if wanted["state"] == "held" and there["running"] else wanted["state"] != "left"
    if was != wants and not dry:
        change(there["answers"], file, wanted["socket"], wants, wanted)
    new_reason = reason if was == wants else wanted["reason"] if wants else ""
    return {
        "changed": was != wants,
        "maintenance": wants,
        "reason": new_reason,
        "diff": {"before": _shown(was, reason), "after": _shown(wants, new_reason)},
    }


def _shown(on: bool, reason: str) -> str:
    return f"maintenance: {'on' if on else 'off'}{f' ({reason})' if reason else ''}\n"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["entered", "left", "held"], "default": "entered"},
            "reason": {"type": "str", "default": ""},
            "force": {"type": "bool", "default": False},
            "socket": {"type": "path", "default": SOCKET},
            "state_directory": {"type": "path", "default": STATE_DIRECTORY},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    try:
        there = look(module, wanted["socket"])
        result = run(there, MaintenanceFile(wanted["state_directory"]), wanted, module.check_mode)
    except (NotDoneError, NoAnswerError, ValueError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(
            msg=f"the node cannot be asked, or not remember its maintenance, so nothing is changed: {error}"
        )
    module.exit_json(**result)


if __name__ == "__main__":
    main()
