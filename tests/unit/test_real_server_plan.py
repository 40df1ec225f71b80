# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real server is told to do, asked as Ansible asks: through the filter. Whether it works: ``tests/lvs``."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.real_server_plan import real_server_plan


def plan(**given: Any) -> dict[str, Any]:
    return real_server_plan({f"lvs_real_server_{name}": value for name, value in given.items()})


def starts(found: dict[str, Any]) -> list[str]:
    return [step["start"] for step in found["steps"]]


def findings(**given: Any) -> list[str]:
    with pytest.raises(AnsibleFilterError) as refusal:
        plan(**given)
    return [line.strip(" -") for line in str(refusal.value).splitlines()[1:]]


QUIET = {
    "net.ipv4.conf.all.arp_ignore": "1",
    "net.ipv4.conf.all.arp_announce": "2",
    "net.ipv4.conf.lo.arp_ignore": "1",
    "net.ipv4.conf.lo.arp_announce": "2",
}


def test_direct_routing_has_the_vip_on_the_loopback_and_keeps_quiet() -> None:
    found = plan(vips=["10.0.0.250/24", {"address": "10.0.0.251/24"}, "10.0.0.250"])
    assert found["settings"] == QUIET
    assert found["modules"] == []
    assert starts(found) == [
        "address replace 10.0.0.250/32 dev lo",
        "route replace 10.0.0.250/32 dev lo",
        "address replace 10.0.0.251/32 dev lo",
        "route replace 10.0.0.251/32 dev lo",
    ]


def test_ipv6_needs_no_settings_and_starts_no_connection_from_the_vip() -> None:
    found = plan(vips=["2001:db8::250/64"])
    assert found["settings"] == {}
    assert starts(found) == ["-6 address replace 2001:db8::250/128 dev lo nodad preferred_lft 0"]


def test_tunnels_have_it_where_they_end() -> None:
    found = plan(vips=["10.0.0.250"], forwarding="tun")
    assert found["modules"] == ["ipip"]
    assert found["settings"].items() >= {**QUIET, "net.ipv4.conf.tunl0.rp_filter": "0"}.items()
    assert starts(found)[:2] == ["link set tunl0 up", "address replace 10.0.0.250/32 dev tunl0"]


@pytest.mark.parametrize(
    ("tunnel", "modules", "device", "opened"),
    [
        ("type gre", ["ip_gre", "ip6_gre"], ("gre0", "ip6gre0"), []),
        (
            "type gue port 6080 csum",
            ["ipip", "fou", "ip6_tunnel"],
            ("tunl0", "ip6tnl0"),
            ["fou add port 6080 gue", "-6 fou add port 6080 gue"],
        ),
    ],
)
def test_tunnels_of_other_kinds(tunnel: str, modules: list[str], device: tuple[str, str], opened: list[str]) -> None:
    found = plan(vips=["10.0.0.250", "2001:db8::250"], forwarding="tun", tunnel=tunnel)
    assert found["modules"] == modules
    assert {name for name in found["settings"] if name.endswith("rp_filter")} == {
        "net.ipv4.conf.all.rp_filter",
        f"net.ipv4.conf.{device[0]}.rp_filter",
    }
    assert [start for start in starts(found) if "fou" in start] == opened
    assert [start for start in starts(found) if start.startswith(("link", "address", "-6 address"))] == [
        f"link set {device[0]} up",
        f"link set {device[1]} up",
        f"address replace 10.0.0.250/32 dev {device[0]}",
        f"-6 address replace 2001:db8::250/128 dev {device[1]} nodad preferred_lft 0",
    ]


def test_ipv6_tunnels_need_no_settings() -> None:
    found = plan(vips=["2001:db8::250"], forwarding="tun")
    assert (found["modules"], found["settings"]) == (["ip6_tunnel"], {})


def test_nat_answers_through_the_director() -> None:
    found = plan(forwarding="nat", address="192.168.1.7", gateway="192.168.1.1")
    assert (found["settings"], found["modules"]) == ({}, [])
    assert starts(found) == [
        "-4 route replace default via 192.168.1.1 table 19542",
        "-4 rule add priority 19541 from 192.168.1.7 lookup main suppress_prefixlength 0",
        "-4 rule add priority 19542 from 192.168.1.7 lookup 19542",
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "lvs_real_server_vips: names no VIP"),
        ({"vips": ["10.0.0.300"]}, "lvs_real_server_vips[0]: '10.0.0.300' is not an address"),
        ({"vips": "10.0.0.250"}, "lvs_real_server_vips: '10.0.0.250' is not a list"),
        ({"vips": ["10.0.0.7"], "address": "10.0.0.7"}, "10.0.0.7 is this host's own address"),
        ({"vips": ["10.0.0.250"], "gateway": "10.0.0.1"}, "lvs_real_server_gateway: is for nat"),
        ({"vips": ["10.0.0.250"], "forwarding": "masq"}, "lvs_real_server_forwarding: 'masq' is not possible"),
        ({"vips": ["10.0.0.250"], "vip": "10.0.0.250"}, "lvs_real_server_vip: is not known; did you mean"),
        ({"vips": ["10.0.0.250"], "tunnel": "type gre"}, "lvs_real_server_tunnel: is for tun, and forwarding is dr"),
        (
            {"vips": ["10.0.0.250"], "forwarding": "tun", "tunnel": "type gre csum"},
            "lvs_real_server_tunnel: the kernel's own end of GRE tunnels takes no packet that has a checksum",
        ),
        (
            {"vips": ["10.0.0.250"], "forwarding": "tun", "tunnel": "type gue"},
            "lvs_real_server_tunnel: type gue needs a port, and no other type has one; write type gre, or",
        ),
        (
            {"vips": ["10.0.0.250"], "forwarding": "tun", "tunnel": "type gre }"},
            "lvs_real_server_tunnel: 'type gre }' is not one line",
        ),
        ({"forwarding": "nat", "address": "10.0.0.7"}, "lvs_real_server_gateway: with nat, answers have to go back"),
        ({"forwarding": "nat", "gateway": "10.0.0.1"}, "lvs_real_server_address: it is not known which"),
        ({"forwarding": "nat", "address": "10.0.0.7", "gateway": "fe80::1"}, "fe80::1 is of another family"),
        ({"forwarding": "nat", "address": "10.0.0.7", "gateway": "10.0.0.7"}, "10.0.0.7 is this host itself"),
        (
            {"forwarding": "nat", "address": "10.0.0.7", "gateway": "10.0.0.1", "vips": ["10.0.0.250"]},
            "lvs_real_server_vips: with nat the director alone has the VIP",
        ),
    ],
)
def test_a_mistake_names_its_variable(given: dict[str, Any], expected: str) -> None:
    (finding,) = findings(**given)
    assert expected in finding
