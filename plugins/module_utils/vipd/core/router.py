# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All instances of one node: events in, effects out.

Finds the instances that an event concerns, weighs what they track, carries a reload from one
configuration to the next. What one instance then does is decided in ``instance.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Optional

from ..config.model import OWNER_PRIORITY, Config, VrrpInstance
from ..config.spoken import family_of
from ..wire.vrrp import ReceivedAdvert
from .effects import Effect, Log, RemoveAddresses, SendAdvert
from .events import (
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    LinkChanged,
    PacketRejected,
    ScriptFinished,
    StopRequested,
)
from .instance import Instance
from .receive import Refusal, same_addresses
from .settings import Settings, resolve
from .tracking import ScriptResult, weigh

# An instance is who it is on the wire: a reload may rename it and it stays the same.
Key = tuple[str, int, int]  # interface, family, VRID

# A repeated complaint about packets is told once in this time; counters have them all.
WARNING_INTERVAL_S = 60.0


class Router:
    """A node that runs VRRP (RFC 3768's "VRRP router")."""

    def __init__(self) -> None:
        self.instances: dict[Key, Instance] = {}
        self.counters: Counter[tuple[Key, str]] = Counter()
        self.rejected: Counter[tuple[str, str]] = Counter()
        self._links: dict[str, LinkChanged] = {}
        self._scripts: dict[str, ScriptResult] = {}
        self._warned_at: dict[tuple[Key, str], float] = {}
        self._stopped = False
        self._handlers: dict[type, Callable[[Any, float], list[Effect]]] = {
            ConfigLoaded: self._config_loaded,
            AdvertReceived: self._advert_received,
            PacketRejected: self._packet_rejected,
            DeadlineReached: self._deadline_reached,
            LinkChanged: self._link_changed,
            AddressRemoved: self._address_removed,
            ScriptFinished: self._script_finished,
            StopRequested: self._stop_requested,
        }

    def handle(self, event: Event, now: float) -> list[Effect]:
        """What is to be done, in order, now that this has happened. ``now`` is monotonic, in seconds."""
        if self._stopped:
            return []  # every instance has left for good; the world goes on while the process ends
        effects = self._handlers[type(event)](event, now)
        for effect in effects:
            if isinstance(effect, SendAdvert):
                self.counters[(effect.interface, effect.source.version, effect.advert.vrid), "adverts_sent"] += 1
        return effects

    def next_deadline(self) -> Optional[float]:
        """When ``DeadlineReached`` is due, on the clock of ``now``; None when nothing is."""
        armed = [at for at in (one.deadlines.next() for one in self.instances.values()) if at is not None]
        return min(armed, default=None)

    # Configuration

    def _config_loaded(self, event: ConfigLoaded, now: float) -> list[Effect]:
        config = event.config
        self._adopt_scripts(config)
        wanted = {_key(instance): instance for instance in config.instances}
        effects: list[Effect] = []
        for key in [key for key in self.instances if key not in wanted]:
            effects += self.instances.pop(key).stop(now, "removed from the configuration", notify="FAULT")
        for key, instance in wanted.items():
            effects += self._adopt(key, instance, resolve(instance, config.global_defs), now)
        effects = self._keep_wanted_addresses(effects)
        for one in self.instances.values():
            effects += self._reassess(one, now)
        return effects

    def _adopt_scripts(self, config: Config) -> None:
        """A script whose command stayed the same keeps its standing."""
        before, self._scripts = self._scripts, {}
        for script in config.scripts:
            result = before.get(script.name)
            if result is None or result.config.command != script.command:
                result = ScriptResult(script)
            result.config = script
            self._scripts[script.name] = result

    def _adopt(self, key: Key, config: VrrpInstance, settings: Settings, now: float) -> list[Effect]:
        if key in self.instances:
            return self.instances[key].reconfigure(config, settings, now)
        self.instances[key] = Instance(config, settings, now)
        if config.priority == OWNER_PRIORITY:
            return []
        return [RemoveAddresses(config.interface, config.virtual_ipaddress)]  # what a crash may have left

    def _keep_wanted_addresses(self, effects: list[Effect]) -> list[Effect]:
        """A VIP that moved to another master of this node is not taken off on the way."""
        held = {
            (vip.dev or one.config.interface, vip)
            for one in self.instances.values()
            if one.holds_addresses
            for vip in one.config.virtual_ipaddress
        }

        def without_held(effect: RemoveAddresses) -> RemoveAddresses:
            gone = tuple(vip for vip in effect.addresses if (vip.dev or effect.interface, vip) not in held)
            return RemoveAddresses(effect.interface, gone)

        return [without_held(effect) if isinstance(effect, RemoveAddresses) else effect for effect in effects]

    # Packets

    def _packet_rejected(self, event: PacketRejected, now: float) -> list[Effect]:
        self.rejected[event.interface, event.reason] += 1
        return []

    def _advert_received(self, event: AdvertReceived, now: float) -> list[Effect]:
        received = event.received
        key = (event.interface, received.source.version, received.advert.vrid)
        instance = self.instances.get(key)
        if instance is None:
            self.rejected[event.interface, Refusal.UNKNOWN_VRID.value] += 1
            return []
        refused = instance.refusal(event.received)
        if refused is not None:
            self.counters[key, refused.value] += 1
            return [] if refused is Refusal.NOT_LISTENING else self._complain(key, refused.value, event.received, now)
        self.counters[key, "adverts_received"] += 1
        effects = instance.advert_received(event.received, now)
        if not same_addresses(instance.settings, event.received.advert):
            self.counters[key, "address_list_mismatch"] += 1
            effects += self._complain(key, "address_list_mismatch", event.received, now)
        return effects

    def _complain(self, key: Key, label: str, received: ReceivedAdvert, now: float) -> list[Effect]:
        """Tell a person once in a while; the counters tell the rest."""
        told_at = self._warned_at.get((key, label))
        if told_at is not None and now - told_at < WARNING_INTERVAL_S:
            return []
        self._warned_at[key, label] = now
        name = self.instances[key].config.name
        return [Log("warning", f"({name}) {label} in an advert from {received.source} on {key[0]}, VRID {key[2]}")]

    # Time, links, scripts, the end

    def _deadline_reached(self, event: DeadlineReached, now: float) -> list[Effect]:
        return [effect for one in self.instances.values() for effect in one.deadline_reached(now)]

    def _link_changed(self, event: LinkChanged, now: float) -> list[Effect]:
        self._links[event.interface] = event
        effects: list[Effect] = []
        for one in self.instances.values():
            if event.interface in {one.config.interface, *(track.name for track in one.config.tracks.interfaces)}:
                effects += self._reassess(one, now)
        return effects

    def _address_removed(self, event: AddressRemoved, now: float) -> list[Effect]:
        gone = (event.interface, event.address)
        effects: list[Effect] = []
        for one in self.instances.values():
            if one.holds_addresses and gone in {
                (vip.dev or one.config.interface, vip.address) for vip in one.config.virtual_ipaddress
            }:
                effects += one.address_removed(event.address, now)
        return effects

    def _script_finished(self, event: ScriptFinished, now: float) -> list[Effect]:
        result = self._scripts.get(event.name)
        if result is None:
            return []
        result.finished(event.success, event.detail)
        effects: list[Effect] = []
        for one in self.instances.values():
            if any(track.name == event.name for track in one.config.tracks.scripts):
                effects += self._reassess(one, now)
        return effects

    def _reassess(self, one: Instance, now: float) -> list[Effect]:
        before = one.priority
        effects = one.assess(weigh(one.config, self._links, self._scripts), now)
        if one.priority != before:
            why = "; ".join(item.reason for item in one.health.adjustments) or "nothing adjusts it"
            text = f"({one.config.name}) effective priority {before} -> {one.priority}: {why}"
            effects = [*effects, Log("info", text)]
        return effects

    def _stop_requested(self, event: StopRequested, now: float) -> list[Effect]:
        self._stopped = True
        return [effect for one in self.instances.values() for effect in one.stop(now, "asked to stop")]

    # For people

    def states(self) -> str:
        """One line for ``systemctl status``."""
        return ", ".join(f"{one.config.name} {one.state}" for one in self.instances.values())

    def snapshot(self, now: float) -> dict[str, Any]:
        """Everything a person may ask, as plain data for JSON; ages and delays in seconds."""
        return {
            "instances": [self._instance_snapshot(key, one, now) for key, one in self.instances.items()],
            "scripts": [
                {"name": name, "up": result.up, "detail": result.detail} for name, result in self._scripts.items()
            ],
            "rejected": _labelled({f"{interface} {label}": n for (interface, label), n in self.rejected.items()}),
        }

    def _instance_snapshot(self, key: Key, one: Instance, now: float) -> dict[str, Any]:
        config, health = one.config, one.health
        due_s = one.deadlines.master_down
        return {
            "name": config.name,
            "interface": config.interface,
            "vrid": config.virtual_router_id,
            "state": one.state.value,
            "since_s": round(now - one.since, 3),
            "reason": one.reason,
            "base_priority": config.priority,
            "priority": one.priority,
            "nopreempt": config.nopreempt,
            "address": str(health.address) if health.address else None,
            "vips": [str(vip) for vip in config.virtual_ipaddress],
            "holds_vips": one.holds_addresses,
            "faults": list(health.faults),
            "undecided": health.undecided,
            "adjustments": [{"amount": item.amount, "reason": item.reason} for item in health.adjustments],
            "master": _peer(one.master, now),
            "rival": _peer(one.rival, now),
            "advert_int_s": config.advert_int_s,
            "master_down_s": round(one.master_down_s, 6),
            "takes_over_in_s": round(due_s - now, 3) if due_s is not None else None,
            "counters": _labelled({label: n for (owner, label), n in self.counters.items() if owner == key}),
        }


def _key(instance: VrrpInstance) -> Key:
    return instance.interface, family_of(instance), instance.virtual_router_id


def _peer(peer: Any, now: float) -> Optional[dict[str, Any]]:
    if peer is None:
        return None
    return {"address": str(peer.address), "priority": peer.priority, "heard_s_ago": round(now - peer.heard_at, 3)}


def _labelled(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
