# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the VMAC interfaces of a configuration are called where ``use_vmac`` names none: ``vrrp.VRID``, ``vrrp6.VRID``.

When that is another's, the beginning gets a number: ``vrrp1.VRID``. Source: keepalived, which numbers them alike; that
a reload does not rename those that it does not concern is ours, and that IPv6 always begins with ``vrrp6``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count, islice
from typing import Optional

from .model import Config, VrrpInstance
from .network import NAME_MAX
from .spoken import family_of

DEFAULT_PREFIX = "vrrp"

# A name from before stays when it is one of so many that could have been made for its instance.
_NAMES_LOOKED_AT = 256


def names_for(instance: VrrpInstance, prefix: Optional[str]) -> Iterator[str]:
    """The first is the best; a name that is too long has a shorter beginning."""
    first = "6" if family_of(instance) == 6 else ""
    for number in chain([first], map(str, count(1))):
        rest = f"{number}.{instance.virtual_router_id}"
        yield (prefix or DEFAULT_PREFIX)[: NAME_MAX - len(rest)] + rest


def named(config: Config, before: Config) -> Config:
    """``config`` with a name in every ``use_vmac``; ``before`` is the running one, as this function left it."""
    found = {one.name: one.use_vmac.name for one in config.instances if one.use_vmac and one.use_vmac.name}
    taken = set(found.values())
    wanted = [one for one in config.instances if one.use_vmac and one.name not in found]
    for instance, name in _kept(wanted, config, before):
        if name not in taken:
            found[instance.name] = name
            taken.add(name)
    for instance in wanted:
        if instance.name not in found:
            name = next(name for name in names_for(instance, config.global_defs.vmac_prefix) if name not in taken)
            found[instance.name] = name
            taken.add(name)
    return replace(config, instances=tuple([_with_name(one, found.get(one.name)) for one in config.instances]))


def _kept(wanted: list[VrrpInstance], config: Config, before: Config) -> Iterator[tuple[VrrpInstance, str]]:
    """The names of the running configuration that stay."""
    names = {_place(one): one.use_vmac.name for one in before.instances if one.use_vmac}
    for instance in wanted:
        name = names.get(_place(instance))
        possible = islice(names_for(instance, config.global_defs.vmac_prefix), _NAMES_LOOKED_AT)
        if name is not None and name in possible:
            yield instance, name


def _place(instance: VrrpInstance) -> tuple[str, int, int]:
    return instance.interface, family_of(instance), instance.virtual_router_id


def _with_name(instance: VrrpInstance, name: Optional[str]) -> VrrpInstance:
    if instance.use_vmac is None:
        return instance
    return replace(instance, use_vmac=replace(instance.use_vmac, name=name))
