# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deadlines: times at which something is due, None when nothing is. The core's timers are this and no more."""

from __future__ import annotations

import heapq
from typing import Optional, Protocol

# Entries that hold no more, kept until they come to the top: a flood of priority 0 would make one each.
SUPERSEDED_MAX = 1000


def due(deadline: Optional[float], now: float) -> bool:
    return deadline is not None and deadline <= now


def earliest(*deadlines: Optional[float]) -> Optional[float]:
    first = None
    for at in deadlines:
        if at is not None and (first is None or at < first):
            first = at
    return first


class Owner(Protocol):
    """Whoever has deadlines; ``next`` is the earliest of them."""

    def next(self) -> Optional[float]: ...


class Agenda:
    """The earliest deadline of many owners.

    A heap that may be behind: a deadline that moved to later (a backup heard its master) is found out when its old time
    is at the top, so that the usual advert costs nothing here. One that moved to earlier must be told by ``update``.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Owner]] = []
        self._at: dict[Owner, float] = {}
        self._serial: dict[Owner, int] = {}
        self._joined = 0

    def update(self, owner: Owner) -> None:
        """Its deadlines may have changed."""
        at = owner.next()
        known = self._at.get(owner)
        if at is not None and (known is None or at < known):
            self._push(owner, at)

    def leave(self, owner: Owner) -> None:
        self._at.pop(owner, None)
        self._serial.pop(owner, None)

    def next(self) -> Optional[float]:
        """When something is due."""
        while self._heap:
            at, serial, owner = self._heap[0]
            if self._at.get(owner) != at:  # superseded, or gone
                heapq.heappop(self._heap)
                continue
            now_at = owner.next()
            if now_at == at:
                return at
            if now_at is None:
                heapq.heappop(self._heap)
                del self._at[owner]
            else:
                self._at[owner] = now_at
                heapq.heapreplace(self._heap, (now_at, serial, owner))
        return None

    def take_due(self, now: float) -> list[Owner]:
        """Whose deadlines have come, the earliest first; each must be told by ``update`` when it has acted."""
        owners = []
        while (at := self.next()) is not None and at <= now:
            _at, _serial, owner = heapq.heappop(self._heap)
            del self._at[owner]
            owners.append(owner)
        return owners

    def _push(self, owner: Owner, at: float) -> None:
        if len(self._heap) > SUPERSEDED_MAX + len(self._at):
            self._heap = [(due, self._serial[one], one) for one, due in self._at.items()]
            heapq.heapify(self._heap)
        if owner not in self._serial:
            self._joined += 1
            self._serial[owner] = self._joined
        self._at[owner] = at
        heapq.heappush(self._heap, (at, self._serial[owner], owner))
