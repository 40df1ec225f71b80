# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces as ``ip -json address`` shows them: is one up, and is a VIP in its subnet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_interface

from .finding import ERROR, WARNING, Address, Finding, Interface, Router

CHECK = "interface"


@dataclass(frozen=True)
class Link:
    """``mac`` is empty for an interface without one. ``addresses`` are those that are there now, a VIP among them."""

    name: str
    index: int
    mac: bytes
    up: bool
    addresses: tuple[Interface, ...]

    def own(self, family: int, vips: Iterable[Address]) -> tuple[Address, ...]:
        """Of a family, without the VIPs that it holds just now."""
        held = frozenset(vips)
        return tuple(one.ip for one in self.addresses if one.version == family and one.ip not in held)


def links(listing: str) -> dict[str, Link]:
    """By name, from the JSON that ip(8) writes."""
    return {link.name: link for link in map(_link, json.loads(listing))}


def _link(shown: Mapping[str, object]) -> Link:
    flags, addresses = shown.get("flags", ()), shown.get("addr_info", ())
    known = addresses if isinstance(addresses, list) else []
    return Link(
        name=str(shown["ifname"]),
        index=int(str(shown["ifindex"])),
        mac=_mac(str(shown.get("address", ""))),
        up=isinstance(flags, list) and {"UP", "LOWER_UP"} <= set(flags),
        addresses=tuple(ip_interface(f"{one['local']}/{one['prefixlen']}") for one in known if "local" in one),
    )


def _mac(text: str) -> bytes:
    try:
        octets = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        return b""
    return octets if len(octets) == 6 and any(octets) else b""


def judge(found: Mapping[str, Link], routers: Iterable[Router]) -> Iterator[Finding]:
    for router in routers:
        link = found.get(router.interface)
        if link is None:
            have = ", ".join(sorted(found))
            yield Finding(
                CHECK, ERROR, f"there is no interface {router.interface}", f"set another one: there are {have}"
            )
            continue
        if not link.up:
            message = f"{link.name} is down, or has no carrier"
            yield Finding(CHECK, ERROR, message, "bring it up: a VIP cannot be held there")
        for vip in router.addresses:
            yield from _in_subnet(vip, link, router.vips)


def _in_subnet(vip: Interface, link: Link, vips: tuple[Address, ...]) -> Iterator[Finding]:
    """A host route needs no subnet; anything else is most likely a slip of the pen."""
    own = [one for one in link.addresses if one.version == vip.version and one.ip not in vips]
    own = [one for one in own if not one.ip.is_link_local]
    if vip.network.prefixlen == vip.network.max_prefixlen or not own:
        return
    around = [one for one in own if vip.ip in one.network]
    if not around:
        networks = ", ".join(sorted({str(one.network) for one in own}))
        message = f"the VIP {vip} is not in a network of {link.name}, which has {networks}"
        yield Finding(CHECK, WARNING, message, "correct the VIP, unless the network is routed to the pair")
    elif all(one.network.prefixlen != vip.network.prefixlen for one in around):
        length = around[0].network.prefixlen
        message = f"the VIP {vip} has another prefix length than {link.name}, which has /{length}"
        yield Finding(CHECK, WARNING, message, f"write {vip.ip}/{length}")
