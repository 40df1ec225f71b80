# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a backup takes over: the checker that waits with every backup of every node, on that node's own clock."""

from __future__ import annotations

from dataclasses import dataclass

from vipd.core.events import AddressRemoved, AdvertReceived, Event, RouteRemoved
from vipd.core.upkeep import PUT_BACK_WINDOW_S

from .ledger import EPSILON_S, Goodbye, Ledger, ViolationError
from .network import LAN_DELAY_S
from .node import Node
from .packet import Packet, opened
from .site import OWNER

DOWN_TIMER_ADVERTS = 3


@dataclass
class Wait:
    """From ``began`` on for ``intervals`` of the master and the skew; None: for nothing.

    ``interval_s`` is the master's, which version 3 learns. ``preempts_at`` is when a living master of lower priority is
    no longer left alone; None: nothing has begun to count.
    """

    began: float
    intervals: int | None
    interval_s: float
    preempts_at: float | None = None
    is_over: bool = False

    def owed_s(self, priority: int, version: int) -> float:
        if self.intervals is None:
            return 0.0
        skew_unit_s = 1.0 if version == 2 else self.interval_s
        return self.intervals * self.interval_s + (256 - priority) / 256 * skew_unit_s


class SilenceBeforeTakeover:
    """A backup takes over exactly when Master_Down has passed without an advert that it must respect.

    It must respect a priority that is not lower than its own and, with nopreempt, any; and any for preempt_delay from
    the first lower one on, and for a minute after it was robbed too often, and as long as
    it leaves alone what it gave away. The wait starts when it begins to listen,
    and anew when such an advert is handled; in version 3 it is then as long as that advert says. It is the skew alone
    after priority 0; the owner of the addresses does not wait when it begins to listen. An advert that waits in the
    socket counts as heard. In a sync group the last member to have waited decides, and priority 0 does not make one
    that has waited wait again. A node in maintenance never takes over, and afterwards waits as if it had just begun to
    listen. Later is allowed only to a node that was stalled until now, or that has just been told
    what raises its priority.
    """

    name = "silence_before_takeover"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waits: dict[tuple[str, int], Wait] = {}
        ledger.stands_back_s = self._stands_back_s

    # It listens

    def listening(self, node: Node, vrid: int, event: Event, stands_back: bool) -> None:
        """``stands_back``: it gave way because something was stolen too often."""
        view = self._ledger.views[node.name]
        self._ledger.goodbyes.pop((node.name, vrid), None)
        wait = Wait(node.now, DOWN_TIMER_ADVERTS, view.instances[vrid].advert_int_s)
        self._waits[node.name, vrid] = wait
        if isinstance(event, AdvertReceived) and event.received.advert.vrid == vrid:
            wait.interval_s = self._learned_s(event)
        elif stands_back:
            self._leave_alone(node, wait, PUT_BACK_WINDOW_S)
        elif view.priorities[vrid] == OWNER and not isinstance(event, (AddressRemoved, RouteRemoved)):
            wait.intervals = None

    def _leave_alone(self, node: Node, wait: Wait, seconds: float) -> None:
        wait.preempts_at = node.now + seconds
        if seconds:
            self._ledger.cause_in(seconds)

    def _stands_back_s(self, node: Node, vrid: int) -> float:
        wait = self._waits.get((node.name, vrid))
        left_s = wait.preempts_at - node.now if wait and wait.preempts_at is not None else 0.0
        return max(0.0, left_s * self._ledger.stretch + (self._ledger.hearing_s if left_s > 0 else 0.0))

    def let_go(self, node: Node) -> None:
        """Maintenance is over."""
        for vrid, standing in self._ledger.standings[node.name].items():
            if standing.state == "BACKUP":
                wait = self._waits[node.name, vrid]
                wait.began, wait.intervals, wait.is_over = node.now, DOWN_TIMER_ADVERTS, False

    # It hears

    def heard(self, node: Node, event: AdvertReceived) -> None:
        vrid, priority = event.received.advert.vrid, event.received.advert.priority
        wait = self._waits[node.name, vrid]
        if priority == 0:
            sender = node.world.name_of[event.received.source]
            overtaken = node.now - wait.began <= 2 * LAN_DELAY_S
            self._ledger.goodbyes[node.name, vrid] = Goodbye(sender, overtaken)
            wait.preempts_at = None
            if not wait.is_over:
                wait.began, wait.intervals = node.now, 0
        elif self._must_respect(node, vrid, priority):
            self._ledger.goodbyes.pop((node.name, vrid), None)
            wait.began, wait.intervals, wait.is_over = node.now, DOWN_TIMER_ADVERTS, False
            wait.interval_s = self._learned_s(event)

    def _learned_s(self, event: AdvertReceived) -> float:
        return event.received.advert.advert_int_cs / 100

    def _must_respect(self, node: Node, vrid: int, priority: int) -> bool:
        view, wait = self._ledger.views[node.name], self._waits[node.name, vrid]
        if priority >= view.priorities[vrid]:
            wait.preempts_at = None
            return True
        if view.maintenance:
            return True
        if view.priorities[vrid] == OWNER or view.instances[vrid].nopreempt:
            return view.priorities[vrid] != OWNER
        if view.giving.leaves_alone(vrid, node.now):
            return True
        if wait.preempts_at is None:
            self._leave_alone(node, wait, view.instances[vrid].preempt_delay_s)
        return wait.preempts_at is not None and node.now < wait.preempts_at

    # A sync group

    def elapsed(self, node: Node) -> None:
        """The node acts on its deadlines: whoever has waited has, and only waits for the others of its group.

        Neither priority 0 nor another priority of its own makes it wait again.
        """
        view = self._ledger.views[node.name]
        for vrid, standing in self._ledger.standings[node.name].items():
            if standing.state == "BACKUP" and len(view.company(vrid)) > 1:
                wait, due = self._waits[node.name, vrid], self._due(node, vrid)
                if due <= node.now + EPSILON_S:
                    wait.began, wait.intervals, wait.is_over = due, None, True

    def _due(self, node: Node, vrid: int) -> float:
        view, wait = self._ledger.views[node.name], self._waits[node.name, vrid]
        return wait.began + wait.owed_s(view.priorities[vrid], node.world.site.speech.version)

    # It takes over

    def took_over(self, node: Node, vrid: int) -> None:
        if self._ledger.views[node.name].maintenance:
            raise ViolationError(self.name, f"{node.name} took VRID {vrid} over in maintenance")
        early_s = self._due(node, vrid) - node.now
        late_s = node.now - max(self._due(node, member) for member in self._waiting_with(node, vrid))
        may_be_late = node.world.schedule.now in (node.woke_at, self._ledger.views[node.name].told_at)
        if early_s > EPSILON_S or (late_s > EPSILON_S and not may_be_late):
            when = f"{early_s:.4f} s too early" if early_s > EPSILON_S else f"{late_s:.4f} s too late"
            priority = self._ledger.views[node.name].priorities[vrid]
            raise ViolationError(self.name, f"{node.name} (VRID {vrid}, priority {priority}) took over {when}")
        for event in (opened(item) for item in node.sockets if isinstance(item, Packet)):
            if isinstance(event, AdvertReceived) and self._unread(node, vrid, event):
                raise ViolationError(
                    self.name, f"{node.name} (VRID {vrid}) took over with an unread advert in its socket"
                )

    def _waiting_with(self, node: Node, vrid: int) -> list[int]:
        """The members of its group that were not master before this moment."""
        own, now = self._ledger.standings[node.name], node.world.schedule.now
        company = self._ledger.views[node.name].company(vrid)
        return [one for one in company if one == vrid or own[one].state == "BACKUP" or own[one].since == now]

    def _unread(self, node: Node, vrid: int, event: AdvertReceived) -> bool:
        advert, view = event.received.advert, self._ledger.views[node.name]
        return advert.vrid == vrid and advert.priority >= view.priorities[vrid] > 0
