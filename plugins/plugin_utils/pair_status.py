# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the nodes of a pair say of themselves, put side by side: who holds which VIP, who was what and when. Pure.

Takes the answers of ``vipctl status --format json``. ``status_page.py`` draws what is made here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

Answer = dict[str, Any]  # a node's status; {"error": sentence} where there is none

# Two masters for less than this are a handover, and two clocks.
CLASH_MIN_S = 1.0


def answer(registered: Mapping[str, Any]) -> Answer:
    """Of the task that ran ``vipctl status --format json`` on a node."""
    if registered.get("rc") == 0:
        status: Answer = json.loads(registered["stdout"])
        return status
    said = registered.get("stderr") or registered.get("msg") or "no reason is known"
    return {"error": " ".join(str(said).split())}


@dataclass(frozen=True)
class Transition:
    at: float  # Unix time, in seconds
    node: str
    instance: str
    before: str
    after: str
    priority: int
    reason: str


@dataclass(frozen=True)
class Stay:
    """``node`` was in ``state`` from ``start_s`` until ``end_s``, Unix time."""

    node: str
    instance: str
    state: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Clash:
    """Both ``nodes`` were MASTER of the instance, as far as their clocks agree."""

    nodes: tuple[str, str]
    instance: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Vip:
    address: str
    instance: str
    vrid: int
    holders: tuple[str, ...]


@dataclass(frozen=True)
class PairStatus:
    """``at`` is when it was asked for, Unix time."""

    at: float
    nodes: Mapping[str, Answer]

    @property
    def answering(self) -> dict[str, Answer]:
        return {name: answer for name, answer in self.nodes.items() if "error" not in answer}

    @property
    def vips(self) -> list[Vip]:
        """In the order in which the nodes name them; one VIP of two instances is two."""
        known: dict[tuple[str, int, str], list[str]] = {}
        for node, answer in self.answering.items():
            for one in answer["instances"]:
                for address in one["vips"]:
                    holders = known.setdefault((address, one["vrid"], one["name"]), [])
                    holders += [node] if one["holds_vips"] and address not in one.get("refused_vips", ()) else []
        return [Vip(address, name, vrid, tuple(holders)) for (address, vrid, name), holders in known.items()]

    @property
    def faults(self) -> list[str]:
        """What is not as it should be, in sentences."""
        return [*self._silent(), *self._wrong_holders(), *self._ruled_out()]

    @property
    def instances(self) -> list[str]:
        names = [one["name"] for answer in self.answering.values() for one in answer["instances"]]
        return list(dict.fromkeys(names))

    @property
    def transitions(self) -> list[Transition]:
        """The newest first."""
        found = [
            Transition(
                node=node, **{name: one[name] for name in ("at", "instance", "before", "after", "priority", "reason")}
            )
            for node, answer in self.answering.items()
            for one in answer["history"]
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def stays(self, since_s: float) -> list[Stay]:
        """Who was what from ``since_s`` on. Before the first transition that a node remembers nothing is known."""
        return [
            stay
            for node in self.answering
            for instance in self.instances
            for stay in self._stays(node, instance)
            if stay.end_s > since_s
        ]

    def _stays(self, node: str, instance: str) -> Iterator[Stay]:
        mine = [one for one in reversed(self.transitions) if (one.node, one.instance) == (node, instance)]
        for one, following in pairwise(mine):
            yield Stay(node, instance, one.after, one.at, following.at)
        if mine:
            yield Stay(node, instance, mine[-1].after, mine[-1].at, self.at)

    def _silent(self) -> Iterator[str]:
        for node, answer in self.nodes.items():
            if "error" in answer:
                yield f"{node} does not answer: {answer['error']}"

    def _wrong_holders(self) -> Iterator[str]:
        for vip in self.vips:
            if len(vip.holders) > 1:
                yield f"{vip.address} is held by {' and '.join(vip.holders)}"
            elif not vip.holders:
                yield f"{vip.address} is held by no node that answers"

    def _ruled_out(self) -> Iterator[str]:
        for node, answer in self.answering.items():
            for one in answer["instances"]:
                if one["state"] == "FAULT":
                    yield f"{one['name']} on {node} is in FAULT: {'; '.join(one['faults'])}"
            if answer["maintenance"]:
                yield f"{node} is in maintenance"


def clashes(stays: Iterable[Stay]) -> list[Clash]:
    """When there were two masters."""
    masterships = [stay for stay in stays if stay.state == "MASTER"]
    return [
        Clash((one.node, two.node), one.instance, start_s, end_s)
        for one, two in combinations(masterships, 2)
        if one.instance == two.instance and one.node != two.node
        for start_s, end_s in [(max(one.start_s, two.start_s), min(one.end_s, two.end_s))]
        if end_s - start_s >= CLASH_MIN_S
    ]
