# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the LVS half of a configuration that reads well: services, real servers, quorum, checkers.

Where keepalived corrects a value and goes on, that is a warning here and the same value is used (``lvs_defaults.py``).
Part of ``check.py``; the model alone is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from . import lvs_services
from .checkers import Checker, FileCheck, HttpGet, MiscCheck, PingCheck, SmtpCheck, Url
from .diagnostics import Findings
from .expression import WITHOUT_COUNTERPART, compiled
from .lvs import AddressRange, Endpoint, FirewallMark, GroupName, RealServer, VirtualServer, VirtualServerGroup
from .lvs_defaults import NAT, forwarding, hysteresis, port, quorum, scheduler, service_port, weight
from .lvs_services import ServiceKey, keys
from .model import NOWHERE, Address, Config


def check_lvs(config: Config, findings: Findings) -> None:
    for server in config.lvs.virtual_servers:
        for look in _OF_A_SERVER:
            look(server, findings)
    _services_are_unique(config, findings)
    _groups_are_defined_once(config, findings)
    _groups_fit_their_real_servers(config, findings)
    _no_real_server_is_a_director(config, findings)
    _track_files_exist(config, findings)
    _sync_daemon_follows_an_instance(config, findings)


# One virtual server


def _has_what_keepalived_wants(server: VirtualServer, findings: Findings) -> None:
    by_mark = isinstance(server.service, FirewallMark)
    if server.protocol is None and not by_mark:
        findings.warning(server.place, f"{title(server)} has no protocol", "it will be UDP: add protocol TCP, or UDP")
    if server.lb_algo is None:
        findings.warning(server.place, f"{title(server)} has no lb_algo", f"it will be {scheduler(server)}")
    if server.lb_kind is None and any(real.lvs_method is None for real in server.real_servers):
        findings.warning(server.place, f"{title(server)} has no lb_kind", f"it will be {NAT.method}")
    if server.protocol is not None and by_mark:
        _protocol_is_ignored(server, findings)
    if not server.real_servers and server.sorry_server.endpoint is None:
        findings.warning(server.place, f"{title(server)} has no real server", "it is ignored")
    if server.hashed and server.lb_algo != "sh":
        findings.warning(server.place, f"{title(server)}: hashed has no effect", "it is for lb_algo sh")
    if server.ops and server.protocol != "UDP":
        findings.warning(server.place, f"{title(server)}: ops has no effect", "one-packet scheduling is for UDP")


def _protocol_is_ignored(server: VirtualServer, findings: Findings) -> None:
    message = f"{title(server)}: protocol {server.protocol} is ignored"
    findings.warning(server.place, message, "a firewall mark stands for every protocol that the packet filter marks")


def _every_port_is_persistent(server: VirtualServer, findings: Findings) -> None:
    service = server.service
    if isinstance(service, Endpoint) and not service.port and server.persistence_timeout_s is None:
        message = f"{title(server)} has no port, and so takes every port: that needs persistence"
        findings.warning(server.place, message, "persistence_timeout 360 is used: add a port, or persistence_timeout")


def _quorum_can_be_reached(server: VirtualServer, findings: Findings) -> None:
    total = sum(weight(server, real) for real in server.real_servers)
    if server.real_servers and server.quorum > total:
        message = f"{title(server)}: quorum {server.quorum} is more than all real servers weigh together, {total}"
        findings.warning(server.place, message, f"{quorum(server)} is used")
    if server.hysteresis > hysteresis(server):
        message = f"{title(server)}: hysteresis {server.hysteresis} is not less than the quorum"
        findings.warning(server.place, message, f"{hysteresis(server)} is used")


def _real_servers_are_unique(server: VirtualServer, findings: Findings) -> None:
    seen: dict[Endpoint, RealServer] = {}
    for real in server.real_servers:
        first = seen.setdefault(Endpoint(real.endpoint.address, port(server, real)), real)
        if first is not real:
            message = f"{title(server)} has the real server {real.endpoint} twice, first at {first.place}"
            findings.error(real.place, message, "remove one of the two")


def _ports_are_translated_by_nat_alone(server: VirtualServer, findings: Findings) -> None:
    for real in server.real_servers:
        method = forwarding(server, real).method
        if isinstance(server.service, Endpoint) and real.endpoint.port not in (None, port(server, real)):
            message = f"{title(server)}: real server {real.endpoint} has another port than the service, and {method}"
            remedy = f"port {service_port(server)} is used: only NAT translates ports"
            findings.warning(real.place, message, remedy)


