# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a master holds in the kernel: addresses, then routes, then rules; and off again in the opposite order.

Only says what is to be done; who is master is decided in ``instance.py``. A reload compares what the kernel would see:
what is only ours to know, whether a VIP is tracked, say, is no reason to take it off.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
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
_Item = TypeVar("_Item", VirtualAddress, Route, Rule)


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
    if gone := new_addresses(after, before):
        effects.append(RemoveAddresses(before.address_interface, gone))
    if new := new_addresses(before, after):
        effects.append(AddAddresses(after.address_interface, new))
    if routes := _without(after.routes, before.routes):
        effects.append(AddRoutes(routes))
    if rules := _without(after.rules, before.rules):
        effects.append(AddRules(rules))
    return effects


def new_addresses(known: Settings, wanted: Settings) -> tuple[VirtualAddress, ...]:
    """Those of ``wanted`` that ``known`` has not."""
    there = {placed(interface_of(known, vip), vip) for vip in known.vips}
    return tuple(vip for vip in wanted.vips if placed(interface_of(wanted, vip), vip) not in there)


def kept_addresses(vips: Collection[VirtualAddress], before: Settings, after: Settings) -> frozenset[VirtualAddress]:
    """``vips`` of the one configuration, as the next has them."""
    known = {placed(interface_of(before, vip), vip) for vip in vips}
    return frozenset(vip for vip in after.vips if placed(interface_of(after, vip), vip) in known)


def placed(interface: str, vip: VirtualAddress) -> VirtualAddress:
    """What the kernel sees of ``vip``."""
    return replace(visible(vip), dev=interface, use_vmac=False)


def visible(item: _Item) -> _Item:
    """Without what is only ours to know."""
    return replace(item, no_track=False, track_group=None)


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


def _without(items: tuple[_Item, ...], others: tuple[_Item, ...]) -> tuple[_Item, ...]:
    known = {visible(item) for item in others}
    return tuple(item for item in items if visible(item) not in known)
