# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may be master: the checkers that watch transitions. When a backup may take over is in ``silence.py``."""

from __future__ import annotations

from vipd.core.effects import AddAddresses, RecordTransition
from vipd.core.events import (
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    Event,
    MaintenanceChanged,
    RouteRemoved,
    YieldRequested,
)

from .ledger import EPSILON_S, Goodbye, Ledger, ViolationError
from .network import LAN_DELAY_S
from .node import Node
from .site import OWNER


class OneMasterPerConnectedGroup:
    """Two masters that can hear each other are one again as soon as one advert has had its chance.

    Two nodes are connected while both run, neither is stalled, both have a link, and no partition stands between them
    in either direction. VRRP permits two connected masters:

    - when one takes over while the other is master (a preemption, or two timers that ended within one network delay):
      for the time of one advert and its answer, 2 x 10 ms;
    - when something that both must first hear of came after that (a lost, late or damaged advert between the two, a
      partition, a stall, a link or a daemon that came back, a reload, a script's verdict): until the next advert,
      which is one interval (on the slower clock) and 2 x 10 ms later.

    Longer is a breach. Over a partition, towards a stalled node and on a one-way link, physics permits two masters for
    as long as that lasts.
    """

    name = "one_master_per_connected_group"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def became_master(self, node: Node, vrid: int) -> None:
        start = node.world.schedule.now
        for other in self._ledger.masters(vrid):
            if other != node.name:
                self._look_again(start + 2 * LAN_DELAY_S, node.name, other, vrid, start)

    def _look_again(self, at: float, *conflict: object) -> None:
        self._ledger.world.schedule.at(at + EPSILON_S, self._look, *conflict)

    def _look(self, one: str, other: str, vrid: int, start: float) -> None:
        ledger, world = self._ledger, self._ledger.world
        own = [ledger.standings[name].get(vrid) for name in (one, other)]
        if any(standing is None or standing.state != "MASTER" or standing.since > start for standing in own):
            return
        disturbed = world.trouble.disturbed_at(one, other)
        limit = disturbed + ledger.hearing_s if disturbed >= start else start + 2 * LAN_DELAY_S
        if not ledger.connected(one, other):
            self._look_again(world.schedule.now + ledger.hearing_s, one, other, vrid, start)
        elif world.schedule.now >= limit:
            since = f"both masters since {start:.4f}, last disturbed at {disturbed:.4f}"
            raise ViolationError(self.name, f"{one} and {other} hear each other, and are {since} (VRID {vrid})")
        else:
            self._look_again(limit, one, other, vrid, start)


class OneHolderAtPreemption:
    """Without deafness, no instant sees two holders of a VIP: the loser drops it before the winner adds it.

    Permitted: two holders that were deaf to each other within the last interval (whoever heard nothing could not know);
    two timers that ended within one network delay of each other (adverts crossed); the owner of the addresses, which
    RFC 3768 lets take them at once; and a node that obeys priority 0 of a third one (RFC 3768 section 6.4.2 obeys it
    from anybody) which came late, or which the holder did not hear, or which its answer overtook.
    While a reload that moves a VIP to another instance has reached one of the two only, nothing is promised for it.
    """

    name = "one_holder_at_preemption"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def added(self, node: Node, effect: AddAddresses) -> None:
        for other in node.world.nodes.values():
            if other is not node and other.kernel:
                self._compare(node, other, effect)

    def _compare(self, node: Node, other: Node, effect: AddAddresses) -> None:
        ledger, world = self._ledger, node.world
        both = {vip.address for vip in effect.addresses} & other.kernel
        if not both or not ledger.connected(node.name, other.name):
            return
        view = ledger.views[node.name]
        vrid = view.vrid_of(min(both))
        if vrid is None or ledger.views[other.name].vrid_of(min(both)) != vrid:
            return
        ours, theirs = ledger.standing(node.name, vrid), ledger.standing(other.name, vrid)
        began = ours.since if ours.state == "MASTER" else world.schedule.now
        goodbye = ledger.goodbyes.get((node.name, vrid))
        excuses = (
            view.priorities[vrid] == OWNER,
            ledger.deaf_lately(node.name, other.name),
            _crossed(began, theirs.since),
            goodbye and self._unanswerable(goodbye, node, other),
        )
        if not any(excuses):
            held = " ".join(map(str, sorted(both)))
            raise ViolationError(
                self.name, f"{node.name} adds {held}, and {other.name}, which it can hear, still holds it"
            )

    def _unanswerable(self, goodbye: Goodbye, node: Node, other: Node) -> bool:
        deaf = self._ledger.deaf_lately
        return goodbye.overtaken or deaf(goodbye.sender, other.name) or deaf(goodbye.sender, node.name)


def _crossed(one: float, other: float) -> bool:
    return abs(one - other) <= LAN_DELAY_S + EPSILON_S


class NoFlapWithoutCause:
    """Every transition follows a fault, a recovery or a reload within one Master_Down (of priority 1).

    The end of a configured delay (startup, a link's, preempt_delay, the minute of standing back) is such a cause: it
    begins with another one. So is that an offer was taken, for the one who would have been better.
    """

    name = "no_flap_without_cause"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def changed(self, node: Node, effect: RecordTransition) -> None:
        world = node.world
        quiet_s = world.schedule.now - world.trouble.cause_at
        if quiet_s > self._ledger.election_s:
            what = f"{effect.instance} {effect.before} -> {effect.after} ({effect.reason})"
            raise ViolationError(self.name, f"{node.name}: {what}, and nothing had happened for {quiet_s:.3f} s")


class YieldsOnlyToTheBetter:
    """A MASTER becomes BACKUP on an advert of higher priority, or of the same from a higher address.

    And when another program has robbed it too often (``comes_back_a_few_times`` says when); when another member of its
    sync group has just become BACKUP, or a reload has put it together with one that obeys another node; and when an
    operator takes the node out of service, or wants it to let go.
    """

    name = "yields_only_to_the_better"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def yielded(self, node: Node, vrid: int, event: Event) -> None:
        follows = self._ledger.follows(node.name, vrid)
        self._ledger.gave_way = (node.name, node.world.schedule.now)
        view = self._ledger.views[node.name]
        if isinstance(event, (AddressRemoved, RouteRemoved, MaintenanceChanged, YieldRequested)) or follows:
            return
        if isinstance(event, ConfigLoaded) and len(view.company(vrid)) > 1:
            return
        if not isinstance(event, AdvertReceived) or event.received.advert.vrid != vrid:
            raise ViolationError(self.name, f"{node.name} gives up VRID {vrid} without having heard an advert")
        theirs = (event.received.advert.priority, event.received.source)
        own = (view.priorities[vrid], view.source(vrid) or event.received.source)
        if theirs <= own:
            raise ViolationError(
                self.name, f"{node.name} (VRID {vrid}, {own[0]}, {own[1]}) gives way to {theirs[0]} from {theirs[1]}"
            )
