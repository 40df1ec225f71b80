# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a master holds in the kernel: addresses, then routes, then rules; and off again in the opposite order.

Only says what is to be done; who is master is decided in ``instance.py``.
"""

from __future__ import annotations

from typing import TypeVar, Union

from ..config.model import Route, Rule, VirtualAddress
from .effects import (
    AddAddresses,
    AddRoutes,
    AddRules,
    Effect,
    RemoveAddresses,
    RemoveRoutes,
    RemoveRules,
)
from .settings import Settings

Item = Union[VirtualAddress, Route, Rule]
_Item = TypeVar("_Item")


def take(settings: Settings) -> list[Effect]:
    """Everything the instance holds."""
    effects: list[Effect] = [AddAddresses(settings.address_interface, settings.vips)]
    if settings.routes:
        effects.append(AddRoutes(settings.routes))
    if settings.rules:
        effects.append(AddRules(settings.rules))
    return effects


def drop(settings: Settings) -> list[Effect]:
    """The inverse of :func:`take`."""
    effects: list[Effect] = []
    if settings.rules:
        effects.append(RemoveRules(settings.rules))
    if settings.routes:
        effects.append(RemoveRoutes(settings.routes))
    return [*effects, RemoveAddresses(settings.address_interface, settings.vips)]


def exchange(before: Settings, after: Settings) -> list[Effect]:
    """From one configuration to the next: what is in both stays untouched."""
    effects: list[Effect] = []
    if rules := _without(before.rules, after.rules):
        effects.append(RemoveRules(rules))
    if routes := _without(before.routes, after.routes):
        effects.append(RemoveRoutes(routes))
    effects += _exchange_addresses(before, after)
    if routes := _without(after.routes, before.routes):
        effects.append(AddRoutes(routes))
    if rules := _without(after.rules, before.rules):
        effects.append(AddRules(rules))
    return effects


def new_addresses(before: Settings, after: Settings) -> tuple[VirtualAddress, ...]:
    if before.address_interface != after.address_interface:
        return after.vips
    return _without(after.vips, before.vips)


def put_back(settings: Settings, item: Item) -> Effect:
    """One of them again, that another program removed."""
    if isinstance(item, Route):
        return AddRoutes((item,))
    if isinstance(item, Rule):
        return AddRules((item,))
    return AddAddresses(settings.address_interface, (item,))


def named(item: Item) -> str:
    """As a person calls it."""
    return f"route {item}" if isinstance(item, Route) else f"rule {item}" if isinstance(item, Rule) else str(item)


def interface_of(settings: Settings, vip: VirtualAddress) -> str:
    return vip.dev or settings.address_interface


def _exchange_addresses(before: Settings, after: Settings) -> list[Effect]:
    new = new_addresses(before, after)
    moved = before.address_interface != after.address_interface
    gone = before.vips if moved else _without(before.vips, after.vips)
    effects: list[Effect] = [RemoveAddresses(before.address_interface, gone)] if gone else []
    return [*effects, AddAddresses(after.address_interface, new)] if new else effects


def _without(items: tuple[_Item, ...], others: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return tuple(item for item in items if item not in others)
