# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vipd needs on a node beside its program: an account, a directory that only it can read, and its unit.

It starts and stops nothing. What exists is completed; an account that is there stays as it is.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from typing import Protocol

from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile

ACCOUNT = "vipd"
GROUPADD = ("groupadd", "--system", ACCOUNT)
USERADD = (
    *("useradd", "--system", "--gid", ACCOUNT, "--home-dir", "/nonexistent", "--no-create-home"),
    *("--shell", "/usr/sbin/nologin", "--comment", "VRRP agent", ACCOUNT),
)
DIRECTORY_MODE = 0o750


class Host(Protocol):
    """The part of AnsibleModule that is needed."""

    def run_command(self, args: list[str]) -> tuple[int, str, str]: ...


class AgentService:
    """Methods say whether something was, or in check mode would be, changed. Every one raises OSError."""

    def __init__(self, host: Host, unit: str, directory: str, dry: bool) -> None:
        self.host = host
        self.unit = DeployedFile(unit)
        self.directory = directory
        self.dry = dry

    def make_account(self) -> bool:
        missing: list[tuple[str, ...]] = []
        if not _group_exists():
            missing.append(GROUPADD)
        if not _user_exists():
            missing.append(USERADD)
        if not self.dry:
            for argv in missing:
                self._run(argv)
        return bool(missing)

    def make_directory(self) -> bool:
        """Its group is the account's, which may not exist yet in check mode."""
        if self.dry and not _group_exists():
            return True
        group = grp.getgrnam(ACCOUNT).gr_gid
        if _owned(self.directory) == (0, group, DIRECTORY_MODE):
            return False
        if not self.dry:
            os.makedirs(self.directory, exist_ok=True)
            os.chown(self.directory, 0, group)
            os.chmod(self.directory, DIRECTORY_MODE)
        return True

    def write_unit(self, text: str) -> bool:
        if self.unit.text() == text:
            return False
        if not self.dry:
            self.unit.write(text)
        return True

    def _run(self, argv: tuple[str, ...]) -> None:
        status, _said, errors = self.host.run_command(list(argv))
        if status != 0:
            raise OSError(f"{' '.join(argv)}: {errors.strip()}")


def _group_exists() -> bool:
    return any(group.gr_name == ACCOUNT for group in grp.getgrall())


def _user_exists() -> bool:
    return any(user.pw_name == ACCOUNT for user in pwd.getpwall())


def _owned(path: str) -> tuple[int, int, int]:
    """Owner, group and mode; none of anybody where there is no directory."""
    if not os.path.isdir(path):
        return -1, -1, 0
    found = os.stat(path)
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)
