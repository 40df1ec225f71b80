# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""notify commands: for each instance and group one after another, in the order of its transitions.

keepalived forks them side by side, so that two fast transitions may end in the wrong order. Here the last state wins:
what has not begun when a newer state comes is left out, counted and told. A stop is never left out.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable, Optional

from ..config.model import Command
from ..core.effects import RunNotify
from . import program
from .security import Rules

TIMEOUT_S = 60.0

_FINAL = {"STOP", "DELETED"}
_EVENTS = {"MASTER_RX_LOWER_PRI", "MASTER_PRIORITY", "BACKUP_PRIORITY"}

Key = tuple[str, str]  # kind and name


class _Line:
    """What one instance or group is still to be told, and how the last telling ended."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, RunNotify]] = []
        self.task: Optional[asyncio.Task[None]] = None
        self.coalesced = 0
        self.last: dict[str, Any] = {}

    def coalesce(self, newer: RunNotify) -> list[RunNotify]:
        """Take out what ``newer`` makes pointless: for a state all before it, for an event the one like it."""
        kept: list[tuple[int, RunNotify]] = []
        gone: list[tuple[int, RunNotify]] = []
        for entry in self.waiting:
            older = entry[1]
            pointless = older.state == newer.state if newer.state in _EVENTS else older.state not in _FINAL
            (gone if pointless else kept).append(entry)
        self.waiting = kept
        self.coalesced += len(gone)
        return [entry[1] for entry in gone]


class Notifier:
    """``complain`` takes a sentence when a command fails or is left out."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._lines: dict[Key, _Line] = {}
        self.rules = Rules()

    def run(self, notify: RunNotify, sequence: int = 0) -> None:
        """Begin, or queue behind what runs; returns at once."""
        if not notify.commands:
            return
        line = self._lines.setdefault((notify.kind, notify.instance), _Line())
        for older in line.coalesce(notify):
            self._complain(
                f"({notify.instance}) notify for {older.state} left out: {notify.state} came before it began"
            )
        line.waiting.append((sequence, notify))
        if line.task is None or line.task.done():
            line.task = asyncio.get_running_loop().create_task(self._work(line, *line.waiting.pop(0)))

    async def finish(self, timeout_s: float) -> None:
        """Let what is queued end, for ``timeout_s`` at most; then end what still runs."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        if not tasks:
            return
        _done, late = await asyncio.wait(tasks, timeout=timeout_s)
        if late:
            self._complain(f"notify scripts still ran {timeout_s:g} s after the stop; ended them")
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def status(self) -> list[dict[str, Any]]:
        """For each instance and group: the last command, how it ended, and what waits."""
        return [
            {
                "kind": kind,
                "name": name,
                **line.last,
                "running": line.task is not None and not line.task.done(),
                "waiting": [notify.state for _sequence, notify in line.waiting],
                "coalesced": line.coalesced,
            }
            for (kind, name), line in sorted(self._lines.items())
        ]

    async def _work(self, line: _Line, sequence: int, notify: RunNotify) -> None:
        while True:
            for command in notify.commands:
                outcome = await self._run(notify, command)
                line.last = {
                    "state": notify.state,
                    "sequence": sequence,
                    "command": command.argv[0],
                    "success": outcome.success,
                    "result": outcome.detail,
                    "at": time.time(),
                }
            if not line.waiting:
                return
            sequence, notify = line.waiting.pop(0)

    async def _run(self, notify: RunNotify, command: Command) -> program.Outcome:
        outcome = await program.run(command, self.rules, TIMEOUT_S)
        if not outcome.success:
            self._complain(f"({notify.instance}) notify {command.argv[0]} for {notify.state} {outcome.detail}")
        return outcome
