# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes and rules put into a real kernel and taken out again, as ip(8) and keepalived see them."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from vipd.config.model import NextHop, Route, Rule
from vipd.linux import routes, rules
from vipd.linux.iproute_names import UnknownNameError
from vipd.linux.rtnetlink import KernelSocket

from tests.netns.namespace import Namespace

VIA = ip_address("10.0.0.2")
VIA6 = ip_address("fe80::2")

ROUTES: list[tuple[Route, dict[str, Any]]] = [
    (Route("10.9.0.0/16", via=VIA), {"dst": "10.9.0.0/16", "gateway": "10.0.0.2", "dev": "eth0"}),
    (Route("default", via=VIA, dev="eth0", metric=7), {"dst": "default", "dev": "eth0", "metric": 7}),
    (Route("10.9.0.1/32", dev="eth0"), {"dst": "10.9.0.1", "scope": "link"}),
    (Route("10.9.0.0/16", via=VIA, source=ip_address("10.0.0.1")), {"prefsrc": "10.0.0.1"}),
    (Route("10.9.0.0/16", via=VIA, protocol="static", scope="site"), {"protocol": "static", "scope": "site"}),
    (Route("10.9.0.0/16", via=ip_address("10.7.0.1"), dev="eth0", onlink=True), {"flags": ["onlink"]}),
    (Route("10.9.0.0/16", via=VIA, tos="0x10"), {"tos": "0x10"}),
    (Route("10.9.0.0/16", kind="blackhole"), {"type": "blackhole"}),
    (Route("10.9.0.0/16", kind="unreachable", metric=5), {"type": "unreachable", "metric": 5}),
    (
        Route("10.9.0.0/16", via=VIA, metrics=(("mtu", "lock 1400"), ("advmss", "1300"), ("initcwnd", "20"))),
        {"metrics": [{"mtu": 1400, "advmss": 1300, "initcwnd": 20}]},
    ),
    (Route("10.9.0.0/16", via=VIA, dev="eth0", placement="append"), {"gateway": "10.0.0.2"}),
    (Route("10.9.0.0/16", via=VIA, metrics=(("congctl", "reno"),)), {"metrics": [{"congestion": "reno"}]}),
    (
        Route("10.9.0.0/16", nexthops=(NextHop(VIA, weight=3), NextHop(ip_address("10.0.0.3"), "eth0"))),
        {"nexthops": [{"gateway": "10.0.0.2", "dev": "eth0", "weight": 3}, {"gateway": "10.0.0.3", "weight": 1}]},
    ),
    (Route("10.9.0.0/16", via=VIA6, dev="eth0"), {"via": {"family": "inet6", "host": "fe80::2"}}),
    (Route("fd09::/16", family=6, via=VIA6, dev="eth0"), {"dst": "fd09::/16", "gateway": "fe80::2", "metric": 1024}),
    (Route("default", family=6, via=VIA6, dev="eth0", metrics=(("pref", "high"),)), {"pref": "high"}),
    (Route("fd09::/16", family=6, kind="prohibit"), {"type": "prohibit"}),
]

RULES: list[tuple[Rule, dict[str, Any]]] = [
    (Rule(source="10.0.0.100/32", table="100", preference=99), {"src": "10.0.0.100", "table": "100", "priority": 99}),
    (Rule(destination="10.9.0.0/16", table="main"), {"dst": "10.9.0.0", "dstlen": 16, "table": "main"}),
    (Rule(source="10.0.0.0/24", inverted=True, table="100"), {"not": None, "src": "10.0.0.0"}),
    (Rule(selectors=(("fwmark", "0x5/0xff"), ("iif", "eth0")), table="100"), {"fwmark": "0x5", "fwmask": "0xff"}),
    (Rule(selectors=(("oif", "eth0"), ("tos", "0x10")), table="100"), {"oif": "eth0", "tos": "0x10"}),
    (
        Rule(selectors=(("ipproto", "tcp"), ("sport", "80-90"), ("dport", "22-22")), table="100"),
        {"ipproto": "tcp", "sport_start": 80, "sport_end": 90, "dport": 22},
    ),
    (Rule(selectors=(("uidrange", "5-6"),), table="100"), {"uid_start": 5, "uid_end": 6}),
    (Rule(selectors=(("suppress_prefixlength", "0"),), table="main"), {"suppress_prefixlen": 0}),
    (Rule(action="goto", goto=32766), {"goto": 32766}),
    (Rule(source="10.0.0.100/32", action="blackhole"), {"action": "blackhole"}),
    (Rule(source="10.0.0.100/32", action="nop"), {"nop": None}),
    (Rule(family=6, source="fd00::1/128", table="100"), {"src": "fd00::1", "table": "100"}),
]


