# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Static addresses, routes and rules: there while the daemon runs, whoever is master.

What another program removes is put back. What stays away, because it was put back too often, is a fault of the
instances that its ``track_group`` names. Source: keepalived.conf(5), static_*, track_group.
"""

from __future__ import annotations

from typing import Optional, TypeVar

from ..config.model import Address, Config, Route, Rule, VirtualAddress
from .deadline import earliest
from .effects import AddAddresses, AddRoutes, AddRules, Effect, Log, RemoveAddresses, RemoveRoutes, RemoveRules
from .holdings import Item, named
from .upkeep import Upkeep

# Where static addresses without a dev go when default_interface is not given, as in keepalived.
DEFAULT_INTERFACE = "eth0"

_Item = TypeVar("_Item")


class Statics:
    """Those of one node. ``lost`` stay away until a time."""

    def __init__(self) -> None:
        self._config = Config()
        self._upkeep = Upkeep()
        self.lost: dict[Item, float] = {}

    def next(self) -> Optional[float]:
        return earliest(*self.lost.values())

    def configure(self, config: Config) -> list[Effect]:
        """From the configuration before to this one; what is in both stays untouched."""
        before, self._config = self._config, config
        if before == config:
            return []
        wanted = {*config.static_ipaddress, *config.static_routes, *config.static_rules}
        self.lost = {item: at for item, at in self.lost.items() if item in wanted}
        moved = _interface(before) != _interface(config)
        kept = () if moved else config.static_ipaddress
        known = () if moved else before.static_ipaddress
        removals: list[Effect] = [
            RemoveRules(_without(before.static_rules, config.static_rules)),
            RemoveRoutes(_without(before.static_routes, config.static_routes)),
            RemoveAddresses(_interface(before), _without(before.static_ipaddress, kept)),
        ]
        additions: list[Effect] = [
            AddAddresses(_interface(config), _without(config.static_ipaddress, known)),
            AddRoutes(_without(config.static_routes, before.static_routes)),
            AddRules(_without(config.static_rules, before.static_rules)),
        ]
        return [effect for effect in removals + additions if _says_something(effect)]

    def stop(self) -> list[Effect]:
        return self.configure(Config())

    def address(self, interface: str, address: Address) -> Optional[VirtualAddress]:
        """The static address that this is."""
        own = _interface(self._config)
        for vip in self._config.static_ipaddress:
            if vip.address == address and (vip.dev or own) == interface:
                return vip
        return None

    def has(self, item: Item) -> bool:
        return item in self._config.static_routes or item in self._config.static_rules

    def removed(self, item: Item, now: float) -> list[Effect]:
        """By another program."""
        if self._upkeep.may_put_back(item, now):
            return [self._add(item), Log("warning", f"another program removed the static {named(item)}: put it back")]
        self.lost[item] = self._upkeep.may_again_at(item)
        text = (
            f"another program keeps removing the static {named(item)}: it stays away for {self.lost[item] - now:.0f} s"
        )
        return [Log("warning", text)]

    def put_back(self, item: Item) -> list[Effect]:
        """It is not there, and no other program insists on that."""
        if item in self.lost:
            return []
        return [self._add(item), Log("warning", f"the static {named(item)} was missing: put it in place")]

    def deadline_reached(self, now: float) -> list[Effect]:
        """Time for another try."""
        again = [item for item, at in self.lost.items() if at <= now]
        for item in again:
            del self.lost[item]
        return [self._add(item) for item in again if self._upkeep.may_put_back(item, now)]

    def faults(self, instance: str) -> list[str]:
        """What is lost that this instance must have."""
        groups = {group.name for group in self._config.track_groups if instance in group.group}
        return [f"the static {named(item)} is gone" for item in self.lost if item.track_group in groups]

    def _add(self, item: Item) -> Effect:
        if isinstance(item, Route):
            return AddRoutes((item,))
        if isinstance(item, Rule):
            return AddRules((item,))
        return AddAddresses(_interface(self._config), (item,))


def _interface(config: Config) -> str:
    return config.global_defs.default_interface or DEFAULT_INTERFACE


def _without(items: tuple[_Item, ...], others: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return tuple(item for item in items if item not in others)


def _says_something(effect: Effect) -> bool:
    return any(vars(effect).get(name) for name in ("addresses", "routes", "rules"))