def _marks_have_no_ports(server: VirtualServer, findings: Findings) -> None:
    for real in server.real_servers if isinstance(server.service, FirewallMark) else ():
        _port_is_ignored(server, real, findings)
        for checker in real.checkers:
            if isinstance(checker, Checker) and not isinstance(checker, PingCheck) and not _has_port(checker):
                message = f"{title(server)}: a check of {real.endpoint} has no port to connect to"
                findings.error(checker.place, message, "add connect_port")


def _port_is_ignored(server: VirtualServer, real: RealServer, findings: Findings) -> None:
    if real.endpoint.port and forwarding(server, real).method != NAT.method:
        message = f"{title(server)}: the port of real server {real.endpoint} is ignored"
        findings.warning(real.place, message, "packets that a firewall mark stands for keep their port")


def _has_port(checker: Checker) -> bool:
    hosts = checker.hosts if isinstance(checker, SmtpCheck) else ()
    return all(one.connect_port for one in ([host.connection for host in hosts] or [checker.connection]))


def _families_match(server: VirtualServer, findings: Findings) -> None:
    if not isinstance(server.service, Endpoint):
        return
    for real in server.real_servers:
        other = real.endpoint.address.version != server.service.address.version
        if other and forwarding(server, real).method != "TUN":
            message = f"{title(server)}: real server {real.endpoint} is of another address family"
            findings.error(real.place, message, "only lvs_method TUN reaches it")


def _thresholds_are_in_order(server: VirtualServer, findings: Findings) -> None:
    for real in server.real_servers:
        if real.lthreshold > real.uthreshold:  # the kernel refuses it, where uthreshold is 0, none, too
            above = "above uthreshold" if real.uthreshold else "and no uthreshold"
            message = f"{title(server)}: real server {real.endpoint} has lthreshold {real.lthreshold} {above}"
            remedy = f"give one of at most {real.uthreshold}" if real.uthreshold else "add uthreshold, or remove it"
            findings.warning(real.place, message, f"{remedy}: the kernel refuses the server")


def _checkers_are_complete(server: VirtualServer, findings: Findings) -> None:
    for real in server.real_servers:
        for checker in real.checkers:
            if isinstance(checker, MiscCheck) and checker.misc_path is None:
                findings.error(checker.place, f"MISC_CHECK of {real.endpoint} has no misc_path", "add a program to run")
            elif isinstance(checker, HttpGet) and not checker.urls:
                findings.error(checker.place, f"the HTTP check of {real.endpoint} has no url", "add url { path / }")
            elif isinstance(checker, HttpGet):
                for url in checker.urls:
                    _url(f"the HTTP check of {real.endpoint}", url, findings)


def _url(whose: str, url: Url, findings: Findings) -> None:
    if not url.path.startswith("/"):
        findings.error(url.place, f"{whose} has a url whose path does not begin with /", "add path /")
    try:
        compiled(url)
    except re.error as error:
        remedy = "vipd reads it with Python's re, keepalived with PCRE2: write it so that both can"
        findings.error(url.place, f"{whose} has a regex that cannot be read: {error}", remedy)
    for option in sorted(WITHOUT_COUNTERPART & set(url.regex_options)):
        findings.warning(
            url.place, f"{whose}: regex_options {option} has no effect", "vipd reads regex with Python's re"
        )


def _granularity_is_of_its_family(server: VirtualServer, findings: Findings) -> None:
    service, length = server.service, server.persistence_granularity
    if isinstance(service, Endpoint) and service.address.version == 4 and isinstance(length, int) and length > 32:
        message = f"{title(server)}: persistence_granularity {length} is no prefix of IPv4"
        findings.error(server.place, message, "give a netmask, such as 255.255.255.0")


_OF_A_SERVER: tuple[Callable[[VirtualServer, Findings], None], ...] = (
    _has_what_keepalived_wants,
    _every_port_is_persistent,
    _quorum_can_be_reached,
    _real_servers_are_unique,
    _ports_are_translated_by_nat_alone,
    _marks_have_no_ports,
    _families_match,
    _thresholds_are_in_order,
    _checkers_are_complete,
    _granularity_is_of_its_family,
)

# All of them


