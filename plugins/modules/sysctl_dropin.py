#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings as a sysctl.d file that is in force at once, and that remembers what was before.

The values before stand in the file itself, as comments: so they cannot get lost on their own.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: sysctl_dropin
short_description: Keeps kernel settings in a file of their own, and puts the former values back
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Writes settings to a file that is read at boot, and sets them at once.
  - The first time it writes a setting it notes the value from before in the file. With O(state=absent) a setting that
    still has our value gets that one back.
attributes:
  check_mode:
    support: full
    description: Tells what would change and changes nothing.
  diff_mode:
    support: full
    description: Shows the file and the values in force.
options:
  path:
    description: The file, in C(/etc/sysctl.d).
    type: path
    required: true
  settings:
    description: "Names and values, for example V({net.ipv4.ip_nonlocal_bind: 1})."
    type: dict
    default: {}
  state:
    description: Whether the settings are there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let services listen on a VIP that this host does not hold
  lbha.pair.sysctl_dropin:
    path: /etc/sysctl.d/90-proxy.conf
    settings:
      net.ipv4.ip_nonlocal_bind: 1
"""

RETURN = r"""
settings:
  description: The values in force afterwards.
  returned: success
  type: dict
  sample: {net.ipv4.ip_nonlocal_bind: "1"}
"""

import os
import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile

HEADER = "# Deployed by lbha.pair, which puts back the values before when it is removed.\n"
_BEFORE = re.compile(r"^# before: (\S+) = (.*)$", re.MULTILINE)
_SETTING = re.compile(r"^(\w\S*) = (.*)$", re.MULTILINE)


class DropIn(DeployedFile):
    """``dry``: what does not exist yet may come to exist before it is set."""

    def __init__(self, path: str, root: str = "/proc/sys", dry: bool = False) -> None:
        super().__init__(path)
        self.root = root
        self.dry = dry

    def exists(self, name: str) -> bool:
        return os.path.exists(self._live_path(name))

    def live(self, name: str) -> str:
        if self.dry and not self.exists(name):
            return ""
        with open(self._live_path(name), encoding="ascii") as value:
            return value.read().strip()

    def set_live(self, name: str, value: str) -> None:
        with open(self._live_path(name), "w", encoding="ascii") as target:
            target.write(f"{value}\n")

    def _live_path(self, name: str) -> str:
        return os.path.join(self.root, *name.split("."))

    def wanted(self, settings: dict[str, str]) -> str:
        """The file's text. What was before is known from the file, or is what is in force now."""
        known = dict(_BEFORE.findall(self.text()))
        before = {name: known.get(name) or self.live(name) for name in settings}
        notes = "".join(f"# before: {name} = {value}\n" for name, value in sorted(before.items()))
        return HEADER + notes + "".join(f"{name} = {value}\n" for name, value in sorted(settings.items()))

    def to_put_back(self) -> dict[str, str]:
        """Settings that still have the file's value: who changed one since has a reason. Those of a link that has gone
        have gone with it."""
        text = self.text()
        ours = dict(_SETTING.findall(text))
        before = dict(_BEFORE.findall(text))
        there = {name: value for name, value in before.items() if self.exists(name)}
        return {name: value for name, value in there.items() if self.live(name) == ours.get(name) != value}


def apply(drop_in: DropIn, settings: dict[str, str], present: bool, dry: bool) -> dict[str, Any]:
    text = drop_in.text()
    wanted = drop_in.wanted(settings) if present else ""
    targets = settings if present else drop_in.to_put_back()
    live = {name: drop_in.live(name) for name in targets}
    changes = {name: value for name, value in targets.items() if live[name] != value}
    if not dry:
        if wanted != text:
            drop_in.write(wanted) if present else drop_in.remove()
        for name, value in changes.items():
            drop_in.set_live(name, value)
    return {
        "changed": wanted != text or bool(changes),
        "settings": {**live, **changes},
        "diff": {"before": text + _in_force(live), "after": wanted + _in_force({**live, **changes})},
    }


def _in_force(values: dict[str, str]) -> str:
    return "".join(f"in force: {name} = {value}\n" for name, value in sorted(values.items()))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "settings": {"type": "dict", "default": {}},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    settings = {str(name): str(value) for name, value in module.params["settings"].items()}
    present = module.params["state"] == "present"
    try:
        result = apply(DropIn(module.params["path"], dry=module.check_mode), settings, present, module.check_mode)
    except OSError as error:
        module.fail_json(msg=f"kernel settings cannot be changed: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
