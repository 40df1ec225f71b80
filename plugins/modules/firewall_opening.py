#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens a node's firewall for what it has to hear, and closes again what it opened."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_opening
short_description: Opens firewalld or ufw, now and at each start, and closes what it opened
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Lets protocols and ports in through firewalld or ufw, whichever is active.
  - Remembers in O(record) what was closed before. That is closed again when it is wanted no more; what somebody else
    opened stays open.
  - Where neither is active nothing happens. Rules that were made for nftables or iptables by hand are not touched.
attributes:
  check_mode:
    support: full
    description: Says what would be opened and closed.
  diff_mode:
    support: none
    description: The openings are returned.
options:
  openings:
    description: What is let in, and nothing else of what this module ever opened.
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: Where it comes in. With firewalld that means all interfaces of the same zone. Empty for everywhere.
        type: str
        default: ""
      protocol:
        description: A protocol, such as V(vrrp), or that of O(openings[].port).
        type: str
        required: true
      port:
        description: A port.
        type: int
  record:
    description: Where the module remembers what it opened.
    type: path
    default: /var/lib/lbha-pair.firewall.json
seealso:
  - module: lbha.pair.preflight_info
"""

EXAMPLES = r"""
- name: Let adverts in
  lbha.pair.firewall_opening:
    openings:
      - {interface: eth0, protocol: vrrp}

- name: As it was before
  lbha.pair.firewall_opening:
"""

RETURN = r"""
firewall:
  description: V(firewalld), V(ufw), or V(none), also where there is nothing to do.
  returned: success
  type: str
opened:
  description: What was closed until now, in words.
  returned: success
  type: list
  elements: str
closed:
  description: What was open for this module until now, in words.
  returned: success
  type: list
  elements: str
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile
from ansible_collections.lbha.pair.plugins.module_utils.firewalls import (
    RECORD,
    Firewall,
    FirewallError,
    Opening,
    active,
)

NO_PROGRAM = 127  # as a shell has it


def runner(module: AnsibleModule) -> Callable[[Sequence[str]], tuple[int, str, str]]:
    def run(argv: Sequence[str]) -> tuple[int, str, str]:
        program = module.get_bin_path(argv[0])
        if program is None:
            return NO_PROGRAM, "", f"there is no {argv[0]}"
        result: tuple[int, str, str] = module.run_command([program, *argv[1:]], environ_update={"LC_ALL": "C"})
        return result

    return run


def noted(record: DeployedFile) -> set[Opening]:
    text = record.text()
    return set(map(Opening.of, json.loads(text))) if text else set()


def note(record: DeployedFile, ours: Collection[Opening]) -> None:
    if ours:
        record.write(json.dumps([asdict(one) for one in sorted(ours, key=str)], indent=4) + "\n")
    else:
        record.remove()


def run(firewall: Firewall, wanted: set[Opening], record: DeployedFile, dry: bool) -> dict[str, Any]:
    """Noted before it is opened, and until it is closed: a run that is aborted leaves nothing open for ever."""
    ours, needed = noted(record), set(map(firewall.comes_to, wanted))
    unneeded = (one for one in ours - wanted if firewall.comes_to(one) not in needed)
    closing = sorted(filter(firewall.has, unneeded), key=str)
    opening = sorted((one for one in wanted if not firewall.has(one)), key=str)
    if not dry:
        if opening:
            note(record, ours | set(opening))
        for one in opening:
            firewall.open(one)
        for one in closing:
            firewall.close(one)
        if ours - wanted:
            note(record, (ours & wanted) | set(opening))
    return {
        "changed": bool(opening or closing),
        "firewall": firewall.name,
        "opened": [str(one) for one in opening],
        "closed": [str(one) for one in closing],
    }


def run_without(record: DeployedFile, wanted: set[Opening], dry: bool) -> dict[str, Any]:
    """Neither is active: nothing is closed, and what was opened before can only be told."""
    ours = noted(record)
    told = {"changed": False, "firewall": "none", "opened": [], "closed": []}
    if not ours or wanted:
        return told
    if not dry:
        note(record, ())
    left = ", ".join(sorted(map(str, ours)))
    return {**told, "changed": True, "warnings": [f"no firewall is active that could be told to close again: {left}"]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "openings": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "interface": {"type": "str", "default": ""},
                    "protocol": {"type": "str", "required": True},
                    "port": {"type": "int"},
                },
            },
            "record": {"type": "path", "default": RECORD},
        },
        supports_check_mode=True,
    )
    wanted, record = set(map(Opening.of, module.params["openings"])), DeployedFile(module.params["record"])
    try:
        firewall = active(runner(module)) if wanted or noted(record) else None  # ufw leaves a file when it is asked
        if firewall is None:
            result = run_without(record, wanted, module.check_mode)
        else:
            result = run(firewall, wanted, record, module.check_mode)
    except (FirewallError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
