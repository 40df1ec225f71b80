# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nodes hold, announce and tell: the checkers that watch the kernels, the clients and the operator's scripts."""

from __future__ import annotations

from vipd.core.effects import AnnounceAddresses, SendAdvert
from vipd.core.events import AddressRemoved
from vipd.wire.address import Address

from .ledger import Ledger, ViolationError
from .node import SOCKET_LIMIT, Node


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
            if own[vrid].state == "MASTER"
            for vip in one.virtual_ipaddress
        }
        if orphans := node.kernel - due:
            states = ", ".join(f"{vrid} {standing.state}" for vrid, standing in own.items())
            raise ViolationError(self.name, f"{node.name} holds {_listed(orphans)} and is {states}")

    def died(self, node: Node) -> None:
        if node.kernel:
            raise ViolationError(self.name, f"{node.name} does not run and holds {_listed(node.kernel)}")


class MasterHoldsItsAddresses:
    """A MASTER holds every VIP of its instance, from HANDOVER_GAP_S after it became one, through every reload."""

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
            missing = {vip.address for vip in view.instances[vrid].virtual_ipaddress} - node.kernel
            if missing:
                raise ViolationError(self.name, f"{node.name} is MASTER without {_listed(missing)}")


class AnnouncedAddressesAreHeld:
    """Gratuitous ARP is sent for addresses that the node holds, so never before they are added.

    A node that stalled cannot know what was stolen from it meanwhile until it has read so.
    """

    name = "announced_addresses_are_held"

    def announced(self, node: Node, effect: AnnounceAddresses) -> None:
        unread = {event.address for event in node.sockets if isinstance(event, AddressRemoved)}
        absent = {vip.address for vip in effect.addresses} - node.kernel - unread
        if absent:
            raise ViolationError(self.name, f"{node.name} announces {_listed(absent)} without holding it")


class NotifyTellsEveryState:
    """The last notify of an instance names the state it is in; MASTER is told when the addresses are there."""

    name = "notify_tells_every_state"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        for vrid, standing in self._ledger.standings[node.name].items():
            waits = standing.state == "INIT" or (
                standing.state == "MASTER" and node.world.schedule.now - standing.since < self._ledger.gap_s
            )
            if not waits and standing.notified != standing.state:
                told = f"the last notify said {standing.notified}"
                raise ViolationError(self.name, f"{node.name} is {standing.state} of VRID {vrid}, {told}")


class FaultFollowsWhatIsTold:
    """FAULT is the state of an instance whose link or deciding check is bad, at once, and of no other."""

    name = "fault_follows_what_is_told"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settled(self, node: Node) -> None:
        view = self._ledger.views[node.name]
        for vrid, standing in self._ledger.standings[node.name].items():
            if standing.state == "STOP":
                continue
            right = ("INIT", "FAULT") if view.undecided(vrid) else ("BACKUP", "MASTER")
            if view.faulty(vrid):
                right = ("FAULT", "FAULT")
            if standing.state not in right:
                told = f"links {view.links_up}, script {view.script_succeeds}"
                raise ViolationError(self.name, f"{node.name} is {standing.state} of VRID {vrid} with {told}")


class NoAdvertStorm:
    """In one interval an instance sends its advert, and one answer to each that it heard: a socket holds few."""

    name = "no_advert_storm"
    limit = 2 * SOCKET_LIMIT

    def __init__(self, ledger: Ledger, interval_s: int) -> None:
        self._ledger, self._interval_s = ledger, interval_s
        self._sent: dict[tuple[str, int], tuple[int, int]] = {}

    def sent(self, node: Node, effect: SendAdvert) -> None:
        key, interval = (node.name, effect.advert.vrid), int(node.world.schedule.now / self._interval_s)
        before, count = self._sent.get(key, (interval, 0))
        count = count + 1 if before == interval else 1
        self._sent[key] = (interval, count)
        if count > self.limit:
            raise ViolationError(self.name, f"{node.name} sent {count} adverts of VRID {key[1]} in one interval")


class LeavingMasterSaysPriorityZero:
    """A MASTER that goes to FAULT, stops, or gives up a stolen VIP says priority 0: backups then wait only the skew."""

    name = "leaving_master_says_priority_0"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._said: tuple[str, int, float] | None = None

    def sent(self, node: Node, effect: SendAdvert) -> None:
        if effect.advert.priority == 0:
            self._said = (node.name, effect.advert.vrid, node.world.schedule.now)

    def left(self, node: Node, vrid: int, state: str) -> None:
        if self._said != (node.name, vrid, node.world.schedule.now):
            raise ViolationError(self.name, f"{node.name} goes from MASTER of VRID {vrid} to {state} without a word")


def _listed(addresses: set[Address]) -> str:
    return " ".join(map(str, sorted(addresses)))