@contextmanager
def kernel(host: Namespace) -> Iterator[tuple[KernelSocket, dict[str, int]]]:
    with host.entered(), closing(KernelSocket()) as netlink:
        yield netlink, {"eth0": socket.if_nametoindex("eth0")}


def shown(host: Namespace, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(host.ip(f"-j -d {what}"))
    return found


def includes(expected: Any, seen: Any) -> bool:
    """Whether all that is expected is there, whatever else is."""
    if isinstance(expected, dict):
        return isinstance(seen, dict) and all(key in seen and includes(expected[key], seen[key]) for key in expected)
    if isinstance(expected, list):
        return len(expected) == len(seen) and all(map(includes, expected, seen))
    return bool(expected == seen)


@pytest.fixture(autouse=True)
def link_local(left: Namespace) -> None:
    left.ip("address add fe80::1/64 dev eth0 nodad")


@pytest.mark.parametrize(("route", "expected"), ROUTES, ids=lambda value: str(value)[:50])
def test_a_route(left: Namespace, route: Route, expected: dict[str, Any]) -> None:
    """Added as written and in keepalived's name, added once, and removed for good."""
    look = f"-{route.family} route show table main type {route.kind}"
    before = shown(left, look)
    with kernel(left) as (netlink, indexes):
        add, delete = routes.encode_add(route, indexes), routes.encode_delete(route, indexes)
        assert netlink.apply(add + add) == [0, errno.EEXIST]
        (new,) = [one for one in shown(left, look) if one not in before]
        assert includes({"protocol": "keepalived", **expected}, new), new
        assert netlink.apply(delete + delete) == [0, errno.ESRCH]
    assert shown(left, look) == before


@pytest.mark.parametrize(("rule", "expected"), RULES, ids=lambda value: str(value)[:50])
def test_a_rule(left: Namespace, rule: Rule, expected: dict[str, Any]) -> None:
    look = f"-{rule.family} rule show"
    before = shown(left, look)
    with kernel(left) as (netlink, _indexes):
        add, delete = rules.encode_add(rule, 99), rules.encode_delete(rule, 99)
        assert netlink.apply(add + add) == [0, errno.EEXIST]
        (new,) = [one for one in shown(left, look) if one not in before]
        assert includes({"protocol": "keepalived", "priority": 99, **expected}, new), new
        assert netlink.apply(delete + delete) == [0, errno.ENOENT]
    assert shown(left, look) == before


def test_a_metric_may_be_locked(left: Namespace) -> None:
    with kernel(left) as (netlink, indexes):
        locked = Route("10.9.0.0/16", via=VIA, metrics=(("mtu", "lock 1400"),))
        assert netlink.apply(routes.encode_add(locked, indexes)) == [0]
    assert "mtu lock 1400" in left.ip("route show 10.9.0.0/16")


def test_a_route_in_another_table(left: Namespace) -> None:
    for table in ("100", "1000"):
        with kernel(left) as (netlink, indexes):
            assert netlink.apply(routes.encode_add(Route("default", via=VIA, table=table), indexes)) == [0]
        assert includes([{"dst": "default", "gateway": "10.0.0.2"}], shown(left, f"route show table {table}"))


def test_a_route_over_an_interface_that_is_not_there() -> None:
    with pytest.raises(routes.AbsentInterfaceError, match="eth7"):
        routes.encode_add(Route("default", dev="eth7"), {})


@pytest.mark.parametrize(
    "route",
    [
        Route("default", via=VIA, table="blue"),
        Route("default", via=VIA, protocol="nobody"),
        Route("default", via=VIA, metrics=(("mtu", "big"),)),
        Route("default", family=6, via=VIA6, metrics=(("pref", "best"),)),
    ],
    ids=str,
)
def test_a_word_that_means_nothing_here(route: Route) -> None:
    with pytest.raises(UnknownNameError, match=r"blue|nobody|big|best"):
        routes.encode_add(route, {})


def test_a_route_is_appended_to_those_alike(left: Namespace) -> None:
    first, second = (Route("10.9.0.0/16", via=ip_address(f"10.0.0.{last}"), dev="eth0") for last in (2, 3))
    with kernel(left) as (netlink, indexes):
        assert netlink.apply(routes.encode_add(first, indexes)) == [0]
        assert netlink.apply(routes.encode_add(second, indexes)) == [errno.EEXIST]
        assert netlink.apply(routes.encode_add(replace(second, placement="append"), indexes)) == [0]
        assert netlink.apply(routes.encode_add(replace(second, placement="append"), indexes)) == [errno.EEXIST]
    assert [one["gateway"] for one in shown(left, "route show 10.9.0.0/16")] == ["10.0.0.2", "10.0.0.3"]
