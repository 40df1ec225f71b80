# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the kernel says that it would reach an address."""

from __future__ import annotations

from ipaddress import ip_address

from vipd.linux.way import Way, ways_to

from tests.netns.namespace import Namespace, connect


def test_ourselves_a_neighbour_a_router_and_nobody() -> None:
    with Namespace("left") as left, Namespace("right") as right:
        connect(left, right)
        for address in ("10.0.0.1/24", "fd00::1/64"):
            left.ip(f"address add {address} dev eth0")
        left.ip("route add 192.0.2.0/24 via 10.0.0.9")
        left.ip("-6 route add 2001:db8::/32 via fd00::9")
        left.ip("route add unreachable 198.51.100.0/24")
        with left.entered():
            found = ways_to(
                [
                    ip_address(text)
                    for text in ("10.0.0.1", "10.0.0.7", "198.51.100.7", "192.0.2.7", "fd00::7", "2001:db8::7")
                ]
            )
    assert {str(address): way for address, way in found.items()} == {
        "10.0.0.1": Way.OURSELVES,
        "10.0.0.7": Way.NEIGHBOUR,
        "192.0.2.7": Way.ROUTER,
        "198.51.100.7": Way.NONE,
        "fd00::7": Way.NEIGHBOUR,
        "2001:db8::7": Way.ROUTER,
    }
