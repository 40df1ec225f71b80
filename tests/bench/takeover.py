# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How late a backup takes over from a silent master, and how soon it announces its address: one, or two hundred.

A host that runs no daemon speaks for the masters: "I am master" twice, then nothing more. The backups have a segment
for each contender, with the same text, and the virtual routers take turns, contenders alternating: no takeover
falls on another, and both meet the same load. All times are the kernel's, at the switch.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing

from vipd.core.timers import DOWN_TIMER_ADVERTS

from tests.bench.configuration import MASTER_PRIORITY, PRIORITY, Master, configuration, one_vip_each, version
from tests.bench.contenders import NAMES, Contenders, set_realtime
from tests.bench.effort import Effort
from tests.bench.measures import Measure, at_most, within
from tests.netns.configuration import GRACE_S
from tests.netns.segment import Segment

ROUTERS = 8  # that take turns
LAST_PRIORITY = MASTER_PRIORITY + 1  # of the advert before silence, to tell it from the one before it
HEARD_S = 0.03  # between "I am master" and the last word: time to yield and be a backup again
TURN_S = 0.06
AFTERWARDS_S = 0.3

VIP_COUNTS = (1, 20, 200)
BURST_INTERVAL_S = 0.1


def measure(contenders: Contenders, effort: Effort) -> list[Measure]:
    measures = []
    for interval_s in effort.intervals_s:
        for realtime in (False, True):
            measures += _silences(contenders, effort.takeovers, interval_s, realtime=realtime)
    return measures + _bursts(contenders, effort.bursts)


def master_down_s(interval_s: float) -> float:
    """Exactly, for a backup of PRIORITY."""
    skew_s = (256 - PRIORITY) / 256 * (1 if version(interval_s) == 2 else interval_s)
    return DOWN_TIMER_ADVERTS * interval_s + skew_s


def _silences(contenders: Contenders, runs: int, interval_s: float, *, realtime: bool) -> list[Measure]:
    with Stage(contenders, one_vip_each(ROUTERS), interval_s, realtime=realtime) as stage:
        for first in range(0, runs, ROUTERS):
            stage.play(range(1, min(ROUTERS, runs - first) + 1))
        late, announced = stage.lateness_ms(), stage.announcements_ms()
    when = f"{interval_s * 1000:g} ms{', real-time' if realtime else ''}"
    return [
        Measure(f"takeover beyond Master_Down, {when}", "ms", *_both(late), target=within(0.5, 2)),
        Measure(f"advert to gratuitous ARP, {when}", "ms", *_both(announced), target=at_most(1)),
    ]


def _bursts(contenders: Contenders, runs: int) -> list[Measure]:
    """As the contenders come: vipd with real-time priority, keepalived without."""
    vips = [[f"10.0.{vrid}.{n}" for n in range(1, count + 1)] for vrid, count in enumerate(VIP_COUNTS, start=1)]
    with Stage(contenders, vips, BURST_INTERVAL_S) as stage:
        for _run in range(runs):
            stage.play(range(1, len(VIP_COUNTS) + 1))
        figures = {vrid: stage.announcements_ms(vrid) for vrid in range(1, len(VIP_COUNTS) + 1)}
    return [
        Measure(f"advert to the last gratuitous ARP, {count} VIPs", "ms", *_both(figures[vrid]), target=at_most(1))
        for vrid, count in enumerate(VIP_COUNTS, start=1)
    ]


def _both(figures: dict[str, list[float]]) -> tuple[list[float], list[float]]:
    return figures["vipd"], figures["keepalived"]


class Stage:
    """A segment for each contender with its backup and the master's voice."""

    def __init__(
        self, contenders: Contenders, vips: Sequence[Sequence[str]], interval_s: float, *, realtime: bool | None = None
    ) -> None:
        self._contenders = contenders
        self._vips = vips
        self._interval_s = interval_s
        self._realtime = realtime
        self._opened = ExitStack()
        self._segments: dict[str, Segment] = {}
        self._masters: dict[str, Master] = {}

    def __enter__(self) -> Stage:
        for name in NAMES:
            segment = self._opened.enter_context(self._contenders.segment("master", "backup"))
            master = Master(segment.hosts["master"], self._vips, self._interval_s)
            daemon = self._contenders.daemon(name, segment.hosts["backup"], configuration(self._vips, self._interval_s))
            self._opened.callback(daemon.kill)
            daemon.start()
            if self._realtime is not None:
                set_realtime(daemon, self._realtime)
            self._segments[name], self._masters[name] = segment, self._opened.enter_context(closing(master))
        time.sleep(master_down_s(self._interval_s) + GRACE_S)  # the first masters are the daemons themselves
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()

    def play(self, vrids: Sequence[int]) -> None:
        """One takeover of each, of both contenders."""
        start = time.monotonic()
        turns = [(vrid, name) for vrid in vrids for name in NAMES]
        for number, (vrid, name) in enumerate(turns):
            _sleep_until(start + number * TURN_S)
            self._masters[name].say(vrid, MASTER_PRIORITY)
            time.sleep(min(HEARD_S, self._interval_s))
            self._masters[name].say(vrid, LAST_PRIORITY)
        time.sleep(master_down_s(self._interval_s) + AFTERWARDS_S)

    def lateness_ms(self) -> dict[str, list[float]]:
        """Of the first advert after each silence."""
        exact = master_down_s(self._interval_s)
        return {
            name: [(advert - silent - exact) * 1e3 for _vrid, silent, advert in self._takeovers(name)] for name in NAMES
        }

    def announcements_ms(self, only: int | None = None) -> dict[str, list[float]]:
        """From the first advert of a takeover until every VIP was announced once."""
        return {
            name: [
                (self._announced_at(name, vrid, advert) - advert) * 1e3
                for vrid, _silent, advert in self._takeovers(name)
                if only in (None, vrid)
            ]
            for name in NAMES
        }

    def _takeovers(self, name: str) -> list[tuple[int, float, float]]:
        """VRID, last word of the master, first of the backup."""
        packets = self._segments[name].packets
        takeovers = []
        for vrid in range(1, len(self._vips) + 1):
            adverts = [one.at for one in packets.adverts("backup", vrid)]
            for said in packets.adverts("master", vrid):
                if said.priority == LAST_PRIORITY:
                    # A master that yields may say so, right after it was told: that is no takeover.
                    after = said.at + master_down_s(self._interval_s) / 2
                    first = _first(adverts, after, f"{name} did not take over VRID {vrid}")
                    takeovers.append((vrid, said.at, first))
        return takeovers

    def _announced_at(self, name: str, vrid: int, since: float) -> float:
        packets = self._segments[name].packets
        return max(
            _first([one.at for one in packets.announcements("backup", vip)], since, f"{name} did not announce {vip}")
            for vip in self._vips[vrid - 1]
        )


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))


def _first(times: list[float], after: float, otherwise: str) -> float:
    for at in times:
        if at > after:
            return at
    raise RuntimeError(otherwise)
