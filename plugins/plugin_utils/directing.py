# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual servers judged against their directors and real servers: what no single host can know.

The mistakes that are found here have one thing in common: everything starts, and packets disappear. Look next at
``virtual_servers.py``, which read the services, and at ``plan.py``, which asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Forwarding
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.plugin_utils.options import braced
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading, RefusedError
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import (
    RealServer,
    ServerHost,
    Service,
    all_servers,
    read_tunnel,
)

Network = IPv4Network | IPv6Network

_IPV6_HOST = 128
IP_FORWARD = "net.ipv4.ip_forward"
IP6_FORWARD = "net.ipv6.conf.all.forwarding"


@dataclass(frozen=True)
class Director:
    """What is known of one: ``addresses`` with where they are said, ``networks`` that it reaches without a router."""

    name: str
    addresses: Mapping[Address, str]
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Kernel:
    """What a director's kernel needs: modules, settings, and networks whose packets leave with its address."""

    modules: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    masquerade: tuple[str, ...] = ()


def kernel(services: Sequence[Service], masquerade: tuple[str, ...], given: Mapping[str, str]) -> Kernel:
    if not services:
        return Kernel()
    schedulers = dict.fromkeys(f"ip_vs_{service.scheduler}" for service in services)
    translated = {server.address.version for _service, server in all_servers(services) if server.method == "NAT"}
    settings = {IP_FORWARD: "1"} if 4 in translated or masquerade else {}
    if 6 in translated:
        settings[IP6_FORWARD] = "1"
    return Kernel(("ip_vs", *schedulers), {**settings, **given}, masquerade)


def judge(
    services: Sequence[Service], directors: Iterable[Director], vips: Mapping[Address, str], reading: Reading
) -> None:
    """``vips`` are all VIPs of the directors, with the variable that asked for each."""
    known = tuple(directors)
    _services_differ(services, reading)
    _vips_are_asked_for_alike(services, reading)
    for service in services:
        _servers_differ(service, reading)
        _tunnels_begin_elsewhere(service, reading)
    for service, server in all_servers(services):
        _is_no_director(server, known, vips, reading)
        _port_is_the_services(service, server, reading)
        _is_a_neighbour(service, server, known, reading)
        _is_prepared(service, server, reading)


def _services_differ(services: Sequence[Service], reading: Reading) -> None:
    first: dict[object, Service] = {}
    for service in services:
        key = (service.head, service.protocol if service.mark is None else _family(service))
        if first.setdefault(key, service) is not service:
            message = f"{service.head.removeprefix('virtual_server ')} {service.protocol} is {first[key].place} already"
            reading.report(service.place, message, "put all its real servers into one of the two")


def _family(service: Service) -> str:
    """A mark is one service for each: that which is said, or that of the real servers."""
    of_servers = (f"inet{6 if server.address.version == 6 else ''}" for server in service.real_servers)
    said = service.words.get("options.ip_family", ())
    return said[0].split()[-1] if said else next(of_servers, "inet")


def _vips_are_asked_for_alike(services: Sequence[Service], reading: Reading) -> None:
    first: dict[Address, Service] = {}
    for service in services:
        if service.vip is None:
            continue
        before = first.setdefault(service.vip.address, service)
        alike = (before.vip, before.preferred, before.instance) == (service.vip, service.preferred, service.instance)
        if not alike:
            message = f"{service.vip.address} is written differently in {before.place}"
            reading.report(f"{service.place}.vip", message, "write vip and preferred of one address alike")


def _servers_differ(service: Service, reading: Reading) -> None:
    first: dict[tuple[Address, int], RealServer] = {}
    for server in service.real_servers:
        key = (server.address, server.port)
        if first.setdefault(key, server) is not server:
            reading.report(server.place, f"{server.address} is {first[key].place} already", "remove one of the two")


def _tunnels_begin_elsewhere(service: Service, reading: Reading) -> None:
    """Linux takes no IPv6 packet out of ipip whose outer source is an address of its own, as the VIP is."""
    vip = service.vip
    if vip is None or vip.address.version == 4 or vip.prefix_length == _IPV6_HOST or vip.preferred_lft_s == 0:
        return
    if any(server.method.startswith("TUN") and "gre" not in server.method for server in service.real_servers):
        message = (
            f"the director's packets would come from {vip.address}, and a real server that has it takes none of them"
        )
        remedy = f"write {vip.address}/{_IPV6_HOST}: it is then no address that the director sends from"
        reading.report(f"{service.place}.vip", message, remedy)


