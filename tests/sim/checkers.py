# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The named checkers, and which of them sees what a node does. All of them run in every world, all the time.

mastership.py   one_master_per_connected_group, one_holder_at_preemption, no_flap_without_cause,
                yields_only_to_the_better
silence.py      silence_before_takeover
speech.py       adverts_say_what_is_configured, adverts_come_on_time, no_advert_storm, leaving_master_says_priority_0
holdings.py     no_orphan_address, master_holds_its_addresses, announced_addresses_are_held, routes_follow_the_addresses
theft.py        comes_back_a_few_times
standing.py     sync_group_is_of_one_mind, fault_follows_what_is_told, notify_tells_every_state, notify_tells_groups
convergence.py  converges_to_the_right_holder, clients_reach_the_holder
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vipd.core.effects import AddAddresses, AnnounceAddresses, RecordTransition, RunNotify, SendAdvert
from vipd.core.events import (
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    MaintenanceChanged,
    PacketRejected,
    RouteRemoved,
    StopRequested,
)

from .convergence import ClientsReachTheHolder, ConvergesToTheRightHolder
from .gifts import Gifts
from .holdings import (
    AnnouncedAddressesAreHeld,
    MasterHoldsItsAddresses,
    NoOrphanAddress,
    RoutesFollowTheAddresses,
)
from .ledger import Ledger, Standing, vrid_of
from .mastership import (
    NoFlapWithoutCause,
    OneHolderAtPreemption,
    OneMasterPerConnectedGroup,
    YieldsOnlyToTheBetter,
)
from .oracle import View
from .silence import SilenceBeforeTakeover
from .speech import (
    AdvertsComeOnTime,
    AdvertsSayWhatIsConfigured,
    LeavingMasterSaysPriorityZero,
    NoAdvertStorm,
)
from .standing import FaultFollowsWhatIsTold, NotifyTellsEveryState, NotifyTellsGroups, SyncGroupIsOfOneMind
from .theft import ComesBackAFewTimes

if TYPE_CHECKING:
    from .node import Node
    from .world import World


NAMES = {
    AdvertsComeOnTime.name,
    AdvertsSayWhatIsConfigured.name,
    AnnouncedAddressesAreHeld.name,
    ClientsReachTheHolder.name,
    ComesBackAFewTimes.name,
    ConvergesToTheRightHolder.name,
    FaultFollowsWhatIsTold.name,
    LeavingMasterSaysPriorityZero.name,
    MasterHoldsItsAddresses.name,
    NoAdvertStorm.name,
    NoFlapWithoutCause.name,
    NoOrphanAddress.name,
    NotifyTellsEveryState.name,
    NotifyTellsGroups.name,
    OneHolderAtPreemption.name,
    OneMasterPerConnectedGroup.name,
    RoutesFollowTheAddresses.name,
    SilenceBeforeTakeover.name,
    SyncGroupIsOfOneMind.name,
    YieldsOnlyToTheBetter.name,
}

# A deadline on the node's clock, turned into the world's time and back.
ROUNDING_S = 2e-9


