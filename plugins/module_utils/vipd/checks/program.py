# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of one program of the operator's: as which user, for how long, and how it ended.

Runs in the worker, never in the VRRP process. No shell: the words of the command are its arguments.
Source: keepalived.conf(5), vrrp_script and "SCRIPTS".
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import os
import pwd
import signal
import stat
from dataclasses import dataclass
from typing import Any, Optional

from ..config.model import Command, ScriptUser

# After SIGTERM a program has this long to end before SIGKILL.
TERMINATION_GRACE_S = 2.0

# Loader and shell variables of the daemon are none of a script's business.
_WITHHELD = ("IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")


@dataclass(frozen=True)
class Outcome:
    """``detail`` completes the sentence "script NAME ..."."""

    success: bool
    detail: str


@dataclass(frozen=True)
class Rules:
    """The node's rules for scripts: ``script_user`` and ``enable_script_security``."""

    user: Optional[ScriptUser] = None
    secure: bool = False


async def run(command: Command, rules: Rules, timeout_s: float) -> Outcome:
    """Run to the end, or to the timeout, and say how it went. Never raises for the program's faults."""
    try:
        account = _account(command.user or rules.user)
        if rules.secure and _runs_as_root(account):
            _refuse_writable(command.argv[0])
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name not in _WITHHELD},
            **account,
        )
    except (OSError, LookupError) as error:
        return Outcome(False, f"cannot run: {error}")
    return await _wait(process, timeout_s)


async def _wait(process: asyncio.subprocess.Process, timeout_s: float) -> Outcome:
    try:
        status = await asyncio.wait_for(process.wait(), timeout_s)
    except asyncio.TimeoutError:
        await _end(process)
        return Outcome(False, f"took longer than {timeout_s:g} s")
    except asyncio.CancelledError:
        await _end(process)
        raise
    if status < 0:
        return Outcome(False, f"was ended by {signal.Signals(-status).name}")
    return Outcome(status == 0, "succeeds" if status == 0 else f"fails with exit status {status}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the program and what it started: they share a process group, and a child may outlive its parent."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), TERMINATION_GRACE_S)


def _account(user: Optional[ScriptUser]) -> dict[str, Any]:
    """Arguments for the subprocess; none when it runs as the daemon does."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user.user)
    if entry.pw_uid == os.geteuid() and user.group is None:
        return {}
    group = grp.getgrnam(user.group).gr_gid if user.group else entry.pw_gid
    return {"user": entry.pw_uid, "group": group, "extra_groups": []}


def _runs_as_root(account: dict[str, Any]) -> bool:
    return bool(account.get("user", os.geteuid()) == 0)


def _refuse_writable(path: str) -> None:
    """Root must not run what somebody else can change: every part of the path counts."""
    part = os.path.realpath(path)
    while True:
        entry = os.stat(part)
        loose = entry.st_mode & (stat.S_IWGRP if entry.st_gid else 0) or entry.st_mode & stat.S_IWOTH
        sticky = stat.S_ISDIR(entry.st_mode) and entry.st_mode & stat.S_ISVTX
        if entry.st_uid != 0 or (loose and not sticky):
            raise PermissionError(f"{part} can be changed by others than root (enable_script_security)")
        if part == os.path.dirname(part):
            return
        part = os.path.dirname(part)
