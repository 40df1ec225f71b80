# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A million packets that must not count, into a master and a backup: no state changes, and nothing grows.

Half of them are adverts with one thing wrong that only the core can see (``strangers.py``), half are harmed octets
through the codec (``packets.py``), each with the few that would rightly count left out. Goodbyes and priority 255 are
among them: one that counted would end a mastership or start an election at once. Time stands still meanwhile, so that
whatever changes was changed by a packet. ``FUZZ_PACKETS`` and ``FUZZ_SEED`` are those of ``test_wire.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

from vipd.config.model import Config
from vipd.core.effects import Log
from vipd.core.events import AdvertReceived, ConfigLoaded, DeadlineReached, Event, LinkChanged, PacketRejected
from vipd.core.receive import Refusal, Remark
from vipd.core.router import Router
from vipd.core.settings import Settings
from vipd.wire.errors import Reason, WireError

from tests.fuzz.packets import Packet, packets
from tests.fuzz.strangers import INSTANCES, INTERFACE, OWN, OWN6, VRIDS, strangers
from tests.fuzz.test_wire import MEMORY_KB, PACKETS, SEED, WARM_UP, resident_kb

LOOKED_AT_EVERY = 1000
EVERY_LABEL = len(Refusal) + len(Remark) + len(Reason)
OWN_COUNTERS = 8  # adverts sent and received, became master ...
COUNTING = ("counters", "stats")
LEFT_OUT_AT_MOST = 0.01


class Node:
    """All instances in one state, in the middle of an interval."""

    def __init__(self, seconds: float) -> None:
        self.router = Router()
        self.now = 0.0
        self.lines_told = 0
        self._do(LinkChanged(INTERFACE, True, OWN, OWN6, frozenset({OWN, OWN6})))
        self._do(ConfigLoaded(Config(instances=INSTANCES)))
        while (due := self.router.next_deadline()) is not None and due <= seconds:
            self.now = due
            self._do(DeadlineReached())
        self.now = seconds
        self.due = self.router.next_deadline()
        self.state = self._snapshot()

    def hear(self, event: Event) -> None:
        effects = self.router.handle(event, self.now)
        told = [effect for effect in effects if isinstance(effect, Log)]
        assert told == effects, f"FUZZ_SEED={SEED}: {event} makes {self.router.states()} do {effects}"
        assert self.router.next_deadline() == self.due, f"FUZZ_SEED={SEED}: {event} moves a deadline"
        self.lines_told += len(told)

    def look(self) -> None:
        assert self._snapshot() == self.state, f"FUZZ_SEED={SEED}"

    def counter_keys(self) -> int:
        snapshot = self.router.snapshot(self.now)
        return len(snapshot["rejected"]) + sum(len(one["counters"]) for one in snapshot["instances"])

    def _do(self, event: Event) -> None:
        self.router.handle(event, self.now)

    def _snapshot(self) -> list[dict[str, Any]]:
        instances = self.router.snapshot(self.now)["instances"]
        return [{key: value for key, value in one.items() if key not in COUNTING} for one in instances]


def test_nobody_moves_a_master_or_a_backup_without_the_right_to() -> None:
    print(f"FUZZ_SEED={SEED} FUZZ_PACKETS={PACKETS}")
    backup, master = Node(2.25), Node(10.25)
    assert {one["state"] for one in backup.state} == {"BACKUP"}
    assert {one["state"] for one in master.state} == {"MASTER"}
    chance = Random(SEED)
    seen: Counter[str] = Counter()
    source = events(chance, [one.settings for one in master.router.instances.values()], seen)
    assail((backup, master), islice(source, WARM_UP))
    before_kb = resident_kb()
    assail((backup, master), islice(source, PACKETS - WARM_UP))
    grown_kb = resident_kb() - before_kb
    print(f"{grown_kb} kB more; {backup.counter_keys()} counters; {dict(seen)}")
    assert grown_kb < MEMORY_KB
    assert seen["left out"] < LEFT_OUT_AT_MOST * PACKETS
    for node in (backup, master):
        assert node.counter_keys() <= (len(INSTANCES) + 1) * (EVERY_LABEL + OWN_COUNTERS)
        assert node.lines_told <= len(INSTANCES) * EVERY_LABEL, "the same complaint is told once in a while"


def assail(nodes: tuple[Node, ...], heard: Iterator[Event]) -> None:
    for number, event in enumerate(heard):
        for node in nodes:
            node.hear(event)
            if number % LOOKED_AT_EVERY == 0:
                node.look()
    for node in nodes:
        node.look()


def events(chance: Random, instances: list[Settings], seen: Counter[str]) -> Iterator[Event]:
    for harmed, stranger in zip(packets(chance), strangers(chance, instances), strict=True):
        if chance.randrange(2):
            seen[stranger.fault] += 1
            yield AdvertReceived(INTERFACE, stranger.received)
        else:
            event = decoded(harmed)
            if isinstance(event, AdvertReceived) and event.received.advert.vrid in VRIDS:
                seen["left out"] += 1
                continue
            seen["read" if isinstance(event, AdvertReceived) else "refused"] += 1
            yield event


def decoded(packet: Packet) -> Event:
    try:
        return AdvertReceived(INTERFACE, packet.decode())
    except WireError as error:
        return PacketRejected(INTERFACE, error.reason.value)