class Checkers:
    """Nodes report here; a breach is raised where it happens, so the transcript ends with its cause."""

    def __init__(self, world: World) -> None:
        self.ledger = Ledger(world)
        self.transitions = 0
        self._trouble, self._schedule = world.trouble, world.schedule
        self._touched: set[str] = set()
        self._event: Event = DeadlineReached()
        self._held_what_was_stolen = False
        self._one_master = OneMasterPerConnectedGroup(self.ledger)
        self._one_holder = OneHolderAtPreemption(self.ledger)
        self._no_flap = NoFlapWithoutCause(self.ledger)
        self._silence = SilenceBeforeTakeover(self.ledger)
        self._yields = YieldsOnlyToTheBetter(self.ledger)
        self._no_orphan = NoOrphanAddress(self.ledger)
        self._master_holds = MasterHoldsItsAddresses(self.ledger)
        self._routes = RoutesFollowTheAddresses(self.ledger)
        self._announced = AnnouncedAddressesAreHeld()
        self._theft = ComesBackAFewTimes(self.ledger)
        self._gifts = Gifts(self.ledger)
        self._says = AdvertsSayWhatIsConfigured(self.ledger)
        self._on_time = AdvertsComeOnTime(self.ledger)
        self._no_storm = NoAdvertStorm()
        self._leaving = LeavingMasterSaysPriorityZero(self.ledger)
        self._when_settled = (
            self._no_orphan,
            self._master_holds,
            self._routes,
            SyncGroupIsOfOneMind(self.ledger),
            FaultFollowsWhatIsTold(self.ledger),
            NotifyTellsEveryState(self.ledger),
            NotifyTellsGroups(self.ledger),
        )
        self.converges = ConvergesToTheRightHolder(self.ledger)
        self.clients = ClientsReachTheHolder(self.ledger)

    # A daemon's life

    def started(self, node: Node) -> None:
        self._trouble.changed(node.name, self._schedule.now)
        self.ledger.views[node.name] = View()
        self.ledger.standings[node.name] = {}
        self.ledger.group_told.pop(node.name, None)

    def gone(self, node: Node) -> None:
        self._trouble.changed(node.name, self._schedule.now)
        self.ledger.standings[node.name] = {}

    def died(self, node: Node) -> None:
        self._no_orphan.died(node)
        self._routes.died(node)

    # What a node handles and does

    def about_to(self, node: Node, event: Event) -> None:
        self._event = event
        if isinstance(event, AdvertReceived):
            standing = self.ledger.standings[node.name].get(event.received.advert.vrid)
            if standing is not None and standing.state == "BACKUP":
                self._silence.heard(node, event)
        elif isinstance(event, DeadlineReached):
            if self.ledger.views[node.name].elapse(node.now + ROUNDING_S):
                self._news(node)
            self._silence.elapsed(node)
        elif not isinstance(event, PacketRejected):
            self._gifts.told(node, event)
            self.ledger.views[node.name].learn(event, node.now)
            self._news(node)
            self._adopt(node, event)
            if isinstance(event, MaintenanceChanged) and not event.on:
                self._silence.let_go(node)

    def _news(self, node: Node) -> None:
        self._trouble.changed(node.name, self._schedule.now)
        self.ledger.views[node.name].told_at = self._schedule.now
        self._touched.add(node.name)

    def _adopt(self, node: Node, event: Event) -> None:
        own = self.ledger.standings[node.name]
        if isinstance(event, ConfigLoaded) and not node.stopping:
            is_reload = bool(own)
            for vrid in self.ledger.views[node.name].instances:
                if vrid not in own:
                    own[vrid] = Standing(since=self._schedule.now, is_joining=is_reload)
                    self._theft.forget(node, vrid)
        elif isinstance(event, (AddressRemoved, RouteRemoved)):
            self._held_what_was_stolen = self._holds(node, self._theft.robbed(node, event))

    def _holds(self, node: Node, robbed: int | None) -> bool:
        standing = self.ledger.standings[node.name].get(robbed) if robbed is not None else None
        return standing is not None and standing.holds

    def changed(self, node: Node, effect: RecordTransition) -> None:
        self.transitions += 1
        vrid = vrid_of(effect.instance)
        self._touched.add(node.name)
        self._no_flap.changed(node, effect)
        followed = self.ledger.follows(node.name, vrid)
        if effect.before == "MASTER" and (followed or not isinstance(self._event, AdvertReceived)):
            self._leaving.left(node, vrid, effect.after)
        if effect.before == "MASTER" and effect.after == "BACKUP":
            self._yields.yielded(node, vrid, self._event)
        standing = self.ledger.standing(node.name, vrid)
        standing.state, standing.since = effect.after, self._schedule.now
        standing.holds = standing.holds and effect.after == "MASTER"
        self._gifts.changed(node, vrid, effect)
        if effect.after == "BACKUP":
            self._silence.listening(node, vrid, self._event, self._was_robbed(node, vrid))
        elif effect.after == "MASTER":
            self._silence.took_over(node, vrid)
            self._on_time.became_master(node, vrid)
            self._one_master.became_master(node, vrid)
            self._master_holds.became_master(node, vrid)

    def _was_robbed(self, node: Node, vrid: int) -> bool:
        event = self._event
        return isinstance(event, (AddressRemoved, RouteRemoved)) and self._theft.robbed(node, event) == vrid

    def repaired(self, node: Node, event: AddressRemoved | RouteRemoved) -> None:
        self._theft.repaired(node, event, self._held_what_was_stolen)

    def sent(self, node: Node, effect: SendAdvert) -> None:
        self._no_storm.sent(node, effect)
        self._says.sent(node, effect, self._event)
        self._on_time.sent(node, effect)
        self._leaving.sent(node, effect)

    def added(self, node: Node, effect: AddAddresses) -> None:
        self._touched.add(node.name)
        vrid = self.ledger.views[node.name].vrid_of(effect.addresses[0].address)
        if vrid is not None:
            self.ledger.standing(node.name, vrid).holds = True
        self._one_holder.added(node, effect)

    def announced(self, node: Node, effect: AnnounceAddresses) -> None:
        self._announced.announced(node, effect)

    def notified(self, node: Node, effect: RunNotify) -> None:
        if effect.kind == "GROUP":
            self.ledger.group_told[node.name] = effect.state
        elif effect.state in STATES:
            self.ledger.standing(node.name, vrid_of(effect.instance)).notified = effect.state

    def settled(self, node: Node) -> None:
        """A turn has ended; the routine ones changed nothing that these look at."""
        if node.name in self._touched:
            self._touched.discard(node.name)
            if node.stopping and not isinstance(self._event, StopRequested):
                return  # it has left for good, and looks at nothing any more
            for checker in self._when_settled:
                checker.settled(node)
            self._forget_removed(node)

    def _forget_removed(self, node: Node) -> None:
        configured = self.ledger.views[node.name].instances
        own = self.ledger.standings[node.name]
        self.ledger.standings[node.name] = {vrid: one for vrid, one in own.items() if vrid in configured}

    # The end of a liveness phase

    def converged(self, vrid: int) -> None:
        self.converges.look(vrid)

    def calm(self, vrid: int) -> None:
        self.converges.look(vrid)
        self.clients.look(vrid)


# What else a notify may say is an event of an instance that stays what it is.
STATES = {"MASTER", "BACKUP", "FAULT", "STOP", "DELETED"}
