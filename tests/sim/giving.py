# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node gives away, as it was told: because an operator asks for it, or because its kernel refuses an address.

A master offers its addresses with priority 1, until somebody takes them or the offer was in vain; what it has given it
leaves to others for a while. This is worked out from what a node is told and what state it is in; the core is not
asked. Times are those of the node's clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

OFFER_PRIORITY = 1


@dataclass(frozen=True)
class Offer:
    """Made in vain at ``until``; when it is taken, others are left alone for ``back_off_s``."""

    until: float
    back_off_s: float


@dataclass
class Giving:
    """By VRID."""

    offers: dict[int, Offer] = field(default_factory=dict)
    left_alone_until: dict[int, float] = field(default_factory=dict)

    def leaves_alone(self, vrid: int, now: float) -> bool:
        return now < self.left_alone_until.get(vrid, -inf)

    def offer(self, vrid: int, until: float, back_off_s: float) -> None:
        self.offers[vrid] = Offer(until, back_off_s)

    def back_off(self, vrid: int, until: float) -> None:
        self.offers.pop(vrid, None)
        self.left_alone_until[vrid] = until

    def given(self, vrid: int, now: float) -> None:
        """What it offered: it is master no longer."""
        self.back_off(vrid, now + self.offers[vrid].back_off_s)

    def end(self, vrids: Iterable[int]) -> None:
        for vrid in vrids:
            self.offers.pop(vrid, None)
            self.left_alone_until.pop(vrid, None)

    def elapse(self, now: float) -> bool:
        """Whether an offer turns out to have been made in vain."""
        in_vain = [vrid for vrid, offer in self.offers.items() if offer.until <= now]
        self.end(in_vain)
        return bool(in_vain)
