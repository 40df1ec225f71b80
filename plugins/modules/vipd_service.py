#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts or restarts vipd, and comes back when the node can take a VIP over: one question, however long that takes.

Which node of a pair does so when is the playbook's business.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: vipd_service
short_description: Starts or restarts vipd and waits until it can take over
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Has systemd read its units again, starts or restarts C(vipd.service), now and at boot, and waits until every
    instance has left INIT, when its checks have spoken.
attributes:
  check_mode:
    support: full
    description: Tells what would change and changes nothing. It needs no vipd on the node.
  diff_mode:
    support: none
    description: There is nothing to show.
options:
  state:
    description: V(started) does nothing where it runs.
    type: str
    choices: [started, restarted]
    default: started
  wait_s:
    description: How long it may take until every instance has left INIT.
    type: float
    default: 60
  socket:
    description: Where vipd is asked.
    type: path
    default: /run/vipd/control.sock
"""

EXAMPLES = r"""
- name: Restart vipd
  lbha.pair.vipd_service:
    state: restarted
"""

RETURN = r"""
states:
  description: Instances and their states, at the end. Empty in check mode.
  returned: success
  type: dict
  sample: {VI_1: BACKUP}
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.providers import SOCKET
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Host, Unit, units
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask

SERVICE = "vipd"
POLL_INTERVAL_S = 0.1


class UnreadyError(Exception):
    """The text says what is missing, and where to look."""


def act(host: Host, unit: Unit, restart: bool) -> None:
    systemctl(host, *(["daemon-reload"] if unit.enabled else ["enable", SERVICE]))  # which has units read again, too
    systemctl(host, "restart" if restart else "start", SERVICE)


def systemctl(host: Host, *arguments: str) -> None:
    argv = [host.get_bin_path("systemctl") or "systemctl", *arguments]
    status, _said, errors = host.run_command(argv)
    if status != 0:
        raise UnreadyError(f"systemctl {' '.join(arguments)}: {errors.strip()}; see journalctl -u {SERVICE}")


def ready(control_socket: str, wait_s: float) -> dict[str, str]:
    """The state of each instance, once none is in INIT."""
    until_s = time.monotonic() + wait_s
    while True:
        try:
            states = {one["name"]: one["state"] for one in ask(control_socket, "status")["instances"]}
            waiting = ", ".join(name for name, state in states.items() if state == "INIT")
            reason = f"still in INIT: {waiting}; its checks have not spoken" if waiting else ""
        except NoAnswerError as error:
            reason = str(error)
        if not reason:
            return states
        if time.monotonic() > until_s:
            raise UnreadyError(f"vipd is not ready after {wait_s:.0f} s: {reason}; see journalctl -u {SERVICE}")
        time.sleep(POLL_INTERVAL_S)


def run(host: Host, restart: bool, wait_s: float, control_socket: str, dry: bool) -> dict[str, Any]:
    """Raises UnreadyError, and OSError when systemd cannot be asked."""
    unit = units(host, [SERVICE])[SERVICE]
    changed = restart or not unit.running or unit.starting or not unit.enabled
    if dry:
        return {"changed": changed, "states": {}}
    if changed:
        act(host, unit, restart)
    return {"changed": changed, "states": ready(control_socket, wait_s)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["started", "restarted"], "default": "started"},
            "wait_s": {"type": "float", "default": 60},
            "socket": {"type": "path", "default": SOCKET},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    try:
        restart = wanted["state"] == "restarted"
        result = run(module, restart, wanted["wait_s"], wanted["socket"], module.check_mode)
    except (UnreadyError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
