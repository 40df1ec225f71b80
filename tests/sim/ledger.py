# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checkers share: the state of every instance as the nodes told it, the bounds, and how a breach is raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from vipd.core.timers import HANDOVER_GAP_S

from .network import LAN_DELAY_S
from .oracle import View

if TYPE_CHECKING:
    from .node import Node
    from .world import World

# Clocks of nodes differ by at most this.
CLOCK_ERROR = 0.0002

# Rounding of numbers, not of protocol.
EPSILON_S = 1e-6


class ViolationError(AssertionError):
    """A checker found its rule broken."""

    def __init__(self, checker: str, text: str) -> None:
        super().__init__(f"{checker}: {text}")
        self.checker = checker


@dataclass
class Standing:
    """One instance of one node; ``since`` is the world's time.

    ``is_joining``: a reload has added it to a running daemon, and it has not been of one mind with its group since.
    """

    state: str = "INIT"
    since: float = 0.0
    notified: str | None = None
    is_joining: bool = False
    holds: bool = False  # it has added its addresses since it became MASTER


@dataclass(frozen=True)
class Goodbye:
    """Priority 0 that a backup obeys: whose, and whether another master was heard within a network delay before it."""

    sender: str
    overtaken: bool


class Ledger:
    def __init__(self, world: World) -> None:
        self.world = world
        self.standings: dict[str, dict[int, Standing]] = {}
        self.group_told: dict[str, str] = {}
        self.gave_way: tuple[str, float] | None = None  # the node whose master yielded last, and when
        self.views: dict[str, View] = {}
        self.goodbyes: dict[tuple[str, int], Goodbye] = {}
        self.stands_back_s: Callable[[Node, int], float] = lambda _node, _vrid: 0.0
        self.stretch = 1 + 2 * CLOCK_ERROR
        interval_s = world.site.interval_s
        # A master is heard again within this, once the way is free.
        self.hearing_s = interval_s * self.stretch + 2 * LAN_DELAY_S
        # What the skew is a fraction of.
        self.skew_unit_s = 1.0 if world.site.speech.version == 2 else interval_s
        # The longest Master_Down, that of priority 1, and the loser's yielding.
        self.election_s = (3 * interval_s + self.skew_unit_s) * self.stretch + 2 * LAN_DELAY_S
        self.gap_s = HANDOVER_GAP_S * self.stretch + EPSILON_S

    def standing(self, node: str, vrid: int) -> Standing:
        return self.standings[node][vrid]

    def masters(self, vrid: int) -> list[str]:
        return [name for name, own in self.standings.items() if vrid in own and own[vrid].state == "MASTER"]

    def follows(self, node: str, vrid: int) -> bool:
        """A member of its sync group has just given way, so it must."""
        in_group = vrid in self.views[node].instances and len(self.views[node].company(vrid)) > 1
        return in_group and self.gave_way == (node, self.world.schedule.now)

    def cause_in(self, seconds: float) -> None:
        """A delay of a node's clock that ends is a cause; an endless one is none."""
        schedule, trouble = self.world.schedule, self.world.trouble
        if seconds < inf:
            schedule.after(seconds * self.stretch, lambda: trouble.caused(schedule.now))

    def connected(self, one: str, other: str) -> bool:
        """Both run, are not stalled, have a link, and nothing is cut between them in either direction."""
        nodes = self.world.nodes
        return nodes[one].able and nodes[other].able and self.world.network.hear_each_other(one, other)

    def deaf_lately(self, one: str, other: str) -> bool:
        """Within the last interval they did not hear each other as they should."""
        if not self.world.network.hear_each_other(one, other):
            return True
        return self.world.schedule.now - self.world.trouble.deaf_at(one, other) <= self.hearing_s


def vrid_of(instance: str) -> int:
    """``VI_51`` and, renamed, ``VI_51_1``."""
    return int(instance.split("_")[1])
