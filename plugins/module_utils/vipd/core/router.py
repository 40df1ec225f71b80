# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All instances of one node: events in, effects out.

Finds the instances that an event concerns, and those that follow because they share a sync group or something tracked.
What one instance then does is decided in ``instance.py``; how one configuration follows another in ``reload.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf
from typing import Any, Callable, Optional

from ..config.model import Address, VirtualAddress
from .complaints import Complaints
from .deadline import Agenda
from .effects import Effect, Log
from .events import (
    AddressLost,
    AddressRefused,
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    FileRead,
    LinkChanged,
    MaintenanceChanged,
    PacketRejected,
    ProcessesCounted,
    RouteRemoved,
    RuleRemoved,
    ScriptFinished,
    SocketsMissing,
    StopRequested,
    YieldEnded,
    YieldRequested,
)
from .groups import shared
from .holdings import interface_of
from .instance import Instance
from .links import Links
from .pacing import Pacer
from .receive import Refusal
from .reload import Loaded
from .results import Results
from .snapshot import snapshot
from .startup import Startup
from .statics import Statics
from .tracking import Health, weigh
from .transitions import State


class Router:
    """A node that runs VRRP (RFC 3768's "VRRP router")."""

    def __init__(self) -> None:
        self.loaded = Loaded()
        self.instances: dict[str, Instance] = self.loaded.instances
        self.rejected: Counter[tuple[str, str]] = Counter()
        self.results = Results()
        self.statics = Statics()
        self.links = Links()
        self.maintenance = False
        self._pacer = Pacer()
        self._agenda = Agenda()
        self._startup = Startup()
        self._complaints = Complaints()
        self._stopped = False
        self._handlers: dict[type, Callable[[Any, float], list[Effect]]] = {
            ConfigLoaded: self._config_loaded,
            AdvertReceived: self._advert_received,
            PacketRejected: self._packet_rejected,
            DeadlineReached: self._deadline_reached,
            LinkChanged: self._link_changed,
            SocketsMissing: self._sockets_missing,
            AddressRemoved: self._address_removed,
            AddressLost: lambda event, now: self._address_lost(event),
            AddressRefused: self._address_refused,
            RouteRemoved: lambda event, now: self._item_removed(event.route, now),
            RuleRemoved: lambda event, now: self._item_removed(event.rule, now),
            ScriptFinished: self._script_finished,
            ProcessesCounted: self._processes_counted,
            FileRead: self._file_read,
            YieldRequested: self._yield_requested,
            YieldEnded: self._yield_ended,
            MaintenanceChanged: self._maintenance_changed,
            StopRequested: self._stop_requested,
        }

    def handle(self, event: Event, now: float) -> list[Effect]:
        """What is to be done, in order, now that this has happened. ``now`` is seconds since the node booted.

        That is CLOCK_MONOTONIC, on which ``vrrp_delay_after_boot`` counts too.
        """
        if self._stopped:
            return []  # every instance has left for good; the world goes on while the process ends
        effects = self._handlers[type(event)](event, now)
        if self._pacer.is_active:
            effects = self._pacer.pace(effects, now)
            self._agenda.update(self._pacer)
        return effects

    def next_deadline(self) -> Optional[float]:
        """When ``DeadlineReached`` is due, on the clock of ``now``; None when nothing is."""
        return None if self._stopped else self._agenda.next()

    # Configuration

    def _config_loaded(self, event: ConfigLoaded, now: float) -> list[Effect]:
        config = event.config
        if self.instances and config == self.loaded.config:
            return self._reassess(self.instances.values(), now)  # only links changed
        before = list(self.instances.values())
        willing = [one for one in before if one.wants_master]
        self._startup.configure(config.global_defs, now)
        self._agenda.update(self._startup)
        self.results.adopt(config)
        self._pacer.configure(config)
        effects = [*self.statics.configure(config), *self.loaded.adopt(config, now)]
        self.links.configure(config, self.loaded.by_interface())
        for one in self.instances.values():
            one.is_held = self.maintenance
        for one in set(before) - set(self.instances.values()):
            self._agenda.leave(one)
        self._complaints.start_anew()
        effects += self.loaded.tell_again()
        effects += self._reassess(self.instances.values(), now)
        effects += [effect for group in self.loaded.groups.values() for effect in group.unite(now)]
        for one in willing:
            one.ask_again(now)
        return self._followed(effects, self.instances.values(), now)

    # Packets

    def _packet_rejected(self, event: PacketRejected, now: float) -> list[Effect]:
        self.rejected[event.interface, event.reason] += 1
        return []

    def _advert_received(self, event: AdvertReceived, now: float) -> list[Effect]:
        received = event.received
        one = self.loaded.listeners.recipient(event.interface, received)
        if one is None:
            self.rejected[event.interface, Refusal.UNKNOWN_VRID.value] += 1
            return []
        if one.heard_again(received, now):
            one.adverts_received += 1
            return []
        refused = one.refusal(received)
        if refused is not None:
            return self._complaints.refused(one, refused, received, now)
        one.adverts_received += 1
        known = one.election.master
        effects = one.advert_received(received, now)
        same_master = known is not None and known.address == received.source
        effects += self._complaints.accepted(one, received, same_master, now)
        return self._followed(effects, (one,), now)

    # Time

    def _deadline_reached(self, event: DeadlineReached, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for owner in self._agenda.take_due(now):
            if isinstance(owner, Instance):
                effects += self._followed(owner.deadline_reached(now), (owner,), now)
                continue
            if isinstance(owner, Links):
                effects += self._links_settled(owner.deadline_reached(now), now)
            elif isinstance(owner, Statics):
                effects += owner.deadline_reached(now)
                effects += self._reassess(self.instances.values(), now)
            elif isinstance(owner, Startup):
                owner.deadline_reached()
                effects += self._reassess(self.instances.values(), now)
            self._agenda.update(owner)
        return effects

    # Links, and what others remove

    def _link_changed(self, event: LinkChanged, now: float) -> list[Effect]:
        changed = self.links.changed(event, now)
        self._agenda.update(self.links)
        return self._links_settled([event.interface], now) if changed else []

    def _links_settled(self, interfaces: list[str], now: float) -> list[Effect]:
        concerned: dict[Instance, None] = {}
        for name in interfaces:
            concerned.update(dict.fromkeys(self.loaded.trackers("interface", name)))
        return self._reassess(concerned, now)

    def _address_removed(self, event: AddressRemoved, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for one, vip in self._held(event.interface, event.address):
            effects += self._followed(one.removed(vip, now), (one,), now)
        static = self.statics.address(event.interface, event.address)
        return effects + (self._static_removed(static, now) if static else [])

    def _address_lost(self, event: AddressLost) -> list[Effect]:
        effects: list[Effect] = []
        for one, vip in self._held(event.interface, event.address):
            effects += one.lost(vip)
        static = self.statics.address(event.interface, event.address)
        return effects + (self.statics.put_back(static) if static else [])

    def _address_refused(self, event: AddressRefused, now: float) -> list[Effect]:
        """One offer for all that are refused at once; ``no_track`` says that an address does not matter so much."""
        effects: list[Effect] = []
        why = f"the kernel refuses {event.address} on {event.interface} ({event.why})"
        for one, vip in self._held(event.interface, event.address):
            one.refused |= {vip}
            if not vip.no_track and not one.election.yielding.is_offering:
                effects += self._asked((one.settings.name,), now, lambda member: member.give_up(now, why))
        return effects

    def _held(self, interface: str, address: Address) -> list[tuple[Instance, VirtualAddress]]:
        return [
            (one, vip)
            for one in self._holders()
            for vip in one.settings.vips
            if vip.address == address and interface_of(one.settings, vip) == interface
        ]

    def _item_removed(self, item: Any, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for one in self._holders():
            if item in one.settings.routes or item in one.settings.rules:
                effects += self._followed(one.removed(item, now), (one,), now)
        return effects + (self._static_removed(item, now) if self.statics.has(item) else [])

    def _static_removed(self, item: Any, now: float) -> list[Effect]:
        effects = self.statics.removed(item, now)
        self._agenda.update(self.statics)
        return effects + (self._reassess(self.instances.values(), now) if self.statics.lost else [])

    def _holders(self) -> list[Instance]:
        return [one for one in self.instances.values() if one.holds_addresses]

    # What is tracked

    def _sockets_missing(self, event: SocketsMissing, now: float) -> list[Effect]:
        self.results.deaf_places = event.places
        return self._reassess(self.instances.values(), now)

    def _script_finished(self, event: ScriptFinished, now: float) -> list[Effect]:
        result = self.results.scripts.get(event.name)
        if result is None:
            return []
        before = (result.up, result.detail)
        result.finished(event.success, event.detail)
        if before == (result.up, result.detail):
            return []
        return self._reassess(self.loaded.trackers("script", event.name), now)

    def _processes_counted(self, event: ProcessesCounted, now: float) -> list[Effect]:
        result = self.results.processes.get(event.name)
        if result is None or result.count == event.count:
            return []
        result.count = event.count
        return self._reassess(self.loaded.trackers("process", event.name), now)

    def _file_read(self, event: FileRead, now: float) -> list[Effect]:
        result = self.results.files.get(event.name)
        if result is None or result.value == event.value:
            return []
        result.value = event.value
        return self._reassess(self.loaded.trackers("file", event.name), now)

    def _reassess(self, concerned: Iterable[Instance], now: float) -> list[Effect]:
        """Weigh anew, with all members of the groups that are concerned: a fault of one is a fault of all."""
        effects: list[Effect] = []
        for members in self.loaded.companies(concerned):
            own = {one: self._weigh(one) for one in members}
            did: list[Effect] = []
            for one, health in shared(own).items():
                did += _assess(one, health, now)
            effects += self._followed(did, members, now)
        return effects

    def _weigh(self, one: Instance) -> Health:
        if self._startup.wait is not None:
            return Health(one.settings.priority, None, undecided=self._startup.wait)
        health = weigh(one.settings, self.links.counted, self.results, running=one.is_running)
        lost = self.statics.faults(one.settings.name) if self.statics.lost else []
        return health if not lost else Health(health.priority, health.address, (*health.faults, *lost))

    def _followed(self, did: list[Effect], ones: Iterable[Instance], now: float) -> list[Effect]:
        """And what the sync groups of these make of it; then everybody's deadlines are known again."""
        effects = did
        if self.loaded.groups:
            for group in self.loaded.groups_of(ones):
                effects = effects + group.settle(did, now)
                for one in group.members:
                    self._agenda.update(one)
        for one in ones:
            self._agenda.update(one)
        return effects

    # What an operator asks for

    def _yield_requested(self, event: YieldRequested, now: float) -> list[Effect]:
        back_off_s = inf if event.back_off_s is None else event.back_off_s
        return self._asked(event.instances, now, lambda one: one.give_away(now, back_off_s, event.force))

    def _yield_ended(self, event: YieldEnded, now: float) -> list[Effect]:
        return self._asked(event.instances, now, lambda one: one.take_its_place(now))

    def _maintenance_changed(self, event: MaintenanceChanged, now: float) -> list[Effect]:
        masters = [one.settings.name for one in self.instances.values() if one.state is State.MASTER]
        if event.on and masters and not event.force:
            return [Log("warning", f"no maintenance: this node is master of {', '.join(masters)}")]
        self.maintenance = event.on
        text = "maintenance: this node keeps out of elections" if event.on else "maintenance is over"
        did = self._asked((), now, lambda one: one.hold(now) if event.on else one.let_go(now))
        return [Log("info", text), *did]

    def _asked(self, names: tuple[str, ...], now: float, answer: Callable[[Instance], list[Effect]]) -> list[Effect]:
        """What the instances of these names do (none named: all), and the others of their sync groups."""
        chosen = [one for one in self.instances.values() if not names or one.settings.name in names]
        effects: list[Effect] = []
        for members in self.loaded.companies(chosen):
            did = [effect for one in members for effect in answer(one)]
            effects += self._followed(did, members, now)
        return effects

    # The end

    def _stop_requested(self, event: StopRequested, now: float) -> list[Effect]:
        effects = [effect for one in self.instances.values() for effect in one.stop(now, "asked to stop")]
        effects += [effect for group in self.loaded.groups.values() for effect in group.stopped()]
        self._stopped = True
        return effects + self.statics.stop()

    # For people

    def states(self) -> str:
        """One line for ``systemctl status``."""
        states = ", ".join(f"{one.settings.name} {one.state}" for one in self.instances.values())
        return f"maintenance: {states}" if self.maintenance else states

    def snapshot(self, now: float) -> dict[str, Any]:
        """Everything a person may ask, as plain data for JSON; ages and delays in seconds."""
        return snapshot(self, now)


def _assess(one: Instance, health: Health, now: float) -> list[Effect]:
    before = one.priority
    effects = one.assess(health, now)
    if one.priority == before:
        return effects
    why = "; ".join(item.reason for item in health.adjustments) or "nothing adjusts it"
    text = f"({one.settings.name}) effective priority {before} -> {one.priority}: {why}"
    return [*effects, Log("info", text), *one.tell_priority()]
