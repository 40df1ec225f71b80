#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node's half of ``lbha.pair.vipd_program``: put the program in place, or take it away.

A file is complete or not there (written beside its place, then renamed); a link always points to a program. The
action plugin of the same name runs first, on the controller.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: vipd_program
short_description: Installs the agent vipd on a node
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Builds vipd on the controller, from this collection, as one file that needs nothing
    but Python on the node. The same input gives the same bytes.
  - The file is called after its SHA-256 and is sent only to a node that lacks it. C(current.pyz) links to it,
    C(previous.pyz) to the one before; older ones are removed.
  - To go back to the previous program until the next run, point C(current.pyz) to it and restart the unit.
attributes:
  check_mode:
    support: full
    description: Tells what would change and changes nothing.
  diff_mode:
    support: full
    description: Shows names and checksums of programs.
options:
  state:
    description: Whether the program is there.
    type: str
    choices: [present, absent]
    default: present
  directory:
    description: Where programs are kept.
    type: path
    default: /usr/local/lib/vipd
  commands:
    description: Links to the current program. The name of a link decides what runs, C(vipd) or C(vipctl).
    type: list
    elements: path
    default: [/usr/local/sbin/vipd, /usr/local/sbin/vipctl]
  python:
    description: The node's Python, 3.9 or newer.
    type: path
    default: /usr/bin/python3
  unit:
    description:
      - The text of a unit that runs the program. With it the node also gets what the unit needs, the user and the group
        V(vipd) and O(config_directory).
      - Nothing is started.
    type: str
  unit_path:
    description: The file of the unit.
    type: path
    default: /etc/systemd/system/vipd.service
  config_directory:
    description: Where the configuration is kept. Only root and vipd can read it.
    type: path
    default: /etc/vipd
  missing:
    description: That no program is there is known already. It is sent at once, and the node is asked one question less.
    type: bool
    default: false
  sha256:
    description: For internal use. The checksum of the program.
    type: str
  src:
    description: For internal use. Where the program was sent to.
    type: path
"""

EXAMPLES = r"""
- name: Install vipd
  lbha.pair.vipd_program:

- name: Install vipd as a service
  lbha.pair.vipd_program:
    unit: "{{ lookup('ansible.builtin.template', 'vipd.service.j2') }}"

- name: Remove vipd
  lbha.pair.vipd_program:
    state: absent
"""

RETURN = r"""
program:
  description: The file that C(current.pyz) links to.
  returned: when O(state=present)
  type: str
  sample: /usr/local/lib/vipd/vipd-1f0c5c2a3b4d.pyz
sha256:
  description: Its checksum.
  returned: when O(state=present)
  type: str
previous:
  description: The name of the program before; empty when there is none.
  returned: when O(state=present)
  type: str
restart_pending:
  description:
    - Whether a vipd runs that was started before its program or its unit was written, as after a run that was aborted
      in between. It counts as a change.
  returned: when O(state=present)
  type: bool
