# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nodes hold and announce: the checkers that watch the kernels."""

from __future__ import annotations

from vipd.config.model import VrrpInstance
from vipd.core.effects import AnnounceAddresses
from vipd.core.events import AddressRemoved, RouteRemoved
from vipd.wire.address import Address

from .ledger import Ledger, Standing, ViolationError
from .node import Node


class NoOrphanAddress:
    """A node holds the VIPs of the instances it is MASTER of and nothing else; a dead one holds nothing."""

    name = "no_orphan_address"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        view = self._ledger.views[node.name]
        own = self._ledger.standings[node.name]
        due = {
            vip.address
            for vrid, one in view.instances.items()
            if vrid in own and own[vrid].state == "MASTER"
            for vip in one.virtual_ipaddress
        }
        if orphans := node.kernel - due:
            states = ", ".join(f"{vrid} {standing.state}" for vrid, standing in own.items())
            raise ViolationError(self.name, f"{node.name} holds {_listed(orphans)} and is {states}")

    def died(self, node: Node) -> None:
        if node.kernel:
            raise ViolationError(self.name, f"{node.name} does not run and holds {_listed(node.kernel)}")


class MasterHoldsItsAddresses:
    """A MASTER holds every VIP of its instance, from HANDOVER_GAP_S after it became one, through every reload.

    All but those that the kernel refused it.
    """

    name = "master_holds_its_addresses"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def became_master(self, node: Node, vrid: int) -> None:
        node.world.schedule.after(self._ledger.gap_s, self._after_the_gap, node)

    def _after_the_gap(self, node: Node) -> None:
        if node.stalled:
            node.world.schedule.after(self._ledger.hearing_s, self._after_the_gap, node)
        elif node.running:
            self.settled(node)

    def settled(self, node: Node) -> None:
        view = self._ledger.views[node.name]
        for vrid, standing in self._ledger.standings[node.name].items():
            in_gap = node.world.schedule.now - standing.since < self._ledger.gap_s
            if standing.state != "MASTER" or in_gap:
                continue
            missing = {vip.address for vip in view.instances[vrid].virtual_ipaddress} - node.kernel - node.absent
            if missing:
                raise ViolationError(self.name, f"{node.name} is MASTER without {_listed(missing)}")


class AnnouncedAddressesAreHeld:
    """Gratuitous ARP is sent for addresses that the node holds, so never before they are added.

    A node that stalled cannot know what was stolen from it meanwhile until it has read so; and that the kernel refuses
    an address it reads after it has announced it.
    """

    name = "announced_addresses_are_held"

    def announced(self, node: Node, effect: AnnounceAddresses) -> None:
        unread = {event.address for event in node.sockets if isinstance(event, AddressRemoved)}
        absent = {vip.address for vip in effect.addresses} - node.kernel - unread - node.refuses
        if absent:
            raise ViolationError(self.name, f"{node.name} announces {_listed(absent)} without holding it")


class RoutesFollowTheAddresses:
    """The virtual routes of an instance are where its addresses are, from the moment these are there; nowhere else.

    A node that stalled cannot know what was stolen from it meanwhile until it has read so.
    """

    name = "routes_follow_the_addresses"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        view = self._ledger.views[node.name]
        known = {route for one in view.instances.values() for route in one.virtual_routes}
        due = {
            route
            for vrid, standing in self._ledger.standings[node.name].items()
            if vrid in view.instances and self._holds(node, view.instances[vrid], standing)
            for route in view.instances[vrid].virtual_routes
        }
        unread = {event.route for event in node.sockets if isinstance(event, RouteRemoved)}
        if wrong := (due - unread) ^ (node.routes & known) - unread:
            told = "lacks" if wrong <= due else "still has"
            raise ViolationError(self.name, f"{node.name} {told} the routes {' '.join(map(str, wrong))}")

    def died(self, node: Node) -> None:
        if node.routes:
            raise ViolationError(self.name, f"{node.name} does not run and has {' '.join(map(str, node.routes))}")

    def _holds(self, node: Node, one: VrrpInstance, standing: Standing) -> bool:
        return standing.state == "MASTER" and any(
            vip.address in node.kernel | node.absent for vip in one.virtual_ipaddress
        )


def _listed(addresses: set[Address]) -> str:
    return " ".join(map(str, sorted(addresses)))
