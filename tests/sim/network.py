# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Ethernet segment: the adverts' way between nodes, and what the switch and its clients believe.

Adverts are bytes from one node's encoder to the other's decoder. Weather (loss, delay, duplicates, damage) and
partitions touch adverts; loss touches gratuitous ARP and neighbour advertisements as well, which else go to the clients
at once. Of an announcement that is repeated one copy is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from vipd.wire.address import Address

from .packet import Packet, damaged
from .schedule import Schedule
from .trouble import Trouble

# No advert takes longer on a healthy segment, the receiver's wake-up included. HANDOVER_GAP_S is sized for this.
LAN_DELAY_S = 0.010
USUAL_DELAY_S = (0.0001, 0.002)

# What bad weather may hold an advert up; a later one then overtakes it.
LATE_S = 0.5


@dataclass(frozen=True)
class Weather:
    """Probabilities for each advert and receiver."""

    loss: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    damage: float = 0.0


CALM = Weather()


class Network:
    """``deliver(receiver, packet)`` puts a packet into a node's socket, if it has a link."""

    def __init__(
        self, schedule: Schedule, rng: Random, trouble: Trouble, deliver: Callable[[str, Packet], None]
    ) -> None:
        self.weather = CALM
        self.clients: dict[Address, str] = {}
        self.goodbye_lost: Callable[[str], None] = lambda _sender: None
        self.announcement_lost: Callable[[Address], None] = lambda _address: None
        self.carried = 0
        self._schedule, self._rng, self._trouble, self._deliver = schedule, rng, trouble, deliver
        self._cut: set[tuple[str, str]] = set()

    # Partitions

    def cut(self, sender: str, receiver: str) -> None:
        """One way; both ways are two cuts."""
        self._cut.add((sender, receiver))
        self._trouble.deaf(sender, receiver, self._schedule.now)

    def mend(self, sender: str, receiver: str) -> None:
        if (sender, receiver) in self._cut:
            self._cut.remove((sender, receiver))
            self._trouble.deaf(sender, receiver, self._schedule.now)

    def mend_all(self) -> None:
        for sender, receiver in sorted(self._cut):
            self.mend(sender, receiver)

    def hear_each_other(self, one: str, other: str) -> bool:
        return (one, other) not in self._cut and (other, one) not in self._cut

    # Adverts

    def send(self, sender: str, receiver: str, packet: Packet) -> None:
        self.carried += 1
        weather, rng = self.weather, self._rng
        if (sender, receiver) in self._cut or (weather.loss and rng.random() < weather.loss):
            self._lost(sender, receiver)
            return
        if weather.damage and rng.random() < weather.damage:
            packet = damaged(packet, rng)
            self._lost(sender, receiver)
        if weather.twice and rng.random() < weather.twice:
            self._schedule.after(self._delay_s(), self._deliver, receiver, packet)
        if weather.late and rng.random() < weather.late:
            self._trouble.deaf(sender, receiver, self._schedule.now)
            self._schedule.after(rng.uniform(LAN_DELAY_S, LATE_S), self._arrive_late, sender, receiver, packet)
        else:
            self._schedule.after(self._delay_s(), self._deliver, receiver, packet)

    def _delay_s(self) -> float:
        """Mostly a millisecond; sometimes all that a healthy segment may take."""
        chance = self._rng.random()
        if chance < 0.02:
            return LAN_DELAY_S
        low, high = USUAL_DELAY_S
        return low + chance * (high - low)

    def _arrive_late(self, sender: str, receiver: str, packet: Packet) -> None:
        self._trouble.deaf(sender, receiver, self._schedule.now)
        self._deliver(receiver, packet)

    def _lost(self, sender: str, receiver: str) -> None:
        self._trouble.deaf(sender, receiver, self._schedule.now)
        self.goodbye_lost(sender)

    # Clients

    def announce(self, sender: str, address: Address, repeat: int) -> None:
        if self.weather.loss and self._rng.random() < self.weather.loss**repeat:
            self.announcement_lost(address)
        else:
            self.clients[address] = sender

    def found(self, holder: str, address: Address) -> None:
        """A client without a neighbour entry asks until somebody has the address."""
        self.clients.setdefault(address, holder)
