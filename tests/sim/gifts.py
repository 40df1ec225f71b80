# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nodes are told to give away, and what becomes of it: what the oracle and ``silence.py`` go by."""

from __future__ import annotations

from math import inf

from vipd.core.effects import RecordTransition
from vipd.core.events import AddressRefused, Event, MaintenanceChanged, YieldEnded, YieldRequested

from .giving import OFFER_PRIORITY
from .ledger import Ledger
from .node import Node
from .silence import DOWN_TIMER_ADVERTS, Wait
from .site import OWNER


class Gifts:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def told(self, node: Node, event: Event) -> None:
        """Before the node handles it: what it is to give away, and when that is over."""
        view = self._ledger.views[node.name]
        if isinstance(event, YieldRequested):
            for vrid in view.named(event.instances):
                self._asked(node, vrid, event)
        elif isinstance(event, AddressRefused):
            self._refused(node, event)
        elif isinstance(event, YieldEnded):
            view.giving.end(view.named(event.instances))
        elif isinstance(event, MaintenanceChanged) and not event.on:
            view.giving.end(view.instances)

    def changed(self, node: Node, vrid: int, effect: RecordTransition) -> None:
        view, world = self._ledger.views[node.name], node.world
        if effect.after in ("MASTER", "STOP"):
            view.giving.end([vrid])
        elif vrid in view.giving.offers:
            world.trouble.caused(world.schedule.now)
            self._ledger.cause_in(view.giving.offers[vrid].back_off_s)
            view.giving.given(vrid, node.now)
            view.weigh()

    def _asked(self, node: Node, vrid: int, event: YieldRequested) -> None:
        """A master offers for as long as a peer would wait for it at that priority, and one advert more."""
        back_off_s = inf if event.back_off_s is None else event.back_off_s
        interval_s = self._ledger.views[node.name].instances[vrid].advert_int_s
        others = Wait(0.0, DOWN_TIMER_ADVERTS, interval_s)
        offered_s = others.owed_s(OFFER_PRIORITY, node.world.site.speech.version) + interval_s
        self._offers(node, vrid, 0.0 if event.force else offered_s, back_off_s)

    def _refused(self, node: Node, event: AddressRefused) -> None:
        """A holder that offers already has no more to offer."""
        view = self._ledger.views[node.name]
        vrid = view.vrid_of(event.address)
        if vrid is None or vrid in view.giving.offers or not self._ledger.standing(node.name, vrid).holds:
            return
        for member in view.company(vrid):
            self._offers(node, member, inf, inf)

    def _offers(self, node: Node, vrid: int, offered_s: float, back_off_s: float) -> None:
        """Who has to let go at once (0 s), and who is no master, only leaves others alone; an owner does nothing."""
        view = self._ledger.views[node.name]
        offer = view.giving.offers.get(vrid)
        if view.priorities[vrid] == OWNER or (offered_s and offer is not None and offer.until == inf):
            return
        if offered_s and self._ledger.standing(node.name, vrid).state == "MASTER":
            view.giving.offer(vrid, node.now + offered_s, back_off_s)
            self._ledger.cause_in(offered_s)
        else:
            view.giving.back_off(vrid, node.now + back_off_s)
            self._ledger.cause_in(back_off_s)
