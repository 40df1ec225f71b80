# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From one configuration to the next: who stays, who goes, who is new, and which VIPs change hands on the way.

Instances are matched by what they are on the wire (``identity.py``), not by name. Source: keepalived.conf(5) and its
reload; we differ in that a VIP which moves between two masters of this node never leaves the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Optional

from ..config.model import Config, Route, Rule, VirtualAddress, VrrpInstance
from .beat import Beat
from .effects import Effect, RemoveAddresses, RemoveRoutes, RemoveRules
from .groups import Group
from .holdings import drop, interface_of, placed
from .identity import Listeners, survivors
from .instance import Instance
from .notify import Audience
from .settings import Settings, resolve
from .tracking import names

_REMOVALS = (RemoveRules, RemoveRoutes, RemoveAddresses)


class Loaded:
    """The running configuration: its instances and groups, by name, and who tracks what."""

    def __init__(self) -> None:
        self.config = Config()
        self.instances: dict[str, Instance] = {}
        self.listeners = Listeners()
        self.groups: dict[str, Group] = {}
        self._beat = Beat()
        self._group_of: dict[Instance, Group] = {}
        self._trackers: dict[tuple[str, str], list[Instance]] = {}

    # Looking up

    def trackers(self, kind: str, name: str) -> list[Instance]:
        """The instances that an interface, script, process or file concerns."""
        return self._trackers.get((kind, name), [])

    def groups_of(self, ones: Iterable[Instance]) -> list[Group]:
        if not self._group_of:
            return []
        return list(dict.fromkeys(self._group_of[one] for one in ones if one in self._group_of))

    def companies(self, ones: Iterable[Instance]) -> list[list[Instance]]:
        """These instances, each with all members of its group; nobody twice."""
        found: dict[Instance, list[Instance]] = {}
        for one in ones:
            if one not in found:
                members = self._group_of[one].members if one in self._group_of else [one]
                found.update(dict.fromkeys(members, members))
        return list({id(members): members for members in found.values()}.values())

    def by_interface(self) -> Mapping[str, list[Settings]]:
        found: dict[str, list[Settings]] = {}
        for one in self.instances.values():
            found.setdefault(one.settings.interface, []).append(one.settings)
        return found

    def tell_again(self) -> list[Effect]:
        """fifo_write_vrrp_states_on_reload: what was so before this configuration."""
        if not self.config.global_defs.fifo_write_vrrp_states_on_reload:
            return []
        told = [effect for one in self.instances.values() for effect in one.tell_again()]
        return told + [effect for group in self.groups.values() for effect in group.tell_again()]

    # A new configuration

    def adopt(self, config: Config, now: float) -> list[Effect]:
        """Every instance and group as ``config`` has it; it was checked before."""
        self.config = config
        member_of = {name: group for group in config.sync_groups for name in group.group}
        wanted = {one.name: resolve(one, config.global_defs, member_of.get(one.name)) for one in config.instances}
        before, staying = list(self.instances.values()), survivors(self.instances.values(), wanted)
        stays = set(staying.values())
        effects = [effect for one in before if one not in stays for effect in _remove(one, now)]
        self.instances.clear()
        for instance in config.instances:
            one, did = self._adopted(staying.get(instance.name), instance, wanted[instance.name], now)
            group = member_of.get(instance.name)
            one.group = group.name if group else None
            self.instances[instance.name] = one
            effects += did
        self.listeners = Listeners(self.instances.values())
        self._adopt_groups()
        self._index()
        return _removals_first(self._keep_wanted(effects))

    def _adopted(
        self, one: Optional[Instance], config: VrrpInstance, settings: Settings, now: float
    ) -> tuple[Instance, list[Effect]]:
        if one is None:
            # what a crash may have left; an owner has its addresses anyway
            left = [] if settings.is_owner else drop(settings)
            return Instance(config, settings, now, self._beat), left
        one.wants_master = False
        return one, one.reconfigure(config, settings, now)

    def _adopt_groups(self) -> None:
        before, self.groups, self._group_of = self.groups, {}, {}
        for config in self.config.sync_groups:
            members = [self.instances[name] for name in dict.fromkeys(config.group) if name in self.instances]
            group = Group(config, Audience.of("GROUP", config, self.config.global_defs), members)
            group.state = before[config.name].state if config.name in before else group.state
            self.groups[config.name] = group
            self._group_of.update(dict.fromkeys(members, group))

    def _index(self) -> None:
        self._trackers = {}
        for one in self.instances.values():
            tracked = {("interface", one.settings.interface): None}
            for tracks in (one.settings.tracks, one.settings.group_tracks):
                tracked.update(dict.fromkeys(names(tracks)))
            for what in tracked:
                self._trackers.setdefault(what, []).append(one)

    # What changes hands

    def _keep_wanted(self, effects: list[Effect]) -> list[Effect]:
        """What moved to another master of this node is not taken off on the way."""
        if not any(isinstance(effect, _REMOVALS) for effect in effects):
            return effects
        holders = [one.settings for one in self.instances.values() if one.holds_addresses]
        held = {placed(interface_of(settings, vip), vip) for settings in holders for vip in settings.vips}
        routes = {route for settings in holders for route in settings.routes}
        rules = {rule for settings in holders for rule in settings.rules}
        return [_without_held(effect, held, routes, rules) for effect in effects]


def _remove(one: Instance, now: float) -> list[Effect]:
    notify = one.settings.audience.notify
    state = "DELETED" if notify.deleted or notify.says_deleted else "FAULT"
    return one.stop(now, "removed from the configuration", state)


def _without_held(effect: Effect, held: set[VirtualAddress], routes: set[Route], rules: set[Rule]) -> Effect:
    if isinstance(effect, RemoveAddresses):
        gone = tuple(vip for vip in effect.addresses if placed(vip.dev or effect.interface, vip) not in held)
        return replace(effect, addresses=gone)
    if isinstance(effect, RemoveRoutes):
        return replace(effect, routes=tuple(route for route in effect.routes if route not in routes))
    if isinstance(effect, RemoveRules):
        return replace(effect, rules=tuple(rule for rule in effect.rules if rule not in rules))
    return effect


def _removals_first(effects: list[Effect]) -> list[Effect]:
    """The same address may come back with another label or length: after it went, not before."""
    return sorted(effects, key=lambda effect: not isinstance(effect, _REMOVALS))
