# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two nodes' instances compared: each case says how the second differs from the first, and what is then said."""

from __future__ import annotations

import pytest

from tests.agent.config.nodes import NODE, OTHER, UNICAST, said


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("advert_int 1", "advert_int 2"), "lb01:1:1: error: vrrp_instance VI_1: advert_int is 1, but 2 at lb02:1:1"),
        (("advert_int 1", "version 3"), "lb01:1:1: error: vrrp_instance VI_1: its version is 2, but 3 at lb02:1:1"),
        (
            ("advert_int 1", "advert_int 1\n    authentication {\n auth_type PASS\n auth_pass hunter2\n }"),
            "lb01:1:1: error: vrrp_instance VI_1: its password is not that of lb02:1:1",
        ),
        (
            ("10.0.0.3/24", "10.0.0.3/24\n10.0.0.4/24"),
            "lb02:1:1: error: vrrp_instance VI_1: virtual_ipaddress has 10.0.0.4, which lb01:1:1 has not",
        ),
        (("100", "150"), "lb01:1:1: warning: vrrp_instance VI_1: priority is 150, as at lb02:1:1"),
        (
            ("advert_int 1", "down_timer_adverts 5"),
            "lb01:1:1: warning: vrrp_instance VI_1: down_timer_adverts is 3, but 5 at lb02:1:1",
        ),
        (
            ("advert_int 1", "mcast_dst_ip 224.0.0.99"),
            "lb01:1:1: error: vrrp_instance VI_1: its multicast group is 224.0.0.18, but 224.0.0.99 at lb02:1:1",
        ),
        (
            ("advert_int 1", "unicast_peer {\n 10.0.0.1\n }"),
            "lb01:1:1: error: vrrp_instance VI_1 is multicast, but unicast at lb02:1:1",
        ),
    ],
)
def test_what_differs_is_told_with_both_places(change: tuple[str, str], found: str) -> None:
    told = said(NODE, OTHER.replace(*change))
    assert [one.partition(";")[0] for one in told] == [found]


def test_the_password_is_in_no_finding() -> None:
    secrets = ("hunter2", "hunter3")
    texts = [
        NODE.replace("advert_int 1", f"authentication {{\n auth_type PASS\n auth_pass {secret}\n }}")
        for secret in secrets
    ]
    told = said(*texts)
    assert any("its password is not that of lb02" in one for one in told)
    assert not any(secret in one for one in told for secret in secrets)


def test_a_peer_that_is_not_named() -> None:
    first = NODE.replace("}\n}\n", "}\n" + UNICAST)
    second = OTHER.replace("}\n}\n", "}\n" + UNICAST.replace("10.0.0.1", "10.0.0.9").replace("10.0.0.2", "10.0.0.1"))
    assert said(first, second) == [
        "lb01:1:1: error: vrrp_instance VI_1: unicast_peer lacks 10.0.0.9, the unicast_src_ip at lb02:1:1;"
        " add it: each node names all others"
    ]


def test_two_owners() -> None:
    told = said(NODE.replace("150", "255"), OTHER.replace("100", "255"))
    assert "error: vrrp_instance VI_1: priority is 255, as at lb02:1:1; only one node can own the addresses" in told[0]
