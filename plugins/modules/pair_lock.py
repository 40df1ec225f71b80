#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time works on a node: a file that is there while it does, and that says whose it is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pair_lock
short_description: Keeps two runs from working on the same node
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Makes a file that names its owner, or fails when another owner has it. The file is gone after a reboot, and no
    longer counts after O(expires_s), so that a run that was killed locks nobody out for ever.
  - Of two runs that begin at the same moment, on several nodes, each may find that the other was first somewhere. The
    one that began later fails at once and gives back what it has. The other one waits for that.
attributes:
  check_mode:
    support: full
    description: Fails where another owner has the lock, and changes nothing.
  diff_mode:
    support: none
    description: There is nothing to show.
options:
  state:
    description: V(present) takes the lock, V(absent) gives it back if it is ours.
    type: str
    choices: [present, absent]
    default: present
  owner:
    description: Who wants it. Another run with the same owner may go on.
    type: str
    required: true
  begun_at:
    description: When the run began, in seconds since 1970, which is to be the same on all nodes.
    type: float
    default: 0.0
  wait_s:
    description: How long to wait for a run that began later to give up.
    type: float
    default: 0.0
  expires_s:
    description: After so many seconds anybody may take it.
    type: int
    default: 3600
  path:
    description: The file.
    type: path
    default: /run/lbha.pair.lock
"""

EXAMPLES = r"""
- name: One run at a time
  lbha.pair.pair_lock:
    owner: "{{ lookup('ansible.builtin.env', 'USER') }}"
"""

RETURN = r"""
owner:
  description: Who has it now; empty for nobody.
  returned: success
  type: str
"""

import contextlib
import fcntl
import json
import os
import time
from typing import Any, TextIO

from ansible.module_utils.basic import AnsibleModule

LOOK_AGAIN_S = 0.2


class LockedError(Exception):
    """The text says whose it is, and what to do. ``gives_up``: it began later, and fails where it meets us."""

    def __init__(self, text: str, gives_up: bool) -> None:
        super().__init__(text)
        self.gives_up = gives_up


class Lock:
    """Whoever writes the file has it locked: of two at the same moment the second sees what the first wrote."""

    def __init__(self, path: str, owner: str, expires_s: float, begun_at: float = 0.0) -> None:
        self._path = path
        self._owner = owner
        self._expires_s = expires_s
        self._begun_at = begun_at

    def held_by(self) -> str:
        """Empty: by nobody. For whoever only looks."""
        try:
            with open(self._path, encoding="utf-8") as file:
                return self._owner_in(file.read())
        except FileNotFoundError:
            return ""

    def take(self) -> bool:
        """Whether it was not ours before."""
        with self._opened(os.O_RDWR | os.O_CREAT) as file:
            if self._owner_in(file.read()):
                return False
            file.seek(0)
            file.truncate()
            json.dump({"owner": self._owner, "begun_at": self._begun_at, "since": time.time()}, file)
            return True

    def give_back(self) -> bool:
        """Whether it was ours."""
        try:
            with self._opened(os.O_RDWR) as file:
                if not self._owner_in(file.read()):
                    return False
                os.unlink(self._path)
                return True
        except (FileNotFoundError, LockedError):
            return False  # not ours to give back

    def _opened(self, flags: int) -> TextIO:
        """Locked, and still what the path leads to."""
        while True:
            file = os.fdopen(os.open(self._path, flags | os.O_CLOEXEC, 0o600), "r+", encoding="utf-8")
            fcntl.flock(file, fcntl.LOCK_EX)  # for as long as another one writes a line
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), os.stat(self._path)):
                    return file
            file.close()  # given back meanwhile

    def _owner_in(self, text: str) -> str:
        """Empty: nobody. One that was left half-written is nobody's."""
        try:
            found = json.loads(text)
            owner, since = str(found["owner"]), float(found["since"])
            begun_at = float(found.get("begun_at", 0.0))
        except (ValueError, KeyError, TypeError):
            return ""
        age_s = time.time() - since
        if age_s > self._expires_s:
            return ""
        if owner != self._owner:
            left_s = self._expires_s - age_s
            raise LockedError(
                f"{owner} works on this node since {age_s:.0f} s ({self._path}): wait until it is over; if it was "
                f"killed, set pair_break_lock=true or remove the file, which counts for {left_s:.0f} s more",
                gives_up=(begun_at, owner) > (self._begun_at, self._owner),
            )
        return owner


def run(lock: Lock, owner: str, present: bool, dry: bool, wait_s: float = 0.0) -> dict[str, Any]:
    if dry:
        changed = _would_change(lock, present)
    elif present:
        changed = _take(lock, wait_s)
    else:
        changed = lock.give_back()
    return {"changed": changed, "owner": owner if present else ""}


def _take(lock: Lock, wait_s: float) -> bool:
    until_s = time.monotonic() + wait_s
    while True:
        try:
            return lock.take()
        except LockedError as error:
            if not error.gives_up or time.monotonic() > until_s:
                raise
        time.sleep(LOOK_AGAIN_S)


def _would_change(lock: Lock, present: bool) -> bool:
    try:
        return bool(lock.held_by()) != present
    except LockedError:
        if present:
            raise
        return False


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "owner": {"type": "str", "required": True},
            "begun_at": {"type": "float", "default": 0.0},
            "wait_s": {"type": "float", "default": 0.0},
            "expires_s": {"type": "int", "default": 3600},
            "path": {"type": "path", "default": "/run/lbha.pair.lock"},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    lock = Lock(wanted["path"], wanted["owner"], wanted["expires_s"], wanted["begun_at"])
    try:
        result = run(lock, wanted["owner"], wanted["state"] == "present", module.check_mode, wanted["wait_s"])
    except LockedError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"the lock cannot be written: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
