# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes compared as a whole; ``test_agreement.py`` has what two of them say differently of one virtual router."""

from __future__ import annotations

from tests.agent.config.nodes import NODE, OTHER, UNICAST, said


def test_nothing_is_said_of_nodes_that_fit() -> None:
    assert said(NODE, OTHER) == []
    assert said(NODE) == []
    mirrored = UNICAST.replace("10.0.0.1", "x").replace("10.0.0.2", "10.0.0.1").replace("x", "10.0.0.2")
    assert said(NODE.replace("}\n}\n", "}\n" + UNICAST), OTHER.replace("}\n}\n", "}\n" + mirrored)) == []


def test_another_virtual_router_id_is_another_virtual_router() -> None:
    told = said(NODE, OTHER.replace("51", "52"))
    assert [one.partition(";")[0] for one in told] == [
        "lb01:1:1: warning: vrrp_instance VI_1: no other node has the virtual_router_id 51",
        "lb02:1:1: warning: vrrp_instance VI_1: no other node has the virtual_router_id 52",
        "lb02:8:9: error: vrrp_instance VI_1: 10.0.0.3 has the virtual_router_id 52, but 51 at lb01:8:9",
    ]


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
