#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules as a modules-load.d file, loaded at once, that remembers which of them were loaded for it.

A container cannot load modules, and needs none loaded when its host has them: what counts is what the kernel has.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: modules_dropin
short_description: Keeps kernel modules loaded by a file of their own, and unloads them again
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Writes names of modules to a file that is read at boot, and loads them at once.
  - It notes in the file which modules were not loaded before. With O(state=absent) these are unloaded, if nothing uses
    them, and so are those that O(modules) named once.
  - When the kernel does not have a module it fails before it has changed anything.
attributes:
  check_mode:
    support: full
    description: Tells what would change, and whether there are such modules, and changes nothing.
  diff_mode:
    support: full
    description: Shows the file and the modules that are loaded.
options:
  path:
    description: The file, in C(/etc/modules-load.d).
    type: path
    required: true
  modules:
    description: Names of modules.
    type: list
    elements: str
    default: []
  state:
    description: Whether the file is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Load IPVS, now and at boot
  lbha.pair.modules_dropin:
    path: /etc/modules-load.d/lvs.conf
    modules: [ip_vs, ip_vs_wrr]
"""

RETURN = r"""
loaded:
  description: The modules that were loaded by this task.
  returned: success
  type: list
  elements: str
  sample: [ip_vs_wrr]
"""

import os
import re
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile

HEADER = "# Deployed by lbha.pair, which unloads what it loaded when it is removed.\n"
_LOADED = re.compile(r"^# loaded for this: (\S+)$", re.MULTILINE)

Modprobe = Callable[..., tuple[int, str, str]]  # status, what it said, what it complains of


class NoModuleError(Exception):
    """The kernel does not have it, or may not load it."""


class DropIn(DeployedFile):
    def __init__(self, path: str, modprobe: Modprobe, root: str = "/sys/module") -> None:
        super().__init__(path)
        self.modprobe = modprobe
        self.root = root

    def is_loaded(self, name: str) -> bool:
        return os.path.isdir(os.path.join(self.root, name.replace("-", "_")))

    def noted(self) -> list[str]:
        return _LOADED.findall(self.text())

    def needs(self, name: str) -> bool:
        """Whether it has to be loaded: what is built into the kernel never has to be."""
        if self.is_loaded(name):
            return False
        said = self._run("--show-depends", name)
        return any(not line.startswith("builtin ") for line in said.splitlines())

    def load(self, name: str) -> None:
        self._run(name)

    def unload(self, name: str) -> None:
        self.modprobe("--remove", name)  # who uses one keeps it

    def _run(self, *arguments: str) -> str:
        status, said, complaint = self.modprobe(*arguments)
        if status != 0:
            name, why = arguments[-1], complaint.strip() or f"modprobe ends with status {status}"
            raise NoModuleError(
                f"the kernel module {name} is needed and cannot be loaded: {why}. Install the kernel's modules;"
                f" in a container, load it on the host (modprobe {name})"
            )
        return said


def present(drop_in: DropIn, modules: list[str], dry: bool) -> dict[str, Any]:
    before = drop_in.text()
    missing = [name for name in modules if drop_in.needs(name)]
    for name in missing if not dry else ():
        drop_in.load(name)
    # One that is not named any more may be in use for a while: it is unloaded with the others.
    notes = dict.fromkeys([*drop_in.noted(), *missing])
    lines = [*(f"# loaded for this: {name}" for name in notes), *modules]
    text = HEADER + "".join(f"{line}\n" for line in lines)
    if text != before and not dry:
        drop_in.write(text)
    loaded = "".join(f"loaded: {name}\n" for name in missing)
    return {
        "changed": text != before or bool(missing),
        "loaded": missing,
        "diff": {"before": before, "after": text + loaded},
    }


def absent(drop_in: DropIn, dry: bool) -> dict[str, Any]:
    before = drop_in.text()
    if before and not dry:
        for name in reversed(drop_in.noted()):
            drop_in.unload(name)
        drop_in.remove()
    return {"changed": bool(before), "loaded": [], "diff": {"before": before, "after": ""}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "modules": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    program = module.get_bin_path("modprobe", opt_dirs=["/usr/sbin", "/sbin"])

    def modprobe(*arguments: str) -> tuple[int, str, str]:
        if program is None:
            return 127, "", "there is no modprobe"
        status, said, complaint = module.run_command([program, *arguments])
        return status, said, complaint

    drop_in = DropIn(module.params["path"], modprobe)
    try:
        if module.params["state"] == "present":
            result = present(drop_in, module.params["modules"], module.check_mode)
        else:
            result = absent(drop_in, module.check_mode)
    except (NoModuleError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
