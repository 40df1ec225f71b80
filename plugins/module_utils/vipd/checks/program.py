# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of one program of the operator's: as which user, for how long, and how it ended.

Runs in the worker, never in the VRRP process. No shell: the words of the command are its arguments.
Whether it may run at all is for ``security.py`` to say. Source: keepalived.conf(5), vrrp_script and "SCRIPTS".
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from dataclasses import dataclass
from typing import Any, Optional

from ..config.model import Command
from .security import Rules, account, objection

TERMINATION_GRACE_S = 2.0

_WITHHELD = ("IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")


@dataclass(frozen=True)
class Outcome:
    """``detail`` completes the sentence "script NAME ..."; ``status`` None: it did not end by itself."""

    success: bool
    detail: str
    status: Optional[int] = None


class CannotRunError(Exception):
    """The program was not started; the text completes the sentence "script NAME ..."."""


async def run(command: Command, rules: Rules, timeout_s: Optional[float]) -> Outcome:
    """Run to the end, or to the timeout (None: there is none), and say how it went. Raises nothing."""
    try:
        process = await start(command, rules)
    except CannotRunError as error:
        return Outcome(False, str(error))
    return await _wait(process, timeout_s)


async def start(command: Command, rules: Rules) -> asyncio.subprocess.Process:
    """Start it, in a session of its own. Raises CannotRunError."""
    objected = objection(command, rules)
    if objected is not None:
        raise CannotRunError(objected)
    try:
        return await _spawn(command.argv, command, rules)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise CannotRunError(f"cannot run: {error}") from None
    try:  # a script that does not say what reads it: keepalived lets the shell do it
        return await _spawn(("/bin/sh", *command.argv), command, rules)
    except OSError as error:
        raise CannotRunError(f"cannot run: {error}") from None


async def _spawn(argv: tuple[str, ...], command: Command, rules: Rules) -> asyncio.subprocess.Process:
    who = account(command, rules)
    becoming: dict[str, Any] = {} if who.is_ours else {"user": who.uid, "group": who.gid, "extra_groups": []}
    return await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name not in _WITHHELD},
        **becoming,
    )


async def _wait(process: asyncio.subprocess.Process, timeout_s: Optional[float]) -> Outcome:
    try:
        status = await asyncio.wait_for(process.wait(), timeout_s)
    except asyncio.TimeoutError:
        await end(process)
        return Outcome(False, f"took longer than {timeout_s:g} s")
    except asyncio.CancelledError:
        await end(process)
        raise
    if status < 0:
        return Outcome(False, f"was ended by {_signal_name(-status)}")
    return Outcome(status == 0, "succeeds" if status == 0 else f"fails with exit status {status}", status)


async def end(process: asyncio.subprocess.Process) -> None:
    """End the program and what it started: they share a process group, and a child may outlive its parent."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), TERMINATION_GRACE_S)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal without a name
        return f"signal {number}"
