# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What another program takes off a master: put back, but not for ever."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable

from vipd.config.model import Route
from vipd.core.events import AddressRemoved, RouteRemoved
from vipd.core.upkeep import PUT_BACK_LIMIT, PUT_BACK_WINDOW_S
from vipd.wire.address import Address

from .ledger import Ledger, ViolationError
from .node import Node


class ComesBackAFewTimes:
    """A VIP or route that is stolen from a MASTER is back at once; the fourth time within a minute it gives up all.

    Nothing is owed for what a reload has meanwhile removed, or the kernel now refuses, nor by an instance that has
    meanwhile been BACKUP.
    """

    name = "comes_back_a_few_times"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._back: dict[tuple[str, int], dict[Hashable, deque[float]]] = {}

    def forget(self, node: Node, vrid: int) -> None:
        """A new daemon, or a new instance."""
        self._back[node.name, vrid] = defaultdict(lambda: deque(maxlen=PUT_BACK_LIMIT))

    def robbed(self, node: Node, event: AddressRemoved | RouteRemoved) -> int | None:
        """The VRID that held it."""
        view = self._ledger.views[node.name]
        if isinstance(event, AddressRemoved):
            return view.vrid_of(event.address)
        return next((vrid for vrid, one in view.instances.items() if event.route in one.virtual_routes), None)

    def gives_up(self, node: Node, vrid: int, item: Address | Route) -> bool:
        """Whether it was put back often enough, before this time."""
        times = self._back[node.name, vrid][item]
        return len(times) == PUT_BACK_LIMIT and node.now - times[0] < PUT_BACK_WINDOW_S

    def repaired(self, node: Node, event: AddressRemoved | RouteRemoved, was_master: bool) -> None:
        """``was_master``: it held the thing when it read of the theft."""
        vrid = self.robbed(node, event)
        if vrid is None or not was_master:
            return
        item = event.address if isinstance(event, AddressRemoved) else event.route
        state = self._ledger.standing(node.name, vrid).state
        if self.gives_up(node, vrid, item):
            if state == "MASTER":
                raise ViolationError(self.name, f"{node.name} still fights for {item} of VRID {vrid}")
            return
        self._back[node.name, vrid][item].append(node.now)
        if state != "MASTER" or item not in node.kernel | node.routes | node.refuses:
            raise ViolationError(self.name, f"{node.name} is {state} of VRID {vrid} and does not put {item} back")
