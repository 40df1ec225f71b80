# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the nodes of a site speak VRRP, and the addresses that go with it: one segment, one family.

Nodes have numbers; what they speak from, their VIPs and routes follow from those. A packet is what ``packet.py`` makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from vipd.config.model import Route, VirtualAddress
from vipd.core.events import LinkChanged
from vipd.wire.address import GROUP, GROUP6, Address

PRIMARY = "eth0"
TRACKED = "eth1"

# Unicast may be routed: so many routers take one off the TTL on the way.
UNICAST_HOPS = 2


@dataclass(frozen=True)
class Speech:
    version: int
    family: int
    unicast: bool

    def __str__(self) -> str:
        return f"v{self.version} IPv{self.family} {'unicast' if self.unicast else 'multicast'}"

    @property
    def group(self) -> Address:
        return GROUP if self.family == 4 else GROUP6

    @property
    def hops(self) -> int:
        return UNICAST_HOPS if self.unicast else 0

    def source(self, number: int) -> Address:
        """What node ``number`` speaks from; IPv6 unicast crosses routers, so it cannot be link-local."""
        if self.family == 4:
            return IPv4Address(f"10.0.0.{number}")
        return IPv6Address(f"2001:db8::{number}" if self.unicast else f"fe80::{number}")

    def link(self, interface: str, up: bool, number: int | None) -> LinkChanged:
        """``number`` None: the interface has no address."""
        if number is None:
            return LinkChanged(interface, up, None)
        own = self.source(number)
        if isinstance(own, IPv4Address):
            return LinkChanged(interface, up, own, None, frozenset({own}))
        link_local = IPv6Address(f"fe80::{number}")
        return LinkChanged(interface, up, None, link_local, frozenset({own, link_local}))

    def pool(self, vrid: int) -> tuple[VirtualAddress, ...]:
        """The VIPs of a VRID; over IPv6 the first is link-local, as RFC 9568 wants it."""
        if self.family == 4:
            return tuple(VirtualAddress(IPv4Address(f"10.0.{vrid}.{n}"), 24) for n in range(1, 5))
        texts = [f"fe80::{vrid}:1", *(f"2001:db8:{vrid}::{n}" for n in range(2, 5))]
        return tuple(VirtualAddress(IPv6Address(text), 64) for text in texts)

    def routes(self, vrid: int) -> tuple[Route, ...]:
        destinations = [f"192.0.{vrid}.0/25", f"192.0.{vrid}.128/25"]
        if self.family == 6:
            destinations = [f"2001:db8:{vrid}:1::/64", f"2001:db8:{vrid}:2::/64"]
        return tuple(Route(destination, family=self.family, dev=PRIMARY) for destination in destinations)
