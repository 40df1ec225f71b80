# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A notify FIFO: a named pipe that gets one line an event, in order, and the program that reads it.

Writes never wait. What a slow reader leaves in the pipe waits here up to a bound; beyond it the oldest lines are
dropped and counted, where keepalived drops the newest and says nothing. Source: keepalived.conf(5), notify_fifo.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import os
import stat
import termios
from collections import deque
from typing import Any, Callable, Optional

from ..config.model import Command, Fifo
from ..core.effects import RunNotify
from . import program, security
from .security import Account, Rules

LINES_LIMIT = 1000

# Its script is started again after it ended: at once would be a loop that fills the log.
RESTART_FIRST_S = 1.0
RESTART_LAST_S = 60.0

_DRAIN_POLL_S = 0.02


def line(notify: RunNotify) -> bytes:
    """The words of keepalived: kind, name in quotes, state, priority."""
    return f'{notify.kind} "{notify.instance}" {notify.state} {notify.priority}\n'.encode()


class NotifyFifo:
    """One pipe, open from ``open`` to ``close``. ``complain`` takes a sentence when something is lost."""

    def __init__(self, fifo: Fifo, rules: Rules, complain: Callable[[str], None], *, guest: bool = False) -> None:
        """A ``guest`` only writes: another process of ours makes the pipe, runs its script and removes it."""
        self.config = (fifo, rules)
        self._path = fifo.path
        self._script = None if guest else fifo.script
        self._guest = guest
        self._rules = rules
        self._complain = complain
        self._descriptor: Optional[int] = None
        self._waiting: deque[bytes] = deque()
        self._supervision: Optional[asyncio.Task[None]] = None
        self._written = 0
        self._dropped = 0
        self._starts = 0

    def open(self) -> None:
        """Make the pipe, mode 0600, for its owner; one that a killed daemon left is taken over."""
        try:
            self._descriptor = self._make()
        except (OSError, LookupError) as error:
            reason = error.strerror if isinstance(error, OSError) else error.args[0]
            self._complain(f"no event is written to the notify FIFO {self._path}: {reason}")
            return
        if self._script is not None:
            supervision = self._keep_running(Command((*self._script.argv, self._path), self._script.user))
            self._supervision = asyncio.get_running_loop().create_task(supervision)

    def _make(self) -> int:
        owner = security.owner(self.config[0], self._rules)
        if not self._guest:
            with contextlib.suppress(FileExistsError):
                os.mkfifo(self._path, 0o600)
        if not stat.S_ISFIFO(os.lstat(self._path).st_mode):
            raise FileExistsError(0, "something that is not a pipe has this name; remove it, or use another name")
        descriptor = self._opened(owner)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISFIFO(found.st_mode) or found.st_uid not in (0, os.geteuid(), owner.uid):
                raise PermissionError(0, "it belongs to somebody else; remove it, or use another name")
            if stat.S_IMODE(found.st_mode) != 0o600:
                os.fchmod(descriptor, 0o600)
            if (found.st_uid, found.st_gid) != (owner.uid, owner.gid):
                os.fchown(descriptor, owner.uid, owner.gid)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _opened(self, owner: Account) -> int:
        """For reading too, as keepalived does: so it opens without a reader, and a reader may come and go."""
        flags = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self._path, flags)
        except PermissionError:
            # Given away by a daemon without privileges, which was then killed: it is nobody else's.
            if os.lstat(self._path).st_uid != owner.uid:
                raise
            os.unlink(self._path)
            os.mkfifo(self._path, 0o600)
            return os.open(self._path, flags)

    def write(self, text: bytes) -> None:
        """Into the pipe, or behind what waits."""
        if self._descriptor is None:
            return
        self._waiting.append(text)
        if len(self._waiting) == 1:
            self._flush()
        if len(self._waiting) > LINES_LIMIT:
            self._waiting.popleft()
            self._dropped += 1
            if self._dropped == 1:
                self._complain(f"nobody reads the notify FIFO {self._path}: the oldest lines are dropped, and counted")

    def _flush(self) -> None:
        if self._descriptor is None:
            return
        loop = asyncio.get_running_loop()
        while self._waiting:
            try:
                os.write(self._descriptor, self._waiting[0])  # whole or not at all: a line is shorter than PIPE_BUF
            except BlockingIOError:
                loop.add_writer(self._descriptor, self._flush)
                return
            self._waiting.popleft()
            self._written += 1
        loop.remove_writer(self._descriptor)

    async def close(self, timeout_s: float) -> None:
        """Let the script read what is left, for ``timeout_s`` at most; then end it, and remove the pipe."""
        if self._supervision is not None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._drained(), timeout_s)
            self._supervision.cancel()
            await asyncio.gather(self._supervision, return_exceptions=True)
            self._supervision = None
        if self._descriptor is not None:
            asyncio.get_running_loop().remove_writer(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            if not self._guest:
                with contextlib.suppress(OSError):
                    os.unlink(self._path)

    async def _drained(self) -> None:
        while self._descriptor is not None and (self._waiting or _unread(self._descriptor)):
            await asyncio.sleep(_DRAIN_POLL_S)

    async def _keep_running(self, command: Command) -> None:
        loop = asyncio.get_running_loop()
        pause_s = RESTART_FIRST_S
        while True:
            began = loop.time()
            self._starts += 1
            outcome = await program.run(command, self._rules, timeout_s=None)
            if loop.time() - began > RESTART_LAST_S:
                pause_s = RESTART_FIRST_S
            ended = f"the notify FIFO script {command.argv[0]} {outcome.detail}"
            self._complain(f"{ended}; it should run as long as vipd does, and is started again in {pause_s:g} s")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RESTART_LAST_S)

    def status(self) -> dict[str, Any]:
        return {
            "path": self._path,
            "open": self._descriptor is not None,
            "written": self._written,
            "waiting": len(self._waiting),
            "dropped": self._dropped,
            "script": self._script.argv[0] if self._script else None,
            "script_starts": self._starts,
        }


def _unread(descriptor: int) -> int:
    """Octets in the pipe that nobody has read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, count)
    return count[0]
