# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is better, and how long to wait: what an instance knows of the others that want its addresses.

Compares and computes; what follows from it is in ``instance.py``. Sources: RFC 3768 and RFC 9568, section 6.4;
keepalived.conf(5), nopreempt and preempt_delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Optional

from ..config.model import OWNER_PRIORITY, Address
from .advert import RELEASE
from .settings import Settings
from .timers import SKEW_UNIT_V2_S, master_down_s, skew_s
from .yielding import OFFER_PRIORITY, Yielding

# The source of an advert before the interface has an address: nothing is sent then.
NOWHERE: dict[int, Address] = {4: IPv4Address(0), 6: IPv6Address(0)}

# What twelve bits can say. The codec gives no other; a simulator or a replay might.
INTERVAL_CS = range(1, 4096)


@dataclass
class Peer:
    """The last sender of an advert of one kind, when it was heard, and how often it says it sends."""

    address: Address
    priority: int
    heard_at: float
    interval_cs: int = 100


class Election:
    """One instance's view: its own standing, the master it obeys, and a rival that it does not."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.weighed_priority = settings.priority
        self.yielding = Yielding()
        self.address = NOWHERE[settings.family]
        self.interval_cs = settings.advert_int_cs
        self.master: Optional[Peer] = None
        self.rival: Optional[Peer] = None
        self.contested_s = 0.0  # for how long, in all, this master has heard another one
        self._preempt_at: Optional[float] = None

    @property
    def priority(self) -> int:
        """What tracking makes of it, unless the addresses are on offer."""
        return OFFER_PRIORITY if self.yielding.is_offering else self.weighed_priority

    # How long

    @property
    def skew_s(self) -> float:
        return skew_s(self.priority, self._skew_unit_s)

    @property
    def master_down_s(self) -> float:
        return master_down_s(self.priority, self.interval_cs / 100, self._skew_unit_s, self.settings.down_timer_adverts)

    def master_down_of_s(self, priority: int) -> float:
        """How long another node with this priority waits for our adverts."""
        unit_s = self.settings.advert_int_s if self.settings.version == 3 else SKEW_UNIT_V2_S
        return master_down_s(priority, self.settings.advert_int_s, unit_s, self.settings.down_timer_adverts)

    @property
    def _skew_unit_s(self) -> float:
        return self.interval_cs / 100 if self.settings.version == 3 else SKEW_UNIT_V2_S

    # Who

    def beats_us(self, peer: Peer) -> bool:
        """Higher priority wins; on a tie the higher address (section 6.4.3). So the lower of two owners yields."""
        return (peer.priority, peer.address) > (self.priority, self.address)

    def may_preempt(self, now: float) -> bool:
        """Whether an advert of lower priority, heard now, is none that we obey. The first one starts the delay."""
        if self.priority == OWNER_PRIORITY:
            return True
        if self.settings.nopreempt or self.yielding.leaves_alone(now):
            return False
        if self._preempt_at is None:
            self._preempt_at = now + self.settings.preempt_delay_s
        return now >= self._preempt_at

    def stands_back_s(self, now: float) -> float:
        """How much longer a master of lower priority is left alone; 0 when nothing has begun to count."""
        return 0.0 if self._preempt_at is None else max(0.0, self._preempt_at - now)

    def stand_back(self, until: float) -> None:
        """Preempt nobody before that."""
        self._preempt_at = until

    def replaces_living_master(self, now: float) -> bool:
        return self.rival is not None and now - self.rival.heard_at < self.master_down_s

    def obeys(self, now: float) -> bool:
        """Whether another node is master, and lives."""
        master = self.master
        return master is not None and master.priority != RELEASE and now - master.heard_at < self.master_down_s

    # What was heard

    def obey(self, peer: Peer) -> None:
        """Its adverts count from now on, and in version 3 its interval (RFC 9568 section 6.4.2)."""
        self.master = peer
        if self.settings.version == 3:
            self.interval_cs = min(max(peer.interval_cs, INTERVAL_CS.start), INTERVAL_CS.stop - 1)
        if peer.priority >= self.priority:
            self._preempt_at = None

    def contested_by(self, peer: Peer, since: float) -> None:
        """A second master, which must give way; we have been one ``since`` then. Its adverts are that one conflict."""
        if self.rival is not None and peer.heard_at - self.rival.heard_at < self.master_down_s:
            self.contested_s += peer.heard_at - max(self.rival.heard_at, since)
        self.rival = peer

    def released_by(self, peer: Peer) -> None:
        """It has let go: nobody is left to wait for."""
        self.master = peer
        self._preempt_at = None
        if self.rival is not None and self.rival.address == peer.address:
            self.rival = None

    def won(self) -> None:
        """Master: what it left to others, and a delay before it preempts, are over."""
        self.yielding.end()
        self._preempt_at = None

    def forget(self) -> None:
        """Nobody is known any more; our own interval holds until a master says another."""
        self.master = self.rival = self._preempt_at = None
        self.interval_cs = self.settings.advert_int_cs

    def reconfigure(self, settings: Settings) -> None:
        before, self.settings = self.settings, settings
        if settings.version == 2 or before.version == 2 or self.master is None:
            self.interval_cs = settings.advert_int_cs
