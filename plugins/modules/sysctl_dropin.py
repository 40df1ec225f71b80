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
    still has our value gets that one back, and so does one that O(settings) names no more.
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
    description:
      - "Names and values, for example V({net.ipv4.ip_nonlocal_bind: 1})."
      - A name may have slashes for dots, as C(sysctl.d) has it. In both spellings the name of an interface may have a
        dot.
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
from collections.abc import Collection
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile

HEADER = "# Deployed by lbha.pair, which puts back the values before when it is removed.\n"
_BEFORE = re.compile(r"^# before: (\S+) = (.*)$", re.MULTILINE)
_SETTING = re.compile(r"^(\w\S*) = (.*)$", re.MULTILINE)
_OF_LINK = re.compile(r"^(net\.ipv[46]\.(?:conf|neigh)\.)(.+)(\.\w+)$")


def spelt(name: str) -> str:
    """As it can stand in sysctl.d, where a dot in the name of a link is a slash: or it were one more level."""
    link = _OF_LINK.match(name)
    return link[1] + link[2].replace(".", "/") + link[3] if link else name


def plain(value: str) -> str:
    """The kernel answers with tabs between numbers."""
    return " ".join(value.split())


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
            return plain(value.read())

    def set_live(self, name: str, value: str) -> None:
        with open(self._live_path(name), "w", encoding="ascii") as target:
            target.write(f"{value}\n")

    def _live_path(self, name: str) -> str:
        """In sysctl.d the first separator is the one between levels, and the other one stands for a dot."""
        dotted = "/" not in name.split(".", 1)[0]
        return os.path.join(self.root, name.translate(str.maketrans("./", "/.")) if dotted else name)

    def wanted(self, settings: dict[str, str]) -> str:
        """The file's text. What was before is known from the file, or is what is in force now."""
        known = dict(_BEFORE.findall(self.text()))
        before = {name: known[name] if name in known else self.live(name) for name in settings}
        notes = "".join(f"# before: {name} = {value}\n" for name, value in sorted(before.items()))
        return HEADER + notes + "".join(f"{name} = {value}\n" for name, value in sorted(settings.items()))

    def to_put_back(self, kept: Collection[str]) -> dict[str, str]:
        """Others than ``kept`` that still have the file's value: who changed one since has a reason. Those of a link
        that has gone have gone with it."""
        text = self.text()
        ours = {name: plain(value) for name, value in _SETTING.findall(text)}
        before = {name: plain(value) for name, value in _BEFORE.findall(text) if name not in kept}
        there = {name: value for name, value in before.items() if self.exists(name)}
        return {name: value for name, value in there.items() if self.live(name) == ours.get(name) != value}


def apply(drop_in: DropIn, settings: dict[str, str], present: bool, dry: bool) -> dict[str, Any]:
    ours = settings if present else {}
    text = drop_in.text()
    wanted = drop_in.wanted(ours) if present else ""
    put_back = drop_in.to_put_back(kept=ours)
    targets = {**put_back, **ours}
    live = {name: drop_in.live(name) for name in targets}
    changes = {name: value for name, value in ours.items() if live[name] != value}
    if not dry:
        # An aborted run knows what was before: that is forgotten after it was put back, and noted before it is changed.
        for name, value in put_back.items():
            drop_in.set_live(name, value)
        if wanted != text:
            drop_in.write(wanted) if present else drop_in.remove()
        for name, value in changes.items():
            drop_in.set_live(name, value)
    return {
        "changed": wanted != text or bool(changes),
        "settings": targets,
        "diff": {"before": text + _in_force(live), "after": wanted + _in_force(targets)},
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
    settings = {spelt(str(name)): plain(str(value)) for name, value in module.params["settings"].items()}
    present = module.params["state"] == "present"
    try:
        result = apply(DropIn(module.params["path"], dry=module.check_mode), settings, present, module.check_mode)
    except OSError as error:
        module.fail_json(msg=f"kernel settings cannot be changed: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