"""

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.agent_service import AgentService
from ansible_collections.lbha.pair.plugins.module_utils.in_force import restart_pending, status_of
from ansible_collections.lbha.pair.plugins.module_utils.providers import SOCKET

UNIT = "/etc/systemd/system/vipd.service"
CURRENT = "current.pyz"
PREVIOUS = "previous.pyz"
DIRECTORY_MODE = 0o755  # vipd's account and everybody who calls vipctl run what is in it
DIGITS = 12  # of the checksum, in a file's name


class Installation:
    """What is on the node. Every method that changes something says whether it did, and does nothing in check mode."""

    def __init__(self, directory: str, commands: list[str], dry: bool) -> None:
        self.directory = directory
        self.commands = commands
        self.dry = dry

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def linked(self, name: str) -> str:
        link = self.path(name)
        return os.readlink(link) if os.path.islink(link) else ""

    def has(self, name: str, sha256: str) -> bool:
        if not os.path.isfile(self.path(name)):
            return False
        with open(self.path(name), "rb") as program:
            return hashlib.sha256(program.read()).hexdigest() == sha256

    def describe(self) -> str:
        """For a diff."""
        return "".join(f"{name} -> {self.linked(name)}\n" for name in (CURRENT, PREVIOUS) if self.linked(name))

    def open_directory(self) -> bool:
        if os.path.isdir(self.directory) and stat.S_IMODE(os.stat(self.directory).st_mode) == DIRECTORY_MODE:
            return False
        if not self.dry:
            _make_directory(self.directory)
            os.chmod(self.directory, DIRECTORY_MODE)
        return True

    def add(self, name: str, src: str) -> None:
        _make_directory(self.directory)
        beside = self.path(f".{name}")
        try:
            with open(src, "rb") as sent, open(beside, "wb") as placed:
                shutil.copyfileobj(sent, placed)
                placed.flush()
                os.fsync(placed.fileno())
        except OSError:  # a full disk must not stay full because of what did not fit
            with suppress(OSError):
                os.unlink(beside)
            raise
        os.chmod(beside, 0o755)
        os.replace(beside, self.path(name))

    def make_current(self, name: str) -> bool:
        old = self.linked(CURRENT)
        if old == name:
            return False
        if not self.dry:
            if old:
                _link(self.path(PREVIOUS), old)
            _link(self.path(CURRENT), name)
        return True

    def link_commands(self) -> bool:
        target = self.path(CURRENT)
        wrong = [link for link in self.commands if not (os.path.islink(link) and os.readlink(link) == target)]
        if not self.dry:
            for link in wrong:
                _link(link, target)
        return bool(wrong)

    def prune(self) -> bool:
        if not os.path.isdir(self.directory):
            return False
        keep = {CURRENT, PREVIOUS, self.linked(CURRENT), self.linked(PREVIOUS)}
        stale = sorted(set(os.listdir(self.directory)) - keep)
        if not self.dry:
            for name in stale:
                os.unlink(self.path(name))
        return bool(stale)

    def remove(self) -> bool:
        links = [link for link in self.commands if os.path.islink(link)]
        there = os.path.isdir(self.directory)
        if not self.dry:
            for link in links:
                os.unlink(link)
            if there:
                shutil.rmtree(self.directory)
        return bool(links) or there


def _make_directory(path: str) -> None:
    """With those above it, for every account, whatever the umask of this run is. One that is there stays as it is."""
    if not os.path.isdir(path):
        _make_directory(os.path.dirname(path))
        os.mkdir(path)
        os.chmod(path, DIRECTORY_MODE)


def _link(link: str, target: str) -> None:
    if os.path.lexists(link) and not os.path.islink(link):
        raise OSError(f"{link} is there and is no link; move it away")
    _make_directory(os.path.dirname(link))
    beside = f"{link}.new"
    if os.path.lexists(beside):
        os.unlink(beside)
    os.symlink(target, beside)
    os.replace(beside, link)


def install(there: Installation, sha256: str, src: Optional[str]) -> dict[str, Any]:
    name = f"vipd-{sha256[:DIGITS]}.pyz"
    missing = not there.has(name, sha256)
    before = there.describe()
    if missing and src:
        there.add(name, src)
    if missing and not src and not there.dry:
        return {"changed": False, "missing": True}
    changes = [missing, there.open_directory(), there.make_current(name), there.link_commands(), there.prune()]
    return {
        "changed": any(changes),
        "missing": missing and not src,
        "program": there.path(name),
        "sha256": sha256,
        "previous": there.linked(PREVIOUS),
        "diff": {"before": before, "after": f"{CURRENT} -> {name}\n" if there.dry else there.describe()},
    }


def serve(service: AgentService, unit: str) -> dict[str, Any]:
    """The account before what it shall read."""
    before = service.unit.text()
    changes = [service.make_account(), service.make_directory(), service.write_unit(unit)]
    return {"changed": any(changes), "diff": {"before": before, "after": unit}}


def remove(there: Installation) -> dict[str, Any]:
    before = there.describe()
    return {"changed": there.remove(), "diff": {"before": before, "after": ""}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "directory": {"type": "path", "default": "/usr/local/lib/vipd"},
            "commands": {
                "type": "list",
                "elements": "path",
                "default": ["/usr/local/sbin/vipd", "/usr/local/sbin/vipctl"],
            },
            "python": {"type": "path", "default": "/usr/bin/python3"},
            "unit": {"type": "str"},
            "unit_path": {"type": "path", "default": "/etc/systemd/system/vipd.service"},
            "config_directory": {"type": "path", "default": "/etc/vipd"},
            "missing": {"type": "bool", "default": False},
            "sha256": {"type": "str"},
            "src": {"type": "path"},
        },
        required_if=[("state", "present", ("sha256",))],
        supports_check_mode=True,
    )
    wanted = module.params
    there = Installation(wanted["directory"], wanted["commands"], module.check_mode)
    try:
        if wanted["state"] == "present":
            pending = restart_pending(status_of(SOCKET), [there.path(CURRENT), wanted["unit_path"]])
            result = {**install(there, wanted["sha256"], wanted["src"]), "restart_pending": pending}
            result["changed"] = result["changed"] or pending
            if wanted["unit"] is not None and (module.check_mode or not result["missing"]):
                service = AgentService(module, wanted["unit_path"], wanted["config_directory"], module.check_mode)
                served = serve(service, wanted["unit"])
                result["changed"] = result["changed"] or served["changed"]
                result["diff"] = [result["diff"], served["diff"]]
        else:
            result = remove(there)
    except OSError as error:
        module.fail_json(msg=f"vipd cannot be installed: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
