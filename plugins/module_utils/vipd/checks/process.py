# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vrrp_track_process: how many processes match, told when the answer changes.

A notification of the kernel only says which process to look at again; what is true is read from /proc. Without such
notifications all of /proc is read each second, and that is told. What a count means is the core's to say; here a change
of the quorum is held back for fork_delay and terminate_delay. Source: keepalived.conf(5), vrrp_track_process.
"""

from __future__ import annotations

import asyncio
import os
from typing import Callable, Optional

from ..config.model import Config, VrrpTrackProcess
from ..core.events import ProcessesCounted
from ..linux.process_events import ProcessChanged, ProcessEvents
from .process_match import Running, look, matches
from .tracked import all_tracks

POLL_S = 1.0

# The kernel answers a subscription at once, or never.
FIRST_ANSWER_S = 1.0

Report = Callable[[ProcessesCounted], None]


class Count:
    """The processes that match one definition, and what was reported of them."""

    def __init__(self, wanted: VrrpTrackProcess, report: Report) -> None:
        self.wanted = wanted
        self.pids: set[int] = set()
        self._report = report
        self._reported: Optional[int] = None
        self._held_back: Optional[asyncio.TimerHandle] = None

    def look_at(self, pid: int, process: Optional[Running]) -> None:
        if process is not None and matches(self.wanted, process):
            self.pids.add(pid)
        else:
            self.pids.discard(pid)

    def tell(self) -> None:
        """Report the present count: now, or after its delay when it would change the quorum."""
        count = len(self.pids)
        if count == self._reported or self._reported is None or self._enough(count) == self._enough(self._reported):
            self.tell_now()
        elif self._held_back is None:
            delay_s = self.wanted.fork_delay_s if count > self._reported else self.wanted.terminate_delay_s
            if not delay_s:
                self.tell_now()
            else:
                self._held_back = asyncio.get_running_loop().call_later(delay_s, self.tell_now)

    def tell_now(self) -> None:
        self.stop()
        if len(self.pids) != self._reported:
            self._reported = len(self.pids)
            self._report(ProcessesCounted(self.wanted.name, self._reported))

    def stop(self) -> None:
        if self._held_back is not None:
            self._held_back.cancel()
            self._held_back = None

    def _enough(self, count: int) -> bool:
        most = self.wanted.quorum_max
        return count >= self.wanted.quorum and (most is None or count <= most)


class ProcessTracker:
    """``report`` takes every count, ``complain`` the sentence that notifications are missing."""

    def __init__(self, report: Report, complain: Callable[[str], None]) -> None:
        self._report = report
        self._complain = complain
        self._counts: list[Count] = []
        self._events: Optional[ProcessEvents] = None
        self._task: Optional[asyncio.Task[None]] = None
        self._told = False

    def configure(self, config: Config) -> None:
        """Count what is tracked, and report all of it."""
        tracked = {track.name for tracks in all_tracks(config) for track in tracks.processes}
        self.stop()
        self._counts = [Count(wanted, self._report) for wanted in config.processes if wanted.name in tracked]
        if self._counts:
            self._subscribe()
            self._scan()
            self._task = asyncio.get_running_loop().create_task(self._poll_unless_notified())

    def stop(self) -> None:
        for count in self._counts:
            count.stop()
        self._counts = []
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._unsubscribe()

    def _subscribe(self) -> None:
        """Before the first scan, so that nothing falls between."""
        try:
            self._events = ProcessEvents()
        except OSError as error:
            self._complain_once(error.strerror or str(error))
        else:
            asyncio.get_running_loop().add_reader(self._events.fileno(), self._read_events)

    def _unsubscribe(self) -> None:
        if self._events is not None:
            asyncio.get_running_loop().remove_reader(self._events.fileno())
            self._events.close()
            self._events = None

    async def _poll_unless_notified(self) -> None:
        await asyncio.sleep(FIRST_ANSWER_S)
        if self._events is not None and self._events.is_heard:
            return
        if self._events is not None:
            self._complain_once("the kernel does not answer")
            self._unsubscribe()
        while True:
            self._scan()
            await asyncio.sleep(POLL_S)

    def _complain_once(self, reason: str) -> None:
        if not self._told:
            self._complain(f"/proc is read every {POLL_S:g} s for track_process, for want of notifications: {reason}")
            self._told = True

    def _read_events(self) -> None:
        if self._events is None:
            return
        for change in self._events.changes():
            self._take_in(change)
        if self._events.overrun:
            self._events.overrun = False
            self._scan()
        self._tell()

    def _take_in(self, change: ProcessChanged) -> None:
        if change.parent is not None:  # a fork has its parent's name and words until it changes them
            concerned = [count for count in self._counts if change.parent in count.pids]
        elif change.ended:
            concerned = [count for count in self._counts if change.pid in count.pids]
        else:
            concerned = self._counts
        if concerned:
            process = None if change.ended else look(change.pid)
            for count in concerned:
                count.look_at(change.pid, process)

    def _scan(self) -> None:
        """All of /proc: what is not seen is gone."""
        running = {int(name): look(int(name)) for name in os.listdir("/proc") if name.isdigit()}
        for count in self._counts:
            count.pids &= running.keys()
            for pid, process in running.items():
                count.look_at(pid, process)
        self._tell()

    def _tell(self) -> None:
        for count in self._counts:
            count.tell()
