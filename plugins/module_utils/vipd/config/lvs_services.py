# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which services of IPVS a virtual server stands for: groups expanded, a protocol and a family where none was given.

What they are made of is ``director/services.py``'s; two virtual servers that share one are found by ``lvs_check.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional, Union

from .lvs import AddressRange, Endpoint, FirewallMark, GroupName, VirtualServer, VirtualServerGroup
from .lvs_defaults import protocol
from .network import Address

Groups = Mapping[str, VirtualServerGroup]


@dataclass(frozen=True)
class ServiceKey:
    """What IPVS tells services apart by: protocol, address and port, or a firewall mark and a family."""

    family: int
    protocol: str = ""
    address: Optional[Address] = None
    port: int = 0
    fwmark: int = 0

    def __str__(self) -> str:
        if self.fwmark:
            return f"FWM {self.fwmark}{' IPv6' if self.family == 6 else ''}"
        return f"{self.protocol} {endpoint(self.address, self.port)}"


def endpoint(address: Optional[Address], port: int) -> str:
    """As ipvsadm prints it."""
    return f"[{address}]:{port}" if address is not None and address.version == 6 else f"{address}:{port}"


def keys(server: VirtualServer, groups: Groups) -> Iterator[ServiceKey]:
    """Every service that the virtual server stands for."""
    if isinstance(server.service, GroupName):
        group = groups.get(server.service.name)
        for member in group.members if group else ():
            yield from _key(server, member)
    else:
        yield from _key(server, server.service)


def _key(server: VirtualServer, member: Union[Endpoint, AddressRange, FirewallMark]) -> Iterator[ServiceKey]:
    if isinstance(member, FirewallMark):
        yield ServiceKey(_family(server, member), fwmark=member.number)
    elif isinstance(member, Endpoint):
        yield ServiceKey(member.address.version, protocol(server), member.address, member.port or 0)
    else:
        for number in range(int(member.first), int(member.last) + 1):
            address = type(member.first)(number)
            yield ServiceKey(address.version, protocol(server), address, member.port or 0)


def _family(server: VirtualServer, mark: FirewallMark) -> int:
    """That which was said, or that of the real servers."""
    said = mark.family or server.ip_family
    if said is not None:
        return 6 if said == "inet6" else 4
    return next((real.endpoint.address.version for real in server.real_servers), 4)


def title(server: VirtualServer) -> str:
    """Unique among the virtual servers of a configuration that passed its checks. A mark is one for each family."""
    service = server.service
    if isinstance(service, FirewallMark):
        is_ipv6 = _family(server, service) == 6
    else:
        is_ipv6 = isinstance(service, GroupName) and server.ip_family == "inet6"
    return f"{service}{' inet6' if is_ipv6 else ''}{f' {server.protocol}' if server.protocol else ''}"
