# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a configured virtual server is to IPVS."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from vipd.config.model import Config
from vipd.config.parse import parse
from vipd.director.director import Director
from vipd.director.effects import ApplyTable
from vipd.director.events import ConfigLoaded
from vipd.director.table import Service

GROUP = "virtual_server_group web {\n10.0.0.1 80\n10.0.0.3-4 81\nfwmark 7\n}\n"


def table(text: str) -> dict[str, Service]:
    config: Config = parse(text).config
    effects = Director(lambda: 0.0).handle(ConfigLoaded(config), 0.0)
    applied = next(effect for effect in effects if isinstance(effect, ApplyTable))
    return {str(key): service for key, service in applied.table.items()}


def places(service: Service) -> list[str]:
    return [f"{where} {destination.forwarding.method}" for where, destination in service.destinations.items()]


def test_a_group_is_a_service_for_each_member() -> None:
    services = table(GROUP + "virtual_server group web {\nprotocol TCP\nreal_server 10.1.0.1 {\n}\n}\n")
    assert list(services) == ["TCP 10.0.0.1:80", "TCP 10.0.0.3:81", "TCP 10.0.0.4:81", "FWM 7"]
    assert places(services["TCP 10.0.0.3:81"]) == ["10.1.0.1:81 NAT"]


@pytest.mark.parametrize(("kind", "port"), [("NAT", 8080), ("DR", 80), ("TUN", 80)])
def test_only_nat_translates_ports(kind: str, port: int) -> None:
    text = f"virtual_server 10.0.0.1 80 {{\nlb_kind {kind}\nprotocol TCP\nreal_server 10.1.0.1 8080 {{\n}}\n}}\n"
    assert places(table(text)["TCP 10.0.0.1:80"]) == [f"10.1.0.1:{port} {kind}"]


def test_a_service_of_every_port_is_persistent() -> None:
    services = table("virtual_server 10.0.0.1 {\nprotocol TCP\nreal_server 10.1.0.1 {\n}\n}\n")
    assert services["TCP 10.0.0.1:0"].persistence_s == 360


def test_a_mark_has_the_family_of_its_real_servers_or_the_one_that_is_said() -> None:
    assert list(table("virtual_server fwmark 3 {\nreal_server fd00::1 80 {\n}\n}\n")) == ["FWM 3 IPv6"]
    assert list(table("virtual_server fwmark 3 {\nip_family inet6\nreal_server 10.0.0.1 80 {\n}\n}\n")) == [
        "FWM 3 IPv6"
    ]


def test_a_mark_is_one_service_for_each_family() -> None:
    servers = ("real_server 10.0.0.1 80", "real_server fd00::1 80")
    services = table("".join(f"virtual_server fwmark 3 {{\n{server} {{\n}}\n}}\n" for server in servers))
    assert [len(service.destinations) for service in services.values()] == [1, 1]
    assert list(services) == ["FWM 3", "FWM 3 IPv6"]


def test_a_service_by_mark_has_no_port_to_translate() -> None:
    (service,) = table(
        "virtual_server fwmark 3 {\nreal_server 10.1.0.1 80 {\n}\nsorry_server 10.1.0.2 80\n}\n"
    ).values()
    assert places(service) == ["10.1.0.1:0 NAT"]
    marks = "virtual_server_group web {\nfwmark 7\n}\n"
    (member,) = table(marks + "virtual_server group web {\nreal_server 10.1.0.1 80 {\n}\n}\n").values()
    assert places(member) == ["10.1.0.1:80 NAT"]


def test_scheduler_flags_and_persistence() -> None:
    text = (
        "virtual_server 10.0.0.1 80 {\nlb_algo sh\nsh-port\nops\nprotocol UDP\npersistence_timeout 50\n"
        "persistence_granularity 255.255.255.0\npersistence_engine sip\nreal_server 10.1.0.1 80 {\n}\n}\n"
    )
    (service,) = table(text).values()
    assert service.settings == ("sh", 50, 24, frozenset({"flag-2", "ops"}), "sip")


@pytest.mark.parametrize(
    ("address", "given", "expected"),
    [
        ("10.0.0.1", "255.255.0.0", 16),
        ("10.0.0.1", "255.0.255.0", IPv4Address("255.0.255.0")),
        ("10.0.0.1", "0.0.0.255", IPv4Address("0.0.0.255")),
        ("10.0.0.1", "0.0.0.0", 0),
        ("10.0.0.1", "64", 32),
        ("fd00::1", "64", 64),
        ("fd00::1", "255.0.255.0", 128),
    ],
)
def test_any_granularity_is_a_netmask(address: str, given: str, expected: object) -> None:
    lines = f"protocol TCP\npersistence_timeout 50\npersistence_granularity {given}\n"
    real_server = f"real_server {address[:-1]}2 80 {{\n}}\n"
    (service,) = table(f"virtual_server {address} 80 {{\n{lines}{real_server}}}\n").values()
    assert service.netmask == expected


def test_without_protocol_it_is_udp_as_keepalived_has_it() -> None:
    assert list(table("virtual_server 10.0.0.1 80 {\nreal_server 10.1.0.1 80 {\n}\n}\n")) == ["UDP 10.0.0.1:80"]


def test_a_virtual_server_with_nobody_behind_it_is_no_service() -> None:
    assert table("virtual_server 10.0.0.1 80 {\nprotocol TCP\n}\n") == {}
