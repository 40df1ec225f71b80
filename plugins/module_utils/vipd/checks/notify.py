# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""notify commands: for each instance one after another, in the order of its transitions.

keepalived forks them side by side, so that two fast transitions may end in the wrong order.
"""

from __future__ import annotations

import asyncio
from typing import Callable

from ..config.model import Command
from ..core.effects import RunNotify
from . import program

# A notify command that hangs must not hold up the news of the next transition for ever.
TIMEOUT_S = 60.0

# An instance that flaps faster than its scripts run: beyond this, the oldest news is dropped.
QUEUE_LIMIT = 100


class Notifier:
    """One queue an instance. ``complain`` takes a sentence when a command fails."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._queues: dict[str, asyncio.Queue[RunNotify]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.rules = program.Rules()

    def run(self, notify: RunNotify) -> None:
        """Queue the commands; returns at once."""
        if notify.instance not in self._queues:
            self._queues[notify.instance] = asyncio.Queue()
            self._tasks.append(asyncio.get_running_loop().create_task(self._work(notify.instance)))
        queue = self._queues[notify.instance]
        if queue.qsize() >= QUEUE_LIMIT:
            lost = queue.get_nowait()
            queue.task_done()
            self._complain(f"({lost.instance}) notify for {lost.state} dropped: its scripts are too slow")
        queue.put_nowait(notify)

    async def finish(self, timeout_s: float) -> None:
        """Let what is queued end, for ``timeout_s`` at most; then end what still runs."""
        waiting = [queue.join() for queue in self._queues.values()]
        try:
            await asyncio.wait_for(asyncio.gather(*waiting), timeout_s)
        except asyncio.TimeoutError:
            self._complain(f"notify scripts still ran {timeout_s:g} s after the stop; ended them")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, instance: str) -> None:
        queue = self._queues[instance]
        while True:
            notify = await queue.get()
            for command in notify.commands:
                await self._run(notify, command)
            queue.task_done()

    async def _run(self, notify: RunNotify, command: Command) -> None:
        outcome = await program.run(command, self.rules, TIMEOUT_S)
        if not outcome.success:
            self._complain(f"({notify.instance}) notify {command.argv[0]} for {notify.state} {outcome.detail}")
