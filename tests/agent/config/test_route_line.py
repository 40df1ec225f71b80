# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of virtual_routes and static_routes: what each means, what is written again, what is said of a bad one."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from vipd.config.network import NextHop, Route
from vipd.config.parse import parse
from vipd.config.render import render

A, B = ip_address("10.0.0.1"), ip_address("10.0.0.2")


def read(line: str, block: str = "static_routes") -> tuple[tuple[Route, ...], list[str]]:
    parsed = parse(f"{block} {{\n{line}\n}}", file="f")
    return parsed.config.static_routes, [str(found) for found in parsed.diagnostics]


@pytest.mark.parametrize(
    ("line", "route", "written"),
    [
        ("10.1.0.0/16 dev eth0", Route("10.1.0.0/16", dev="eth0"), None),
        ("10.1.2.3 dev eth0", Route("10.1.2.3/32", dev="eth0"), "10.1.2.3/32 dev eth0"),
        ("default via 10.0.0.1", Route("default", via=A), None),
        ("0.0.0.0/0 gw 10.0.0.1 table 100", Route("default", via=A, table="100"), "default via 10.0.0.1 table 100"),
        ("inet6 default dev eth0", Route("default", 6, dev="eth0"), "::/0 dev eth0"),
        ("10.1.0.0/16 dev eth0 append", Route("10.1.0.0/16", dev="eth0", placement="append"), None),
        ("add 10.1.0.0/16 dev eth0", Route("10.1.0.0/16", dev="eth0", placement="add"), "10.1.0.0/16 dev eth0 add"),
        ("10.1.0.0/16 dev eth0 prepend", Route("10.1.0.0/16", dev="eth0"), "10.1.0.0/16 dev eth0"),
        ("blackhole 10.1.0.0/16", Route("10.1.0.0/16", kind="blackhole"), None),
        (
            "src 10.0.0.9 to 10.1.0.0/16 via inet 10.0.0.1 oif eth0",
            Route("10.1.0.0/16", via=A, dev="eth0", source=ip_address("10.0.0.9")),
            "10.1.0.0/16 via 10.0.0.1 dev eth0 src 10.0.0.9",
        ),
        (
            "10.1.0.0/16 dev eth0 priority 3 protocol static scope link dsfield 4 mtu lock 1400 onlink no_track",
            Route(
                "10.1.0.0/16",
                dev="eth0",
                metric=3,
                protocol="static",
                scope="link",
                tos="4",
                onlink=True,
                metrics=(("mtu", "lock 1400"),),
                no_track=True,
            ),
            "10.1.0.0/16 dev eth0 metric 3 protocol static scope link tos 4 mtu lock 1400 onlink no_track",
        ),
        (
            "10.1.0.0/16 track_group g nexthop via 10.0.0.1 dev eth0 weight 2 onlink nexthop dev eth1",
            Route(
                "10.1.0.0/16",
                nexthops=(NextHop(A, "eth0", 2, onlink=True), NextHop(dev="eth1")),
                track_group="g",
            ),
            None,
        ),
    ],
)
def test_what_a_route_means(line: str, route: Route, written: str | None) -> None:
    assert read(line) == ((route,), [])
    assert f"    {written or line}\n" in render(parse(f"static_routes {{\n{line}\n}}").config)


def test_two_ways_joined_by_or_are_two_hops_of_one_interface() -> None:
    (route,), said = read("10.1.0.0/16 via 10.0.0.1 or 10.0.0.2 dev eth0")
    assert route.nexthops == (NextHop(A, "eth0"), NextHop(B, "eth0"))
    assert (route.via, route.dev) == (None, None)
    assert said == ["f:2:1: warning: 'or' in a route is an old form; write nexthop via for each way"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("via 10.0.0.1", "a route has no destination, expected ADDRESS/LENGTH or default"),
        ("10.1.2.0/16 dev eth0", "'10.1.2.0/16' has bits beyond its prefix length; the network is 10.1.0.0/16"),
        ("10.1.0.0/33 dev eth0", "the prefix length of '10.1.0.0/33' is not a number from 1 to 32"),
        ("10.1.0.0/16 via", "option via has no value"),
        ("10.1.0.0/16 via x", "via is 'x', expected an IP address"),
        ("10.1.0.0/16 via 10.0.0.1 nexthop dev eth0", "a route has either via or nexthop, found both"),
        ("10.1.0.0/16 nexthop weight 3", "a nexthop has neither via nor dev"),
        ("10.1.0.0/16 dev eth0 dev eth1", "dev is given twice"),
        ("10.1.0.0/16 metric x", "metric is 'x', expected a number from 0 to 4294967295"),
        ("inet6 10.1.0.0/16 dev eth0", "a route has one family, found both"),
        ("10.1.0.0/16 table ;", "table is ';', expected a name or number"),
    ],
)
def test_what_is_said_of_a_bad_route(line: str, said: str) -> None:
    assert read(line) == ((), [f"f:2:1: error: static_routes: {said}"])


def test_a_word_that_is_no_option_is_named_with_those_that_are() -> None:
    _routes, (said,) = read("10.1.0.0/16 vai 10.0.0.1")
    assert said.startswith(
        "f:2:1: error: static_routes: option 'vai' is unknown here, expected one of add, advmss, append, "
    )


def test_only_static_routes_have_a_track_group() -> None:
    said = parse("vrrp_instance A { virtual_routes { 10.1.0.0/16 dev eth0 track_group g } }").errors
    assert [found.message for found in said] == ["virtual_routes: track_group is for static routes"]
