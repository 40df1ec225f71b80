# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual IPs as a role's variables name them: alone, or as what services are reached at.

Single values are judged here; whether a VIP suits the pair is ``judgement.py``'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address, VirtualAddress
from ansible_collections.lbha.pair.plugins.plugin_utils.address_words import with_words
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reading,
    broadcast,
    interface_name,
    label,
    symbol,
    text,
    virtual_address,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import WITH_SERVICES, Variables
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import Service

VIP_KEYS = ("address", "dev", "label", "broadcast", "scope", "options", "instance")


@dataclass(frozen=True)
class Vip:
    """``place`` is the path of the variable that asked for it, ``of_preferred`` of the one that prefers a host."""

    place: str
    address: VirtualAddress
    preferred: str
    of_preferred: str
    instance: str = ""


def vips_of(services: Iterable[Service]) -> tuple[Vip, ...]:
    """Several services may have one VIP."""
    found: dict[Address, Vip] = {}
    for service in services:
        if service.vip is not None:
            place = service.place
            vip = Vip(f"{place}.vip", service.vip, service.preferred, f"{place}.preferred", service.instance)
            found.setdefault(service.vip.address, vip)
    return tuple(found.values())


def in_order(served: tuple[Vip, ...], listed: tuple[Vip, ...]) -> tuple[Vip, ...]:
    """Those of services first, but one that the list has as well, written alike, stands where the list says."""
    twins = {(vip.address, vip.instance): vip for vip in served}
    again = {key for vip in listed if (key := (vip.address, vip.instance)) in twins}
    return (
        *(vip for key, vip in twins.items() if key not in again),
        *(twins.get((vip.address, vip.instance), vip) for vip in listed),
    )


def read_vips(variables: Variables, reading: Reading) -> tuple[Vip, ...]:
    variable, value = variables.name("vips"), variables.shared("vips")
    preferring = "preferred" not in variables.defaults  # then each VIP may name its host
    if value in ([], (), None, "") and WITH_SERVICES in variables.defaults:
        return ()
    if value in ([], (), None, ""):
        example = "{address: 10.0.0.3/24, preferred: lb01}" if preferring else "10.0.0.3/24"
        reading.report(variable, "names no virtual IP", f"list at least one, for example [{example}]")
        return ()
    found = [read_vip(path, item, preferring, reading) for path, item in reading.items(variable, value, "virtual IPs")]
    return tuple(vip for vip in found if vip is not None)


def read_vip(path: str, item: Any, preferring: bool, reading: Reading) -> Vip | None:
    keys = (*VIP_KEYS, "preferred") if preferring else VIP_KEYS
    whole = isinstance(item, Mapping)
    given = reading.mapping(path, item if whole else {"address": item}, keys, "address/prefix or a dictionary")

    def take(key: str, reader: Callable[[Any], Any]) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], None) if given.get(key) is not None else None

    preferred = take("preferred", text) or ""
    found = reading.take(f"{path}.address" if whole else path, virtual_address, given.get("address"), None)
    options = {
        "dev": take("dev", _device),
        "label": take("label", label),
        "broadcast": take("broadcast", broadcast),
        "scope": take("scope", symbol),
    }
    if found is None:
        return None
    for key in ("label", "broadcast"):
        if found.version == 6 and options[key]:
            reading.report(f"{path}.{key}", f"{found.ip} can have none", "remove it: only IPv4 addresses have one")
    address = VirtualAddress(found.ip, found.network.prefixlen, **options)
    return Vip(
        place=path,
        address=take("options", with_words(address)) or address,
        preferred=preferred,
        of_preferred=f"{path}.preferred",
        instance=take("instance", symbol) or "",
    )


def _device(value: Any) -> str:
    """Empty: the line names no device, and the agent takes the instance's."""
    return "" if value == "" else interface_name(value)
