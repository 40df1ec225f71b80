# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a daemon costs while nothing happens, as master and as backup: processor time, memory, wake-ups.

A pair of one contender runs, then a pair of the other, with the same text. A daemon is all of its processes; the one
that speaks VRRP is told apart as well. RSS counts memory that processes share once for each, PSS once for all of them.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.configuration import GARP_DELAY_S, configuration, one_vip_each
from tests.bench.contenders import NAMES, Contenders, vrrp_process
from tests.bench.effort import Effort
from tests.bench.measures import Measure, at_most
from tests.netns.daemon import Daemon
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

ROLES = {"master": 150, "backup": 100}
CPU_TARGETS = {"master": at_most(1), "backup": at_most(2)}
MEMORY_TARGET = at_most(3)
SETTLE_S = GARP_DELAY_S + 1.0
HELD_LIMIT_S = 20.0


@dataclass(frozen=True)
class Usage:
    """Of a daemon; the pairs are all of its processes, and its VRRP process alone."""

    processor_percent: tuple[float, float]
    wakeups_per_s: tuple[float, float]
    rss_mb: tuple[float, float]
    pss_mb: tuple[float, float]


def measure(contenders: Contenders, effort: Effort) -> list[Measure]:
    return [one for count, interval_s in effort.loads for one in _at(contenders, count, interval_s, effort.window_s)]


def _at(contenders: Contenders, count: int, interval_s: float, window_s: float) -> list[Measure]:
    usage = {name: _pair(contenders, name, count, interval_s, window_s) for name in NAMES}
    return [one for role in ROLES for one in _measures(f"{count} x {interval_s:g} s, {role}", role, usage)]


def _measures(load: str, role: str, usage: dict[str, dict[str, Usage]]) -> list[Measure]:
    ours, theirs = usage["vipd"][role], usage["keepalived"][role]
    rows = (
        ("processor", "%", ours.processor_percent, theirs.processor_percent, CPU_TARGETS[role]),
        ("wake-ups", "/s", ours.wakeups_per_s, theirs.wakeups_per_s, None),
        ("RSS", "MB", ours.rss_mb, theirs.rss_mb, MEMORY_TARGET),
        ("PSS", "MB", ours.pss_mb, theirs.pss_mb, None),
    )
    return [
        Measure(f"{load}: {what}{whose}", unit, [mine[part]], [other[part]], None if part else target)
        for what, unit, mine, other, target in rows
        for part, whose in enumerate(("", ", VRRP process"))
    ]


def _pair(contenders: Contenders, name: str, count: int, interval_s: float, window_s: float) -> dict[str, Usage]:
    with ExitStack() as opened:
        segment = opened.enter_context(contenders.segment(*ROLES))
        segment.packets.close()  # whoever listens makes sending dearer
        daemons = {}
        for role, priority in ROLES.items():
            text = configuration(one_vip_each(count), interval_s, priority)
            daemons[role] = contenders.daemon(name, segment.hosts[role], text)
            opened.callback(daemons[role].kill)
            daemons[role].start()
        _wait_until_held(segment.hosts["master"], count)
        time.sleep(SETTLE_S)
        return _usage(daemons, window_s)


def _wait_until_held(host: Namespace, count: int) -> None:
    wanted = {vip for (vip,) in one_vip_each(count)}
    wait_for(
        lambda: wanted <= {address["local"] for address in host.addresses()},
        f"{count} addresses on {host.name}",
        HELD_LIMIT_S,
    )


def _usage(daemons: dict[str, Daemon], window_s: float) -> dict[str, Usage]:
    before = {role: Counters(daemon) for role, daemon in daemons.items()}
    time.sleep(window_s)
    return {role: before[role].until_now() for role in daemons}


class Counters:
    """Of every process of a daemon, since its making."""

    def __init__(self, daemon: Daemon) -> None:
        self._vrrp = vrrp_process(daemon)
        self._pids = daemon.processes()
        self._at = time.monotonic()
        self._before = {pid: (processor_s(pid), _wakeups(pid)) for pid in self._pids}

    def until_now(self) -> Usage:
        passed_s = time.monotonic() - self._at
        after = {pid: (processor_s(pid), _wakeups(pid)) for pid in self._pids}
        used_s, woken = (
            {pid: after[pid][column] - self._before[pid][column] for pid in self._pids} for column in (0, 1)
        )
        rss = {pid: rss_mb(pid) for pid in self._pids}
        pss = {pid: _kilobytes(pid, "Pss", "smaps_rollup") / 1024 for pid in self._pids}
        return Usage(
            processor_percent=self._both({pid: 100 * spent / passed_s for pid, spent in used_s.items()}),
            wakeups_per_s=self._both({pid: count / passed_s for pid, count in woken.items()}),
            rss_mb=self._both(rss),
            pss_mb=self._both(pss),
        )

    def _both(self, figures: dict[int, float]) -> tuple[float, float]:
        return sum(figures.values()), figures[self._vrrp]


def _tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def processor_s(pid: int) -> float:
    """Time on a processor, of every thread, to the nanosecond."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in _tasks(pid)) / 1e9


def rss_mb(pid: int) -> float:
    return _kilobytes(pid, "VmRSS", "status") / 1024


def _wakeups(pid: int) -> int:
    """A thread that gave up its processor of its own accord was woken before, and slept after."""
    return sum(_field((task / "status").read_text(), "voluntary_ctxt_switches") for task in _tasks(pid))


def _kilobytes(pid: int, field: str, file: str) -> int:
    return _field(Path(f"/proc/{pid}/{file}").read_text(), field)


def _field(text: str, name: str) -> int:
    return int(text.split(f"\n{name}:")[1].split(maxsplit=1)[0])
