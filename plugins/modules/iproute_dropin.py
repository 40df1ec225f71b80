#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses, routes and rules by a systemd unit of their own, whatever manages the network of the host otherwise.

The unit is its own record: what an earlier one started and the new one does not is stopped by the earlier one's words.
What both have is not touched, so that no connection notices.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: iproute_dropin
short_description: Keeps addresses, routes and rules by a systemd unit of its own, and takes them off again
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Writes a unit that runs commands of C(ip) at boot, and runs them at once.
  - It needs no network manager, and changes the files of none.
attributes:
  check_mode:
    support: full
    description: Tells what would change and changes nothing.
  diff_mode:
    support: full
    description: Shows the unit and what is missing in the kernel.
options:
  name:
    description: The name of the unit, without C(.service).
    type: str
    required: true
  description:
    description: What the unit is for, in a few words.
    type: str
    default: Addresses, routes and rules
  steps:
    description: What to do, in this order.
    type: list
    elements: dict
    default: []
    suboptions:
      start:
        description: Arguments of C(ip), for example V(address replace 10.0.0.250/32 dev lo).
        type: str
        required: true
      stop:
        description: Arguments that undo it.
        type: str
        required: true
      show:
        description: Arguments with which C(ip) prints something when it is done.
        type: str
        required: true
      shows:
        description: What is in it then, where C(ip) cannot be asked for less than everything.
        type: str
        default: ""
  directory:
    description: Where units are.
    type: path
    default: /etc/systemd/system
  state:
    description: Whether the unit is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Take packets for a VIP
  lbha.pair.iproute_dropin:
    name: lvs-real-server
    steps:
      - start: address replace 10.0.0.250/32 dev lo
        stop: address delete 10.0.0.250/32 dev lo
        show: -oneline address show dev lo to 10.0.0.250/32
"""

RETURN = r"""
started:
  description: What was missing in the kernel, and was done.
  returned: success
  type: list
  elements: str
  sample: [address replace 10.0.0.250/32 dev lo]
"""

import os
import re
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile

UNIT = """\
# Deployed by lbha.pair; changes are overwritten.
[Unit]
Description={description}
Documentation=https://github.com/lbha/pair
After=systemd-modules-load.service systemd-sysctl.service {online}
{wants}Before={before}

[Service]
Type=oneshot
RemainAfterExit=yes
{commands}
[Install]
WantedBy=multi-user.target
"""
_STOP = re.compile(r"^ExecStop=-\S+ (.*)$", re.MULTILINE)
_ONLINE = "network-online.target"

Run = Callable[..., tuple[int, str, str]]  # status, what it said, what it complained of


class FailedError(Exception):
    """A command was refused."""


class Unit(DeployedFile):
    """``ip`` and ``systemctl`` run those programs with some arguments."""

    def __init__(self, path: str, program: str, ip: Run, systemctl: Run) -> None:
        super().__init__(path)
        self.program = program
        self.ip = ip
        self.systemctl = systemctl

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    def wanted(self, description: str, steps: list[dict[str, str]]) -> str:
        lines = []
        for step in steps:
            # What is added twice is there twice, or refused.
            before = [f"ExecStart=-{self.program} {step['stop']}\n"] if " add " in step["start"] else []
            lines += [*before, f"ExecStart={self.program} {step['start']}\n"]
        lines += [f"ExecStop=-{self.program} {step['stop']}\n" for step in reversed(steps)]
        needs_network = any(" via " in step["start"] for step in steps)
        return UNIT.format(
            description=description,
            online=_ONLINE if needs_network else "",
            wants=f"Wants={_ONLINE}\n" if needs_network else "",
            before="shutdown.target" if needs_network else "network.target",
            commands="".join(lines),
        ).replace(" \n", "\n")

    def is_missing(self, step: dict[str, str]) -> bool:
        status, said, _complaint = self.ip(*step["show"].split())
        return status != 0 or not said.strip() or step.get("shows", "") not in said

    def is_in_force(self) -> bool:
        return all(self.systemctl(question, "--quiet", self.name)[0] == 0 for question in ("is-enabled", "is-active"))

    def start(self, step: dict[str, str]) -> None:
        status, _said, complaint = self.ip(*step["start"].split())
        if status != 0:
            raise FailedError(f"ip {step['start']}: {complaint.strip()}")

    def stop(self, words: str) -> None:
        self.ip(*words.split())  # what has gone already is as wanted

    def do(self, *words: str) -> None:
        status, _said, complaint = self.systemctl(*words)
        if status != 0:
            raise FailedError(f"systemctl {' '.join(words)}: {complaint.strip()}")


def present(unit: Unit, description: str, steps: list[dict[str, str]], dry: bool) -> dict[str, Any]:
    before, wanted = unit.text(), unit.wanted(description, steps)
    missing = [step for step in steps if unit.is_missing(step)]
    changed = before != wanted or bool(missing) or not unit.is_in_force()
    if changed and not dry:
        gone = [words for words in _STOP.findall(before) if words not in {step["stop"] for step in steps}]
        for words in gone:
            unit.stop(words)
        for step in missing:
            unit.start(step)
        unit.write(wanted)
        unit.do("daemon-reload")
        unit.do("enable", "--quiet", unit.name)
        unit.do("start", unit.name)
    started = [step["start"] for step in missing]
    diff = {"before": before, "after": wanted + "".join(f"started: ip {words}\n" for words in started)}
    return {"changed": changed, "started": started, "diff": diff}


def absent(unit: Unit, dry: bool) -> dict[str, Any]:
    before = unit.text()
    if before and not dry:
        unit.do("disable", "--quiet", "--now", unit.name)
        for words in _STOP.findall(before):
            unit.stop(words)
        unit.remove()
        unit.do("daemon-reload")
    return {"changed": bool(before), "started": [], "diff": {"before": before, "after": ""}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "description": {"type": "str", "default": "Addresses, routes and rules"},
            "steps": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    **{name: {"type": "str", "required": True} for name in ("start", "stop", "show")},
                    "shows": {"type": "str", "default": ""},
                },
            },
            "directory": {"type": "path", "default": "/etc/systemd/system"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    ip = module.get_bin_path("ip", required=True, opt_dirs=["/usr/sbin", "/sbin"])
    systemctl = module.get_bin_path("systemctl", required=True)
    unit = Unit(
        os.path.join(wanted["directory"], f"{wanted['name']}.service"),
        ip,
        lambda *words: module.run_command([ip, *words]),
        lambda *words: module.run_command([systemctl, *words]),
    )
    try:
        if wanted["state"] == "present":
            result = present(unit, wanted["description"], wanted["steps"], module.check_mode)
        else:
            result = absent(unit, module.check_mode)
    except (FailedError, OSError) as error:
        module.fail_json(msg=f"{unit.name} cannot be put into force: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
