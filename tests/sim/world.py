# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair (or up to five) for as long as one likes: rounds of faults, then of healing, all drawn from one seed.

Safety: faults strike at random, and the checkers that need no convergence watch. Liveness: everything is healed, and
within 3 x interval + skew every VIP has one holder, the right one, which every client reaches; then nothing moves.
A breach ends the run with the seed and the last events. Look next at ``checkers.py`` for what must hold.
"""

from __future__ import annotations

from random import Random

from vipd.wire.address import Address

from .checkers import Checkers
from .drawing import draw
from .faults import Faults
from .ledger import CLOCK_ERROR, ViolationError
from .network import LATE_S, Network
from .node import Node
from .packet import Packet
from .schedule import Schedule
from .segment import PRIMARY
from .transcript import Transcript
from .trouble import Trouble

# One round's safety phase.
RAGE_INTERVALS = 120

# After healing, the last late advert arrives and the worker tells its last news.
SETTLE_S = LATE_S + 0.1

# How long a converged pair is watched.
CALM_INTERVALS = 3


class BreachError(AssertionError):
    """``checker`` is the name of the rule that was broken, or ``exception`` when the core raised one."""

    def __init__(self, checker: str, text: str) -> None:
        super().__init__(text)
        self.checker = checker


class World:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.schedule = Schedule()
        self.trouble = Trouble()
        self.transcript = Transcript()
        self.site = draw(self.rng)
        self.network = Network(self.schedule, self.rng, self.trouble, self._deliver)
        self.network.goodbye_lost = self._goodbye_lost
        self.network.announcement_lost = self._announcement_lost
        self.checkers = Checkers(self)
        self.name_of: dict[Address, str] = {}
        self.nodes = {name: self._node(name) for name in self.site.names}
        self.faults = Faults(self)

    def _node(self, name: str) -> Node:
        rate, number = 1 + self.rng.uniform(-CLOCK_ERROR, CLOCK_ERROR), self.site.number(name)
        self.name_of[self.site.speech.source(number)] = name
        return Node(self, name, number, rate, booted_s=self.rng.uniform(10, 1e6))

    def run(self, rounds: int) -> None:
        try:
            self.start()
            for _round in range(rounds):
                self._rage()
                self._converge()
        except Exception as error:
            checker = error.checker if isinstance(error, ViolationError) else "exception"
            raise BreachError(checker, self._report(error)) from error

    def start(self) -> None:
        """Together or one after the other, within one interval."""
        for node in self.nodes.values():
            self.checkers.started(node)
            self.checkers.gone(node)
            self.schedule.at(self.rng.choice((0.0, self.rng.random() * self.site.interval_s)), node.start)

    def _rage(self) -> None:
        end = self.schedule.now + RAGE_INTERVALS * self.site.interval_s
        self.faults.rage_until(end)
        self.schedule.run_until(end)

    def _converge(self) -> None:
        self.faults.heal()
        self.schedule.run_until(self.schedule.now + SETTLE_S)
        self.trouble.caused(self.schedule.now)
        healed_at = self.schedule.now
        limits_s = {vrid: self.checkers.converges.limit_s(vrid) for vrid in self.site.present}
        for vrid, limit_s in sorted(limits_s.items(), key=lambda item: item[1]):
            self.schedule.run_until(healed_at + limit_s)
            self.checkers.converged(vrid)
        for _turn in range(CALM_INTERVALS):
            self.schedule.run_until(self.schedule.now + self.checkers.ledger.hearing_s)
            for vrid in limits_s:
                self.checkers.calm(vrid)

    # Between nodes

    def send(self, node: Node, packets: list[Packet]) -> None:
        """To everybody in the group, or to the node that has the address."""
        for packet in packets:
            for other in self._receivers(node.name, packet.destination):
                self.network.send(node.name, other, packet)

    def _receivers(self, sender: str, destination: Address) -> list[str]:
        if destination.is_multicast:
            return [name for name in self.nodes if name != sender]
        return [self.name_of[destination]] if destination in self.name_of else []

    def _deliver(self, receiver: str, packet: Packet) -> None:
        node = self.nodes[receiver]
        if node.running and node.links_up[PRIMARY]:
            node.receive(packet)

    def overflowed(self, node: Node) -> None:
        self.deaf(node)

    def deaf(self, node: Node) -> None:
        for other in self.nodes:
            if other != node.name:
                self.trouble.deaf(node.name, other, self.schedule.now)

    # Clients

    def answer(self, node: Node) -> None:
        """Clients that know nobody ask all the time; whoever has the address and a link answers."""
        if node.links_up[PRIMARY]:
            for address in node.kernel:
                self.network.found(node.name, address)

    def ask_anew(self, node: Node) -> None:
        """Clients that knew this node find out in time that it does not answer; then anybody who has the VIP may."""
        reachable = node.kernel if node.links_up[PRIMARY] else set()
        for address, known in list(self.network.clients.items()):
            if known == node.name and address not in reachable:
                del self.network.clients[address]
        for other in self.nodes.values():
            self.answer(other)

    def _goodbye_lost(self, sender: str) -> None:
        self.ask_anew(self.nodes[sender])

    def _announcement_lost(self, address: Address) -> None:
        if known := self.network.clients.get(address):
            self.ask_anew(self.nodes[known])

    # For people

    def _report(self, error: Exception) -> str:
        what = str(error) if isinstance(error, ViolationError) else f"{type(error).__name__}: {error}"
        at = f"at {self.schedule.now:.4f} s of seed {self.seed}: {self.site.describe()}"
        again = f"again: SIM_SEED={self.seed} .venv/bin/python -m pytest tests/sim -k seed"
        return f"{what}\n{at}\n{again}\n\n{self.transcript.text()}"
