# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cores that are wrong in what lies beyond version 2: version 3, unicast, sync groups, delays, repairs, tracking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from vipd.core import holdings, reload, router
from vipd.core.announce import Announcer
from vipd.core.effects import Effect, RemoveRoutes, RunNotify, SendAdvert
from vipd.core.election import Election, Peer
from vipd.core.events import FileRead, LinkChanged, ProcessesCounted
from vipd.core.groups import Group
from vipd.core.instance import Instance
from vipd.core.links import Links
from vipd.core.results import ProcessResult
from vipd.core.router import Router
from vipd.core.startup import Startup
from vipd.core.tracking import Health
from vipd.core.transitions import State
from vipd.core.upkeep import Upkeep
from vipd.wire.address import GROUP, GROUP6

from .mutant import Healthy, constant, replaces, without

# Version 3


constant(
    __name__,
    "skew_of_version_2_in_version_3",
    property(lambda _self: 1.0),
    "_skew_unit_s",
    Election,
    caught_by=("silence_before_takeover",),
)


@replaces(Election, "obey", "silence_before_takeover", "one_holder_at_preemption")
def interval_not_learned(healthy: Healthy, self: Election, peer: Peer) -> None:
    healthy(self, replace(peer, interval_cs=self.settings.advert_int_cs))