def _services_are_unique(config: Config, findings: Findings) -> None:
    """IPVS has one list of real servers for each service, whichever virtual server means it."""
    groups = {group.name: group for group in config.lvs.groups}
    given: dict[str, VirtualServer] = {}
    taken: dict[ServiceKey, VirtualServer] = {}
    for server in config.lvs.virtual_servers:
        first = given.setdefault(title(server), server)
        if first is not server:
            message = f"{title(server)} was given before, at {first.place}"
            findings.error(server.place, message, "put all its real servers into one block")
            continue
        others = ((key, taken.setdefault(key, server)) for key in keys(server, groups))
        key, other = next(((key, other) for key, other in others if other is not server), (None, server))
        if key is not None:
            message = f"{title(server)} is the service {key}, as {title(other)} at {other.place} is"
            findings.error(server.place, message, "let one of the two have it")


def _groups_are_defined_once(config: Config, findings: Findings) -> None:
    groups: dict[str, VirtualServerGroup] = {}
    for group in config.lvs.groups:
        first = groups.setdefault(group.name, group)
        if first is not group:
            message = f"virtual_server_group {group.name} was given before, at {first.place}"
            findings.error(group.place, message, "remove or rename one of the two")
    for server in config.lvs.virtual_servers:
        if isinstance(server.service, GroupName) and not groups.get(server.service.name, _EMPTY).members:
            message = f"{title(server)}: there is no such virtual_server_group, or it is empty"
            findings.error(server.place, message, "define it, with an address or a firewall mark on each line")


_EMPTY = VirtualServerGroup("")


def _groups_fit_their_real_servers(config: Config, findings: Findings) -> None:
    groups = {group.name: group for group in config.lvs.groups}
    for server in config.lvs.virtual_servers:
        members = groups.get(server.service.name, _EMPTY).members if isinstance(server.service, GroupName) else ()
        marks = [member for member in members if isinstance(member, FirewallMark)]
        ports = {member.port for member in members if not isinstance(member, FirewallMark)}
        if marks and not ports and server.protocol is not None:
            _protocol_is_ignored(server, findings)
        for real in server.real_servers:
            if marks:
                _port_is_ignored(server, real, findings)
            others = ports - {real.endpoint.port}
            if real.endpoint.port and others and forwarding(server, real).method != NAT.method:
                message = f"{title(server)}: real server {real.endpoint} has another port than some of the group"
                findings.warning(real.place, message, "leave its port out: only NAT translates ports")


def _no_real_server_is_a_director(config: Config, findings: Findings) -> None:
    """A packet for it would come back to IPVS, again and again."""
    vips = {vip.address for instance in config.instances for vip in instance.virtual_ipaddress}
    for server in config.lvs.virtual_servers:
        taken = vips | set(_addresses(server, config))
        for real in server.real_servers:
            if real.endpoint.address in taken:
                message = f"{title(server)}: real server {real.endpoint} is a virtual address of this director"
                findings.error(real.place, message, "give the server's own address", ours=True)


def _addresses(server: VirtualServer, config: Config) -> Iterator[Address]:
    service = server.service
    if isinstance(service, Endpoint):
        yield service.address
    for group in config.lvs.groups:
        if isinstance(service, GroupName) and group.name == service.name:
            for member in group.members:
                if isinstance(member, Endpoint):
                    yield member.address
                elif isinstance(member, AddressRange):
                    yield from (member.first + offset for offset in range(int(member.last) - int(member.first) + 1))


def _track_files_exist(config: Config, findings: Findings) -> None:
    names = {file.name for file in config.files}
    for server in config.lvs.virtual_servers:
        for real in server.real_servers:
            for checker in real.checkers:
                if isinstance(checker, FileCheck) and checker.track_file not in names:
                    message = f"FILE_CHECK of {real.endpoint}: there is no track_file {checker.track_file}"
                    findings.error(checker.place, message, "define it, or remove the check")


def _sync_daemon_follows_an_instance(config: Config, findings: Findings) -> None:
    daemon = config.global_defs.lvs.sync_daemon
    if daemon is None or daemon.instance is None:
        return
    instance = next((one for one in config.instances if one.name == daemon.instance), None)
    if instance is None:
        place = config.lvs.virtual_servers[0].place if config.lvs.virtual_servers else NOWHERE
        message = f"lvs_sync_daemon follows vrrp_instance {daemon.instance}, which is not there"
        findings.error(place, message, "name one that is")


def title(server: VirtualServer) -> str:
    return f"virtual_server {lvs_services.title(server)}"
