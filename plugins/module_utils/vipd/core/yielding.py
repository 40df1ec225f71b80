# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This node is to give its addresses away, and not to take them back at once: an operator says so, or it cannot have
one of them.

First they are offered: adverts say the lowest priority that a living master has, so that whoever may preempt does,
and the addresses change hands as in any preemption. Nobody is without them meanwhile, and when nobody wants them
nothing has happened. What was given away is left to its new master until ``until``; a master that dies is replaced all
the same. ``instance.py`` acts on it, ``election.py`` asks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Optional

OFFER_PRIORITY = 1

AN_OPERATOR_ASKED = "an operator asked it to yield"


@dataclass
class Yielding:
    """``until`` is infinite for: until told; ``offered_until`` for: until somebody takes them.

    ``back_off_s`` begins when the addresses have gone.
    """

    offered_until: Optional[float] = None
    until: Optional[float] = None
    back_off_s: float = 0.0
    why: str = AN_OPERATOR_ASKED

    def offer(self, until: float, back_off_s: float, why: str) -> None:
        self.offered_until, self.back_off_s, self.why = until, back_off_s, why

    def given(self, now: float) -> None:
        """This node is master no longer: what was offered has been given."""
        if self.offered_until is not None:
            self.back_off(now, self.back_off_s, self.why)

    def back_off(self, now: float, seconds: float, why: str) -> None:
        self.offered_until, self.until, self.why = None, now + seconds, why

    def end(self) -> None:
        self.offered_until = self.until = None

    @property
    def is_offering(self) -> bool:
        return self.offered_until is not None

    @property
    def ends_at(self) -> Optional[float]:
        """When an offer was made in vain."""
        return self.offered_until if self.offered_until is not None and isfinite(self.offered_until) else None

    def leaves_alone(self, now: float) -> bool:
        """A master of lower priority is not preempted."""
        return self.until is not None and now < self.until
