# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cores that elect, hold, announce and tell wrongly in one way each, in any version of the protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vipd.core import election, instance, reload, timers, tracking
from vipd.core.announce import Announcer
from vipd.core.effects import AddAddresses, AnnounceAddresses, Effect, RemoveAddresses, RunNotify, SendAdvert
from vipd.core.election import Election, Peer
from vipd.core.events import LinkChanged
from vipd.core.instance import Instance
from vipd.core.reload import Loaded
from vipd.core.router import Router
from vipd.core.tracking import Adjustment

from .mutant import MUTANTS, Healthy, Mutant, constant, replaces, without
from .node import Node

# Timers

TIMING = ("silence_before_takeover",)
constant(__name__, "wrong_skew", lambda priority, *_: priority / 256, "skew_s", timers, election, caught_by=TIMING)
constant(__name__, "no_skew", lambda *_: 0.0, "skew_s", timers, election, caught_by=TIMING)


def _waiting(intervals: int) -> Healthy:
    return lambda priority, interval_s, *_: intervals * interval_s + timers.skew_s(priority)


constant(__name__, "two_intervals_are_enough", _waiting(2), "master_down_s", election, caught_by=TIMING)
constant(
    __name__,
    "waits_a_fourth_interval",
    _waiting(4),
    "master_down_s",
    election,
    caught_by=(*TIMING, "no_flap_without_cause"),
)
constant(__name__, "no_handover_gap", 0.0, "HANDOVER_GAP_S", instance, caught_by=("one_holder_at_preemption",))


@replaces(Instance, "_backup_heard", "silence_before_takeover", "one_holder_at_preemption")
def stale_timer(healthy: Healthy, self: Instance, peer: Peer, now: float) -> list[Effect]:
    before = self.deadlines.master_down
    effects: list[Effect] = healthy(self, peer, now)
    if peer.priority:
        self.deadlines.master_down = before
    return effects


@replaces(Instance, "_listen", "silence_before_takeover")
def back_without_listening(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, now)
    self.deadlines.master_down = now
    return effects


@replaces(Instance, "_periodic_advert", "adverts_come_on_time", "one_holder_at_preemption")
def adverts_too_seldom(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, now)
    self.deadlines.advert = now + 4 * self.config.advert_int_s
    return effects


@replaces(Node, "turn", "silence_before_takeover")
def deadlines_before_sockets(healthy: Healthy, self: Node) -> None:
    """As an engine would that acts on expired timers first when it wakes from a stall."""
    if self.router is not None and not self.stalled:
        self._act_on_deadlines()
    healthy(self)