@replaces(Election, "obey", "silence_before_takeover")
def interval_learned_in_version_2_units(healthy: Healthy, self: Election, peer: Peer) -> None:
    """Whole seconds."""
    healthy(self, replace(peer, interval_cs=max(100, peer.interval_cs // 100 * 100)))


@replaces(Instance, "_periodic_advert", "adverts_come_on_time", "adverts_say_what_is_configured")
def learned_interval_used_for_sending(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, now)
    self.deadlines.advert = now + self.election.interval_cs / 100
    return effects


@replaces(Instance, "_advert", "adverts_say_what_is_configured")
def learned_interval_said_in_adverts(healthy: Healthy, self: Instance, priority: int) -> list[Effect]:
    cs = self.election.interval_cs
    return [replace(effect, advert=replace(effect.advert, advert_int_cs=cs)) for effect in healthy(self, priority)]


@replaces(Election, "forget", "silence_before_takeover")
def interval_kept_through_a_fault(healthy: Healthy, self: Election) -> None:
    before = self.interval_cs
    healthy(self)
    self.interval_cs = before


# To whom


@replaces(Instance, "_advert", "adverts_say_what_is_configured")
def unicast_falls_back_to_multicast(healthy: Healthy, self: Instance, priority: int) -> list[Effect]:
    group = GROUP if self.settings.family == 4 else GROUP6
    return [replace(effect, destinations=(group,)) for effect in healthy(self, priority)]


@replaces(Instance, "_advert", "adverts_say_what_is_configured")
def forgets_a_peer(healthy: Healthy, self: Instance, priority: int) -> list[Effect]:
    return [replace(effect, destinations=effect.destinations[:1]) for effect in healthy(self, priority)]


@replaces(Instance, "assess", "adverts_say_what_is_configured")
def keeps_its_old_address(healthy: Healthy, self: Instance, health: Health, now: float) -> list[Effect]:
    known = self.address if int(self.address) else health.address
    effects: list[Effect] = healthy(self, replace(health, address=health.address and known), now)
    return effects


# Sync groups


@replaces(Group, "_follow", "sync_group_is_of_one_mind")
def group_member_left_behind(healthy: Healthy, self: Group, name: str, now: float) -> list[Effect]:
    return []


@replaces(Instance, "_master_is_down", "sync_group_is_of_one_mind")
def group_member_takes_over_alone(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    return self.take_over(now, self.election.replaces_living_master(now))


@replaces(Group, "settle", "notify_tells_groups")
def group_is_never_told(healthy: Healthy, self: Group, did: Iterable[Effect], now: float) -> list[Effect]:
    return [effect for effect in healthy(self, did, now) if not _of_group(effect)]


def _of_group(effect: Effect) -> bool:
    return isinstance(effect, RunNotify) and effect.kind == "GROUP"


@replaces(Instance, "assess", "fault_follows_what_is_told", "sync_group_is_of_one_mind")
def group_fault_is_never_over(healthy: Healthy, self: Instance, health: Health, now: float) -> list[Effect]:
    if self.group and self.state is State.FAULT and not health.faults:
        health = replace(health, faults=("once is enough",))
    effects: list[Effect] = healthy(self, health, now)
    return effects


constant(
    __name__,
    "group_fault_is_not_shared",
    lambda own: own,
    "shared",
    router,
    caught_by=("sync_group_is_of_one_mind", "fault_follows_what_is_told"),
)


@replaces(Instance, "_master_is_down", "silence_before_takeover", "one_holder_at_preemption")
def wish_of_a_group_survives_its_master(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    """The short way of a backup that hears its master again stays open, and forgets that it wants mastership."""
    usual = self._usual
    effects: list[Effect] = healthy(self, now)
    self._usual = usual
    return effects


# Maintenance


@replaces(Instance, "hold", "silence_before_takeover")
def maintenance_holds_nobody(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, now)
    self.is_held = False
    return effects


@replaces(Instance, "let_go", "silence_before_takeover")
def maintenance_ends_at_once(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    """Whoever would have taken over in it does so when it ends, without having listened."""
    due = self.deadlines.master_down
    effects: list[Effect] = healthy(self, now)
    self.deadlines.master_down = due
    return effects


# Delays


@replaces(Election, "may_preempt", "silence_before_takeover")
def preempt_delay_ignored(healthy: Healthy, self: Election, now: float) -> bool:
    return self.priority == 255 or not self.settings.nopreempt


@replaces(Startup, "configure", "fault_follows_what_is_told")
def startup_delay_ignored(healthy: Healthy, self: Startup, *arguments: Any) -> None:
    healthy(self, *arguments)
    self._until = None


@replaces(Links, "changed", "fault_follows_what_is_told")
def link_delay_ignored(healthy: Healthy, self: Links, link: LinkChanged, now: float) -> bool:
    self._delays_s = {}
    return bool(healthy(self, link, now))


@replaces(Links, "changed", "fault_follows_what_is_told", "adverts_say_what_is_configured")
def link_delay_survives_a_flap(healthy: Healthy, self: Links, link: LinkChanged, now: float) -> bool:
    pending = dict(self._pending)
    changed = bool(healthy(self, link, now))
    self._pending.update(pending)
    return changed


# What others remove, and routes


@replaces(Upkeep, "may_put_back", "comes_back_a_few_times")
def repairs_for_ever(healthy: Healthy, self: Upkeep, *arguments: Any) -> bool:
    return True


@replaces(Upkeep, "may_put_back", "comes_back_a_few_times")
def never_repairs(healthy: Healthy, self: Upkeep, *arguments: Any) -> bool:
    return False


@replaces(Election, "stand_back", "silence_before_takeover")
def robbed_too_often_and_does_not_stand_back(healthy: Healthy, self: Election, until: float) -> None:
    pass


_drop = holdings.drop
constant(
    __name__,
    "leaves_routes_behind",
    lambda given: without(RemoveRoutes, _drop(given)),
    "drop",
    holdings,
    caught_by=("routes_follow_the_addresses",),
)

_take = holdings.take
constant(
    __name__,
    "takes_no_routes",
    lambda given: _take(replace(given, routes=())),
    "take",
    holdings,
    caught_by=("routes_follow_the_addresses",),
)


# What is tracked, reloads, clients


@replaces(Router, "_file_read", "adverts_say_what_is_configured", "fault_follows_what_is_told")
def file_weight_has_the_wrong_sign(healthy: Healthy, self: Router, event: FileRead, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, replace(event, value=-event.value), now)
    return effects


@replaces(Router, "_processes_counted", "adverts_say_what_is_configured", "fault_follows_what_is_told")
def processes_counted_once(healthy: Healthy, self: Router, event: ProcessesCounted, now: float) -> list[Effect]:
    known: ProcessResult | None = self.results.processes.get(event.name)
    effects: list[Effect] = healthy(self, event, now) if known and known.count is None else []
    return effects


@replaces(Announcer, "answer_loser", "clients_reach_the_holder")
def no_announcement_when_a_split_heals(healthy: Healthy, self: Announcer, now: float) -> None:
    return None


_remove = reload._remove
constant(
    __name__,
    "removed_instance_says_no_goodbye",
    lambda one, now: without(SendAdvert, _remove(one, now)),
    "_remove",
    reload,
    caught_by=("leaving_master_says_priority_0",),
)
constant(
    __name__,
    "removed_instance_is_not_told",
    lambda one, now: without(RunNotify, _remove(one, now)),
    "_remove",
    reload,
    caught_by=("notify_tells_every_state",),
)
