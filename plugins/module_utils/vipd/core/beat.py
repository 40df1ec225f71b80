# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common beat of a node's masters: those with one interval advert in one turn, so that a node wakes once for all.

A master joins the beat of another by sending its second advert early, never late. Alone it keeps the time of the RFC.
"""

from __future__ import annotations

from typing import Optional, Protocol


class Drummer(Protocol):
    """A master; ``advert_due`` is when its next advert is."""

    @property
    def advert_due(self) -> Optional[float]: ...

    @property
    def advert_int_cs(self) -> int: ...


class Beat:
    """Of all masters of one node."""

    def __init__(self) -> None:
        self._masters: dict[int, dict[Drummer, None]] = {}

    def next(self, one: Drummer, now: float) -> float:
        """When ``one``, which has just sent, sends again: with another master, or in one interval."""
        interval_s = one.advert_int_cs / 100
        for other in self._masters.get(one.advert_int_cs, ()):
            at = other.advert_due
            if other is not one and at is not None and now < at <= now + interval_s:
                return at
        return now + interval_s

    def join(self, one: Drummer) -> None:
        self._masters.setdefault(one.advert_int_cs, {})[one] = None

    def leave(self, one: Drummer) -> None:
        for masters in self._masters.values():
            masters.pop(one, None)
