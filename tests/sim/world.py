# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair (or up to five) for as long as one likes: rounds of faults, then of healing, all drawn from one seed.

Safety: faults strike at random, and the checkers that need no convergence watch. Liveness: everything is healed, and
within 3 x interval + skew every VIP has one holder, the right one, which every client reaches; then nothing moves.
A breach ends the run with the seed and the last events. Look next at ``checkers.py`` for what must hold.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

from vipd.wire.address import Address

from . import site
from .checkers import Checkers
from .faults import Faults
from .ledger import CLOCK_ERROR, ViolationError
from .network import LATE_S, Network
from .node import Node
from .schedule import Schedule
from .site import PRIMARY
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
        self.site = site.draw(self.rng)
        self.network = Network(self.schedule, self.rng, self.trouble, self._deliver)
        self.network.goodbye_lost = self._goodbye_lost
        self.checkers = Checkers(self, self.site.interval_s)
        self.nodes = {name: self._node(name, number) for number, name in enumerate(self.site.names)}
        self.faults = Faults(self)
        self.name_of: dict[Address, str] = {node.address: name for name, node in self.nodes.items()}
        self._others = list(self.nodes)

    def _node(self, name: str, number: int) -> Node:
        rate = 1 + self.rng.uniform(-CLOCK_ERROR, CLOCK_ERROR)
        return Node(self, name, IPv4Address(f"10.0.0.{5 + number}"), rate, booted_s=self.rng.uniform(10, 1e6))

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
        for vrid in sorted(self.site.vrids, key=self.checkers.converges.limit_s):
            self.schedule.run_until(healed_at + self.checkers.converges.limit_s(vrid))
            self.checkers.converged(vrid)
        for _turn in range(CALM_INTERVALS):
            self.schedule.run_until(self.schedule.now + self.checkers.ledger.hearing_s)
            for vrid in self.site.vrids:
                self.checkers.calm(vrid)

    # Between nodes

    def multicast(self, node: Node, packet: bytes) -> None:
        self.network.multicast(node.name, self._others, packet)

    def _deliver(self, receiver: str, packet: bytes) -> None:
        node = self.nodes[receiver]
        if node.running and node.links_up[PRIMARY]:
            node.receive(packet)

    def overflowed(self, node: Node) -> None:
        self.deaf(node)

    def deaf(self, node: Node) -> None:
        for other in self._others:
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

    # For people

    def _report(self, error: Exception) -> str:
        what = str(error) if isinstance(error, ViolationError) else f"{type(error).__name__}: {error}"
        at = f"at {self.schedule.now:.4f} s of seed {self.seed}: {self.site.describe()}"
        again = f"again: SIM_SEED={self.seed} .venv/bin/python -m pytest tests/sim -k seed"
        return f"{what}\n{at}\n{again}\n\n{self.transcript.text()}"
