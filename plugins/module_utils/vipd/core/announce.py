# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a master's addresses are announced: at once, again after a delay, to a loser that was heard, for ever.

Gratuitous ARP and unsolicited neighbour advertisements alike. Timers only; how fast they may leave an interface is in
``pacing.py``, what bytes they are in ``wire/``. Source: keepalived.conf(5), garp_*.
"""

from __future__ import annotations

from typing import Optional

from ..config.model import VirtualAddress
from .deadline import due, earliest
from .effects import AnnounceAddresses, Effect
from .settings import Settings


class Announcer:
    """The announcements of one instance, from :meth:`taken` to :meth:`cancel`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.answered_at: Optional[float] = None
        self._again: Optional[float] = None
        self._again_repeat = 0
        self._answer: Optional[float] = None
        self._refresh: Optional[float] = None
        self._extra: Optional[float] = None
        self.at: Optional[float] = None  # when something is due

    def _armed(self) -> None:
        self.at = earliest(self._again, self._answer, self._refresh, self._extra)

    def taken(self, now: float) -> list[Effect]:
        """The addresses are there: the first set, and the timers of all others."""
        garp = self.settings.garp
        self._again_repeat = garp.master_repeat
        self._again = now + garp.master_delay_s if garp.master_delay_s else None
        self._refresh = now + garp.master_refresh_s if garp.master_refresh_s else None
        self._extra = now + garp.extra_if_s if garp.extra_if_s else None
        self._armed()
        return self.announce(self.settings.vips, garp.master_repeat)

    def cancel(self) -> None:
        self._again = self._answer = self._refresh = self._extra = self.at = None

    def reconfigure(self, settings: Settings, now: float, holding: bool) -> None:
        """A reload. What is repeated for as long as the addresses are there begins anew when its interval changed."""
        before, self.settings, garp = self.settings.garp, settings, settings.garp
        if not holding:
            return
        if before.master_refresh_s != garp.master_refresh_s:
            self._refresh = now + garp.master_refresh_s if garp.master_refresh_s else None
        if before.extra_if_s != garp.extra_if_s:
            self._extra = now + garp.extra_if_s if garp.extra_if_s else None
        self._armed()

    def added(self, vips: tuple[VirtualAddress, ...]) -> list[Effect]:
        """More addresses came, or one came back."""
        return self.announce(vips, self.settings.garp.master_repeat)

    def answer_loser(self, now: float) -> Optional[list[Effect]]:
        """A second master was heard that must give way; None when the answer comes later.

        Such announcements are held to one set an interval, whatever the other side sends. One that would come too soon
        is made up for when the interval is over: the other side may have announced itself after our last one.
        """
        interval_s, garp = self.settings.advert_int_s, self.settings.garp
        if self.answered_at is not None and now - self.answered_at < interval_s:
            self._answer = self.answered_at + interval_s
            self._armed()
            return None
        self.answered_at = now
        self._again_repeat = garp.lower_prio_repeat
        self._again = now + garp.lower_prio_delay_s if garp.lower_prio_delay_s else None
        self._armed()
        return self.announce(self.settings.vips, garp.lower_prio_repeat)

    def deadline_reached(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        garp, vips = self.settings.garp, self.settings.vips
        if due(self._again, now):
            self._again = None
            effects += self.announce(vips, self._again_repeat)
        if due(self._answer, now):
            self._answer, self.answered_at = None, now
            effects += self.announce(vips, garp.lower_prio_repeat)
        if due(self._refresh, now):
            self._refresh = now + garp.master_refresh_s
            effects += self.announce(vips, garp.master_refresh_repeat)
        if due(self._extra, now):
            self._extra = now + garp.extra_if_s
            effects += self.announce(tuple(vip for vip in vips if self._is_elsewhere(vip)), 1)
        self._armed()
        return effects

    def announce(self, vips: tuple[VirtualAddress, ...], repeat: int) -> list[Effect]:
        if not repeat or not vips:
            return []
        return [AnnounceAddresses(self.settings.address_interface, vips, repeat)]

    def _is_elsewhere(self, vip: VirtualAddress) -> bool:
        """On an interface where no advert refreshes what the switches know: a VMAC interface, or any."""
        settings = self.settings
        counts = settings.garp.extra_if_all or (vip.dev is None and settings.address_interface != settings.interface)
        return counts and (vip.dev or settings.address_interface) != settings.transmit_interface
