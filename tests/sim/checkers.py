# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The named checkers, and which of them sees what a node does. All of them run in every world, all the time.

mastership.py   one_master_per_connected_group, one_holder_at_preemption, no_flap_without_cause,
                silence_before_takeover, yields_only_to_the_better
holdings.py     no_orphan_address, master_holds_its_addresses, announced_addresses_are_held,
                notify_tells_every_state, fault_follows_what_is_told, leaving_master_says_priority_0,
                no_advert_storm
convergence.py  converges_to_the_right_holder, clients_reach_the_holder
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vipd.core.effects import AddAddresses, AnnounceAddresses, RecordTransition, RunNotify, SendAdvert
from vipd.core.events import AdvertReceived, DeadlineReached, Event, PacketRejected

from .convergence import ClientsReachTheHolder, ConvergesToTheRightHolder
from .holdings import (
    AnnouncedAddressesAreHeld,
    FaultFollowsWhatIsTold,
    LeavingMasterSaysPriorityZero,
    MasterHoldsItsAddresses,
    NoAdvertStorm,
    NoOrphanAddress,
    NotifyTellsEveryState,
)
from .ledger import Ledger, Standing, vrid_of
from .mastership import (
    NoFlapWithoutCause,
    OneHolderAtPreemption,
    OneMasterPerConnectedGroup,
    SilenceBeforeTakeover,
    YieldsOnlyToTheBetter,
)
from .oracle import View

if TYPE_CHECKING:
    from .node import Node
    from .world import World


NAMES = {
    AnnouncedAddressesAreHeld.name,
    ClientsReachTheHolder.name,
    ConvergesToTheRightHolder.name,
    FaultFollowsWhatIsTold.name,
    LeavingMasterSaysPriorityZero.name,
    MasterHoldsItsAddresses.name,
    NoAdvertStorm.name,
    NoFlapWithoutCause.name,
    NoOrphanAddress.name,
    NotifyTellsEveryState.name,
    OneHolderAtPreemption.name,
    OneMasterPerConnectedGroup.name,
    SilenceBeforeTakeover.name,
    YieldsOnlyToTheBetter.name,
}


class Checkers:
    """Nodes report here; a breach is raised where it happens, so the transcript ends with its cause."""

    def __init__(self, world: World, interval_s: int) -> None:
        self.ledger = Ledger(world, interval_s)
        self.transitions = 0
        self._trouble, self._schedule = world.trouble, world.schedule
        self._touched: set[str] = set()
        self._event: Event = DeadlineReached()
        self._one_master = OneMasterPerConnectedGroup(self.ledger)
        self._one_holder = OneHolderAtPreemption(self.ledger)
        self._no_flap = NoFlapWithoutCause(self.ledger)
        self._silence = SilenceBeforeTakeover(self.ledger)
        self._yields = YieldsOnlyToTheBetter(self.ledger)
        self._no_orphan = NoOrphanAddress(self.ledger)
        self._master_holds = MasterHoldsItsAddresses(self.ledger)
        self._announced = AnnouncedAddressesAreHeld()
        self._notify = NotifyTellsEveryState(self.ledger)
        self._fault = FaultFollowsWhatIsTold(self.ledger)
        self._no_storm = NoAdvertStorm(self.ledger, interval_s)
        self._leaving = LeavingMasterSaysPriorityZero(self.ledger)
        self.converges = ConvergesToTheRightHolder(self.ledger)
        self.clients = ClientsReachTheHolder(self.ledger)

    # A daemon's life

    def started(self, node: Node) -> None:
        self._trouble.changed(node.name, self._schedule.now)
        vrids = [one.virtual_router_id for one in node.config.instances]
        self.ledger.views[node.name] = View()
        self.ledger.standings[node.name] = {vrid: Standing(since=self._schedule.now) for vrid in vrids}

    def gone(self, node: Node) -> None:
        self._trouble.changed(node.name, self._schedule.now)
        self.ledger.standings[node.name] = {}

    def died(self, node: Node) -> None:
        self._no_orphan.died(node)

    # What a node handles and does

    def about_to(self, node: Node, event: Event) -> None:
        self._event = event
        if isinstance(event, AdvertReceived):
            if self.ledger.standings[node.name][event.received.advert.vrid].state == "BACKUP":
                self._silence.heard(node, event)
        elif not isinstance(event, (DeadlineReached, PacketRejected)):
            self._trouble.changed(node.name, self._schedule.now)
            self.ledger.views[node.name].learn(event, self._schedule.now)
            self._touched.add(node.name)

    def changed(self, node: Node, effect: RecordTransition) -> None:
        self.transitions += 1
        vrid = vrid_of(effect.instance)
        self._touched.add(node.name)
        self._no_flap.changed(node, effect)
        if effect.before == "MASTER" and not isinstance(self._event, AdvertReceived):
            self._leaving.left(node, vrid, effect.after)
        if effect.before == "MASTER" and effect.after == "BACKUP":
            self._yields.yielded(node, vrid, self._event)
        standing = self.ledger.standing(node.name, vrid)
        standing.state, standing.since = effect.after, self._schedule.now
        if effect.after == "BACKUP":
            self._silence.listening(node, vrid, self._event)
        elif effect.after == "MASTER":
            self._silence.took_over(node, vrid)
            self._one_master.became_master(node, vrid)
            self._master_holds.became_master(node, vrid)

    def sent(self, node: Node, effect: SendAdvert) -> None:
        self._no_storm.sent(node, effect)
        self._leaving.sent(node, effect)

    def added(self, node: Node, effect: AddAddresses) -> None:
        self._touched.add(node.name)
        self._one_holder.added(node, effect)

    def announced(self, node: Node, effect: AnnounceAddresses) -> None:
        self._announced.announced(node, effect)

    def notified(self, node: Node, effect: RunNotify) -> None:
        self.ledger.standing(node.name, vrid_of(effect.instance)).notified = effect.state

    def settled(self, node: Node) -> None:
        """A turn has ended; the routine ones changed nothing that these look at."""
        if node.name in self._touched:
            self._touched.discard(node.name)
            self._no_orphan.settled(node)
            self._master_holds.settled(node)
            self._notify.settled(node)
            self._fault.settled(node)

    # The end of a liveness phase

    def converged(self, vrid: int) -> None:
        self.converges.look(vrid)

    def calm(self, vrid: int) -> None:
        self.converges.look(vrid)
        self.clients.look(vrid)