@replaces(Instance, "_master_is_down", "converges_to_the_right_holder")
def never_takes_over(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    self.deadlines.master_down = None
    return []


# The election


@replaces(Election, "beats_us", "one_master_per_connected_group", "no_advert_storm", "one_holder_at_preemption")
def no_tie_break(healthy: Healthy, self: Election, peer: Peer) -> bool:
    return peer.priority > self.priority


@replaces(Election, "beats_us", "yields_only_to_the_better")
def everybody_yields_on_a_tie(healthy: Healthy, self: Election, peer: Peer) -> bool:
    return peer.priority >= self.priority


@replaces(Election, "beats_us", "yields_only_to_the_better")
def reversed_tie_break(healthy: Healthy, self: Election, peer: Peer) -> bool:
    tie = peer.priority == self.priority
    return int(peer.address) < int(self.address) if tie else bool(healthy(self, peer))


@replaces(Election, "beats_us", "yields_only_to_the_better")
def lower_priority_wins(healthy: Healthy, self: Election, peer: Peer) -> bool:
    return not healthy(self, peer)


@replaces(Election, "may_preempt", "silence_before_takeover")
def preempts_despite_nopreempt(healthy: Healthy, self: Election, now: float) -> bool:
    return True


@replaces(Election, "may_preempt", "silence_before_takeover", "converges_to_the_right_holder")
def never_preempts(healthy: Healthy, self: Election, now: float) -> bool:
    return False


@replaces(Instance, "_backup_heard", "silence_before_takeover")
def ignores_priority_0(healthy: Healthy, self: Instance, peer: Peer, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, peer, now) if peer.priority else []
    return effects


@replaces(Instance, "_release", "leaving_master_says_priority_0")
def never_sends_priority_0(healthy: Healthy, self: Instance) -> list[Effect]:
    return without(SendAdvert, healthy(self))


@replaces(Instance, "_answer_loser", "one_master_per_connected_group", "clients_reach_the_holder")
def loser_not_answered(healthy: Healthy, self: Instance, peer: Peer, now: float) -> list[Effect]:
    return []


# Addresses


@replaces(Instance, "_yield_to", "no_orphan_address")
def keeps_addresses_on_yield(healthy: Healthy, self: Instance, peer: Peer, now: float) -> list[Effect]:
    return without(RemoveAddresses, healthy(self, peer, now))


@replaces(Instance, "_fail", "no_orphan_address")
def keeps_addresses_on_fault(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    return without(RemoveAddresses, healthy(self, now))


@replaces(Instance, "stop", "no_orphan_address")
def keeps_addresses_on_stop(healthy: Healthy, self: Instance, *arguments: Any, **options: Any) -> list[Effect]:
    return without(RemoveAddresses, healthy(self, *arguments, **options))


@replaces(Instance, "_take_addresses", "announced_addresses_are_held")
def never_adds_addresses(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    return without(AddAddresses, healthy(self, now))


@replaces(Loaded, "_keep_wanted", "master_holds_its_addresses")
def reload_removes_a_staying_vip(healthy: Healthy, self: Loaded, effects: list[Effect]) -> list[Effect]:
    held = [one.config for one in self.instances.values() if one.holds_addresses]
    return [*healthy(self, effects), *(RemoveAddresses(one.interface, one.virtual_ipaddress) for one in held)]


def _unchanged(effects: list[Effect]) -> list[Effect]:
    return effects


MUTANTS.append(
    Mutant(
        "reload_removes_a_moved_vip",
        __name__,
        ("master_holds_its_addresses",),
        (
            (Loaded, "_keep_wanted", lambda _self, effects: effects),
            (reload, "_removals_first", _unchanged),
        ),
    )
)


@replaces(Instance, "reconfigure", "no_orphan_address")
def reload_leaves_a_removed_vip(healthy: Healthy, self: Instance, *arguments: Any) -> list[Effect]:
    return without(RemoveAddresses, healthy(self, *arguments))


# Clients


@replaces(Announcer, "announce", "clients_reach_the_holder")
def no_gratuitous_arp(healthy: Healthy, self: Announcer, *arguments: Any) -> list[Effect]:
    return []


@replaces(Announcer, "announce", "clients_reach_the_holder")
def announces_the_first_address_only(healthy: Healthy, self: Announcer, *arguments: Any) -> list[Effect]:
    return [replace(effect, addresses=effect.addresses[:1]) for effect in healthy(self, *arguments)]


@replaces(Instance, "_take_addresses", "announced_addresses_are_held")
def announces_before_adding(healthy: Healthy, self: Instance, now: float) -> list[Effect]:
    return sorted(healthy(self, now), key=lambda effect: not isinstance(effect, AnnounceAddresses))


@replaces(Instance, "_yield_to", "clients_reach_the_holder")
def no_last_advert_on_yield(healthy: Healthy, self: Instance, peer: Peer, now: float) -> list[Effect]:
    return without(SendAdvert, healthy(self, peer, now))


# Tracking and people


@replaces(Router, "_link_changed", "fault_follows_what_is_told", "silence_before_takeover")
def ignores_link_down(healthy: Healthy, self: Router, event: LinkChanged, now: float) -> list[Effect]:
    effects: list[Effect] = healthy(self, event, now) if event.up else []
    return effects


def _flipped(base: int, adjustments: list[Adjustment]) -> int:
    return _effective_priority(base, [Adjustment(-one.amount, one.reason) for one in adjustments])


_effective_priority = tracking.effective_priority
constant(
    __name__,
    "weight_sign_flipped",
    _flipped,
    "effective_priority",
    tracking,
    caught_by=("adverts_say_what_is_configured", *TIMING, "converges_to_the_right_holder"),
)


@replaces(Instance, "_notify", "notify_tells_every_state")
def mute_about_fault(healthy: Healthy, self: Instance, state: str) -> list[Effect]:
    effects: list[Effect] = [] if state == "FAULT" else healthy(self, state)
    return effects


@replaces(Instance, "_yield_to", "notify_tells_every_state")
def mute_about_yielding(healthy: Healthy, self: Instance, peer: Peer, now: float) -> list[Effect]:
    return without(RunNotify, healthy(self, peer, now))
