# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two nodes compared: each case says how the second differs from the first, and what is then said."""

from __future__ import annotations

import pytest
from vipd.config.across import across
from vipd.config.parse import parse

SCRIPT = "vrrp_script web { script /x }\n"
NODE = """\
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    virtual_ipaddress {
        10.0.0.3/24
    }
}
"""
OTHER = NODE.replace("150", "100")
UNICAST = "    unicast_src_ip 10.0.0.1\n    unicast_peer {\n        10.0.0.2\n    }\n}\n"


def said(*texts: str) -> list[str]:
    configs = [parse(text, file=f"lb0{number}").config for number, text in enumerate(texts, start=1)]
    return [str(found) for found in across(configs)]


def test_nothing_is_said_of_nodes_that_fit() -> None:
    assert said(NODE, OTHER) == []
    assert said(NODE) == []
    mirrored = UNICAST.replace("10.0.0.1", "x").replace("10.0.0.2", "10.0.0.1").replace("x", "10.0.0.2")
    assert said(NODE.replace("}\n}\n", "}\n" + UNICAST), OTHER.replace("}\n}\n", "}\n" + mirrored)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("51", "52"), None),
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
def test_what_differs_is_told_with_both_places(change: tuple[str, str], found: str | None) -> None:
    told = said(NODE, OTHER.replace(*change))
    if found is None:
        assert [one.partition(";")[0] for one in told] == [
            "lb01:1:1: warning: vrrp_instance VI_1: no other node has the virtual_router_id 51",
            "lb02:1:1: warning: vrrp_instance VI_1: no other node has the virtual_router_id 52",
            "lb02:8:9: error: vrrp_instance VI_1: 10.0.0.3 has the virtual_router_id 52, but 51 at lb01:8:9",
        ]
    else:
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


@pytest.mark.parametrize(
    ("weight", "found"),
    [
        (0, []),
        (-51, []),
        (51, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 150"]),
        (-50, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 100"]),
        (-30, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 120"]),
        (20, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 150"]),
    ],
)
def test_a_weight_that_leaves_the_master_the_best(weight: int, found: list[str]) -> None:
    tracking = f"track_script {{\nweb weight {weight}\n}}"
    told = said(SCRIPT + NODE.replace("    advert_int 1", tracking), OTHER)
    assert [one.partition(",")[0] for one in told] == [one.replace("7:5", "8:1") for one in found]


def test_a_positive_weight_that_both_nodes_track() -> None:
    first, second = (
        SCRIPT + text.replace("    advert_int 1", "track_script {\nweb weight 51\n}") for text in (NODE, OTHER)
    )
    assert said(first, second) == []


def test_sync_groups_hold_the_same_virtual_routers() -> None:
    second = NODE.replace("VI_1", "VI_2").replace("51", "52").replace("0.3", "0.4")
    third = second.replace("VI_2", "VI_3").replace("52", "53").replace("0.4", "0.5")
    group = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}\n"
    texts = [
        group + NODE + second + third,
        group.replace("VI_2", "VI_3") + (NODE + second + third).replace("150", "90"),
    ]
    (told,) = said(*texts)
    assert told == (
        "lb01:1:1: warning: a vrrp_sync_group holds the virtual routers 51, 52, but 51, 53 at lb02:1:1;"
        " group the same on all nodes"
    )


def test_two_owners() -> None:
    told = said(NODE.replace("150", "255"), OTHER.replace("100", "255"))
    assert "error: vrrp_instance VI_1: priority is 255, as at lb02:1:1; only one node can own the addresses" in told[0]
