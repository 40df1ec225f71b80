# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who held a VIP when, and how many at once: pure arithmetic on intervals.

``HolderLog`` takes the changes as they are seen (``addresses.py`` sees them) and gives intervals; the
functions judge intervals. A node that lost its power holds nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from .record import Holding


class HolderLog:
    """Changes in, intervals out; the only state that the watching thread and the drill share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: dict[tuple[str, str], float] = {}
        self._closed: list[Holding] = []
        self._changed_s: dict[str, float] = {}

    def gained(self, node: str, vip: str, at_s: float) -> None:
        """An address the node has already is no news: dumps and notifications overlap."""
        with self._lock:
            if (node, vip) not in self._since:
                self._since[node, vip] = self._changed_s[vip] = at_s

    def lost(self, node: str, vip: str, at_s: float) -> None:
        with self._lock:
            since_s = self._since.pop((node, vip), None)
            if since_s is not None:
                self._closed.append(Holding(node, vip, since_s, at_s))
                self._changed_s[vip] = at_s

    def lost_all(self, node: str, at_s: float) -> None:
        with self._lock:
            held = [vip for holder, vip in self._since if holder == node]
        for vip in held:
            self.lost(node, vip, at_s)

    def holders(self, vip: str) -> frozenset[str]:
        """Who has it now."""
        with self._lock:
            return frozenset(node for node, held in self._since if held == vip)

    def alone_for(self, node: str, vip: str, now_s: float) -> float:
        """For how many seconds ``node`` has been the only holder; 0 when it is not."""
        with self._lock:
            holders = {holder for holder, held in self._since if held == vip}
            return now_s - self._changed_s[vip] if holders == {node} else 0.0

    def intervals(self, now_s: float) -> tuple[Holding, ...]:
        """Everything seen so far; what is still held ends at ``now_s``."""
        with self._lock:
            still = [Holding(node, vip, since_s, now_s) for (node, vip), since_s in self._since.items()]
            return tuple(sorted([*self._closed, *still], key=lambda holding: holding.start_s))


@dataclass(frozen=True)
class Crowd:
    """The most nodes that held one VIP at any instant, and for how long it was more than one."""

    most: int
    shared_s: float


def crowd(holdings: Iterable[Holding], start_s: float, end_s: float) -> Crowd:
    """Over all VIPs, each counted for itself. An interval excludes its end: a handover is no overlap."""
    by_vip: dict[str, list[tuple[float, int]]] = {}
    for holding in holdings:
        first, last = max(holding.start_s, start_s), min(holding.end_s, end_s)
        if first < last:
            by_vip.setdefault(holding.vip, []).extend([(first, +1), (last, -1)])
    counted = [_count(steps) for steps in by_vip.values()]
    return Crowd(
        most=max((one.most for one in counted), default=0),
        shared_s=max((one.shared_s for one in counted), default=0.0),
    )


def _count(steps: list[tuple[float, int]]) -> Crowd:
    most, count, shared_s, before_s = 0, 0, 0.0, 0.0
    for at_s, step in sorted(steps):  # at one instant the losses (-1) sort before the gains
        if count > 1:
            shared_s += at_s - before_s
        count += step
        most = max(most, count)
        before_s = at_s
    return Crowd(most, shared_s)


def holders_at(holdings: Iterable[Holding], vip: str, at_s: float) -> tuple[str, ...]:
    return tuple(sorted(held.node for held in holdings if held.vip == vip and held.start_s <= at_s < held.end_s))
