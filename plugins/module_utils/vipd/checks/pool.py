# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the checks that the director asks for: so many at a time, and how late they began.

Decides nothing about when: that is ``director/checking.py``. Lateness is what is left of a check's punctuality after
everything else on this host; it is published, because a check that is late finds a dead server late.

A bug in a check fails that check and is told: it takes one real server off and no more. The end of the process would
leave every real server unchecked, and up, each time that it came to this.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Callable

from ..director.effects import StartCheck
from ..director.events import CheckFinished
from . import http
from .answer import Answer, Surroundings
from .real_server import check

CONCURRENCY_MAX = 500  # sockets and programs at one time; more wait for their turn
LATENESS_KEPT = 1000  # the latest starts, for the figures


class Pool:
    """``report`` takes every answer, but of checks that were cancelled; ``complain`` a sentence for a bug."""

    def __init__(self, report: Callable[[CheckFinished], None], complain: Callable[[str], None]) -> None:
        self._report = report
        self._complain = complain
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()  # cancelled: a program takes a while to be gone
        self._places = asyncio.Semaphore(CONCURRENCY_MAX)
        self._late_s: deque[float] = deque(maxlen=LATENESS_KEPT)
        self._surroundings = Surroundings()

    @property
    def surroundings(self) -> Surroundings:
        """With others, certificates are read anew: they may have been renewed."""
        return self._surroundings

    @surroundings.setter
    def surroundings(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        http.forget_certificates()

    def start(self, wanted: StartCheck) -> None:
        task = asyncio.get_running_loop().create_task(self._run(wanted))
        self._tasks[wanted.check] = task

    def cancel(self, number: int) -> None:
        task = self._tasks.pop(number, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def stop(self) -> None:
        """End every check, and wait for programs to be gone."""
        for number in list(self._tasks):
            self.cancel(number)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def lateness(self) -> dict[str, Any]:
        """Seconds between when a check was due and when it began."""
        late = sorted(self._late_s)
        if not late:
            return {"checks": 0, "median_s": 0.0, "p99_s": 0.0, "max_s": 0.0}
        return {
            "checks": len(late),
            "median_s": late[len(late) // 2],
            "p99_s": late[len(late) * 99 // 100],
            "max_s": late[-1],
        }

    async def _run(self, wanted: StartCheck) -> None:
        async with self._places:
            self._late_s.append(asyncio.get_running_loop().time() - wanted.due)
            answer = await self._answer(wanted)
        if self._tasks.get(wanted.check) is not asyncio.current_task():
            return  # cancelled at the moment it ended, which a step may swallow before Python 3.12
        del self._tasks[wanted.check]
        self._report(CheckFinished(wanted.check, answer.success, answer.detail, answer.weight))

    async def _answer(self, wanted: StartCheck) -> Answer:
        try:
            return await check(wanted.probe, wanted.step, self._surroundings)
        except Exception as bug:
            found = f"{type(bug).__name__}: {bug}"
            self._complain(f"a check of {wanted.probe.endpoint} has a bug, and counts as failed: {found}")
            return Answer(False, f"cannot be carried out: {found}")