def _is_no_director(
    server: RealServer, directors: Iterable[Director], vips: Mapping[Address, str], reading: Reading
) -> None:
    """A packet for it would come back to IPVS, again and again."""
    if server.address in vips:
        message = f"{server.address} is the VIP of {vips[server.address]}"
        reading.report(server.place, message, "write the server's own address")
        return
    for director in directors:
        if server.address in director.addresses:
            origin = director.addresses[server.address]
            message = f"{server.address} is the address of the director {director.name} ({origin})"
            reading.report(server.place, message, "let other hosts serve")


def _port_is_the_services(service: Service, server: RealServer, reading: Reading) -> None:
    if service.mark is None and not server.method.startswith("NAT") and server.port != service.port:
        message = f"port {server.port or 'every'} is not the service's {service.port or 'every'}"
        remedy = f"only nat translates ports: remove it, or let the server listen on {service.port or 'all ports'}"
        reading.report(f"{server.place}.port", message, remedy)


def _is_a_neighbour(service: Service, server: RealServer, directors: Iterable[Director], reading: Reading) -> None:
    """DR changes the MAC address alone: no router passes the packet on."""
    if server.method != "DR":
        return
    for director in directors:
        networks = [*director.networks, *_network_of(service)]
        same_family = [one for one in networks if one.version == server.address.version]
        if same_family and not any(server.address in one for one in same_family):
            reading.report(
                server.place,
                f"{server.address} is in none of the networks of {director.name}"
                f" ({', '.join(sorted(map(str, set(same_family))))}), and dr needs a neighbour",
                "write forwarding: tun, or nat, or correct the address",
            )
            return


def _network_of(service: Service) -> Iterator[Network]:
    if service.vip is not None and service.vip.prefix_length < service.vip.address.max_prefixlen:
        yield _network(service.vip.address, service.vip.prefix_length)


def _network(address: Address, length: int) -> Network:
    if address.version == 4:
        return IPv4Network((int(address), length), strict=False)
    return IPv6Network((int(address), length), strict=False)


def _is_prepared(service: Service, server: RealServer, reading: Reading) -> None:
    """Where the inventory says what the real server does with the VIP, that has to be what is needed."""
    host = server.host
    if host is None:
        return
    method = server.method.split()[0].lower()
    if host.forwarding is not None and host.forwarding != method:
        message = f"{host.name} is set up for {host.forwarding}, and {service.place} says {method}"
        reading.report("lvs_real_server_forwarding", message, "make both say the same", host.name)
    elif host.forwarding == "tun":
        _tunnel_ends_there(service, server, host, reading)
    if (
        host.vips is not None
        and service.vip is not None
        and method != "nat"
        and str(service.vip.address) not in host.vips
    ):
        message = f"{service.vip.address} is missing, which {service.place} sends there"
        reading.report("lvs_real_server_vips", message, "add it", host.name)


def _tunnel_ends_there(service: Service, server: RealServer, host: ServerHost, reading: Reading) -> None:
    said = server.method.removeprefix("TUN").strip()
    try:
        ends, sent = read_tunnel(host.tunnel), read_tunnel(said)
    except RefusedError:
        return  # told where it is written
    if _received_as(ends) != _received_as(sent):
        message = f"{host.name} ends tunnels of {host.tunnel or 'ipip'}, and {service.place} sends {said or 'ipip'}"
        reading.report("lvs_real_server_tunnel", message, "make both say the same", host.name)


def _received_as(tunnel: Forwarding) -> tuple[object, ...]:
    """What matters to the receiving end: it knows checksums of UDP by itself."""
    return tunnel.tunnel, tunnel.port, tunnel.tunnel == "gre" and tunnel.checksum == "csum"


def words_are_understood(services: Iterable[Service], reading: Reading) -> None:
    """The agent's own parser judges what it will read, keyword by keyword, so that a finding names its variable."""
    for service in services:
        for key, lines in service.words.items():
            _understood(f"{service.place}.{key}", braced(service.head, lines), reading)
        some = service.real_servers[0].head if service.real_servers else "real_server 192.0.2.1 80"
        _understood(f"{service.place}.check", braced(service.head, braced(some, service.checks)), reading)
        for server in service.real_servers:
            for key, lines in server.words.items():
                _understood(f"{server.place}.{key}", braced(service.head, braced(server.head, lines)), reading)


def _understood(variable: str, lines: Iterable[str], reading: Reading) -> None:
    for fault in parse("\n".join(lines), file=variable).errors:
        reading.report(variable, fault.message, fault.remedy or "see keepalived.conf(5)")
