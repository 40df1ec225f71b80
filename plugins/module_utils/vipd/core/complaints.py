# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people are told of other nodes' adverts: once in a while, however many there are. All of them are counted.

What is wrong with an advert is found in ``receive.py``.
"""

from __future__ import annotations

from ..wire.vrrp import Checksum, ReceivedAdvert
from .effects import Effect, Log
from .instance import Instance
from .receive import TOLD_ONCE, Refusal, Remark, remarks

# A repeated complaint about packets is told once in this time.
WARNING_INTERVAL_S = 60.0


class Complaints:
    """Of one node, about whoever sends it adverts."""

    def __init__(self) -> None:
        self._told_at: dict[tuple[Instance, str], float] = {}

    def start_anew(self) -> None:
        """After a reload: what is wrong may be wrong in another way."""
        self._told_at = {}

    def refused(self, one: Instance, refusal: Refusal, received: ReceivedAdvert, now: float) -> list[Effect]:
        one.counters[refusal.value] += 1
        if refusal is Refusal.NOT_LISTENING:
            return []  # nothing is wrong with the advert
        return self._tell(one, refusal.value, received, now)

    def accepted(self, one: Instance, received: ReceivedAdvert, same_master: bool, now: float) -> list[Effect]:
        """It counted, and may be strange all the same; one that is not needs no second look."""
        found = list(remarks(one.settings, received, one.voice.checksum, same_master))
        if not found:
            one.expect_again(received)
        effects: list[Effect] = []
        for remark in found:
            one.counters[remark.value] += 1
            effects += self._tell(one, remark.value, received, now, once=remark in TOLD_ONCE)
        if Remark.PSEUDO_HEADER_GROUP in found and one.settings.adapts_checksum:
            one.voice.adapt(Checksum.PSEUDO_HEADER_GROUP)
        return effects

    def _tell(
        self, one: Instance, label: str, received: ReceivedAdvert, now: float, once: bool = False
    ) -> list[Effect]:
        told_at = self._told_at.get((one, label))
        if told_at is not None and (once or now - told_at < WARNING_INTERVAL_S):
            return []
        self._told_at[one, label] = now
        where = f"on {one.settings.interface}, " if one.settings.interface else ""
        heard = f"{label} in an advert from {received.source} {where}VRID {one.settings.vrid}"
        return [Log("warning", f"({one.settings.name}) {heard}")]
