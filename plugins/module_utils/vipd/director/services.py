# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configured virtual server as the services and destinations that IPVS knows: groups expanded, defaults filled in.

Pure, and without state: who is alive comes in as weights. Source: keepalived.conf(5), ipvsadm(8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from ..config import lvs_defaults
from ..config.lvs import (
    Endpoint,
    FirewallMark,
    Forwarding,
    RealServer,
    VirtualServer,
)
from ..config.lvs_services import ServiceKey
from .table import Destination, DestinationKey, Netmask, Service, netmask

_HOST_LENGTH = {4: 32, 6: 128}
SORRY_WEIGHT = 1


def service(server: VirtualServer, key: ServiceKey, destinations: Mapping[DestinationKey, Destination]) -> Service:
    persistence_s = lvs_defaults.persistence_s(server)
    if key.fwmark == 0 and key.port == 0:
        persistence_s = persistence_s or lvs_defaults.PERSISTENCE_DEFAULT_S
    return Service(
        scheduler=lvs_defaults.scheduler(server),
        persistence_s=persistence_s,
        netmask=_netmask(server, key),
        flags=frozenset(_flags(server)),
        engine=server.persistence_engine or "",
        destinations=destinations,
    )


def _netmask(server: VirtualServer, key: ServiceKey) -> Netmask:
    """Of a group the members of either family have what fits them."""
    given, host = server.persistence_granularity, _HOST_LENGTH[key.family]
    if given is None:
        return host
    found = given if isinstance(given, int) else netmask(IPv4Address(given))
    return min(found, host) if isinstance(found, int) else found if key.family == 4 else host


def _flags(server: VirtualServer) -> Iterator[str]:
    given = {
        "hashed": server.hashed,
        "ops": server.ops,
        "flag-1": server.flag_1,
        "flag-2": server.flag_2,
        "flag-3": server.flag_3,
    }
    return (name for name, is_set in given.items() if is_set)


def real_destination(
    server: VirtualServer, real: RealServer, key: ServiceKey, weight: int
) -> tuple[DestinationKey, Destination]:
    forwarding = lvs_defaults.forwarding(server, real)
    where = DestinationKey(real.endpoint.address, _port(server, real.endpoint, forwarding, key))
    return where, Destination(weight, forwarding, real.uthreshold, real.lthreshold)


def sorry_destination(
    server: VirtualServer, sorry: Endpoint, key: ServiceKey, weight: int
) -> tuple[DestinationKey, Destination]:
    forwarding = server.sorry_server.lvs_method or server.lb_kind or lvs_defaults.NAT
    return DestinationKey(sorry.address, _port(server, sorry, forwarding, key)), Destination(weight, forwarding)


def _port(server: VirtualServer, endpoint: Endpoint, forwarding: Forwarding, key: ServiceKey) -> int:
    """Only NAT translates ports, and only for a service that has one; a mark in a group keeps what it is given."""
    if isinstance(server.service, FirewallMark):
        return 0
    if endpoint.port is None or (forwarding.method != "NAT" and not key.fwmark):
        return key.port
    return endpoint.port
