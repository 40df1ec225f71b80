# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts to named peers instead of a group, through any interface or a certain one; and another group."""

from __future__ import annotations

import pytest

from tests.netns.configuration import OWNER, VIP, down_s, instance, skew_s
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for


def unicast(priority: int, own: str, peer: str, interface: str = "eth0") -> str:
    lines = [f"unicast_src_ip {own}", f"unicast_peer {{\n{peer}\n}}"]
    text = instance(priority, *lines, interface=interface, vips=[f"{VIP} dev eth0"])
    return text if interface else text.replace("    interface \n", "")


@pytest.mark.parametrize("interface", ["eth0", ""])
def test_two_peers_elect_one(segment: Segment, interface: str) -> None:
    a = segment.vipd("a", unicast(150, "10.0.0.1", "10.0.0.2", interface))
    b = segment.vipd("b", unicast(100, "10.0.0.2", "10.0.0.1", interface))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    wait_for(lambda: b.instance()["master"], "b to hear a", 2)
    a.kill_vrrp_process()
    segment.wait_for_holders(VIP, "b", skew_s(100))
    assert segment.addresses.most_holders(VIP) == 1
    assert {advert.source for advert in segment.packets.adverts("a")} == {"10.0.0.1"}


@pytest.mark.parametrize("interface", ["eth0", ""])
def test_a_list_of_peers_may_name_the_node_itself(segment: Segment, interface: str) -> None:
    """As templates write it that list every node everywhere: keepalived runs with it."""
    both = "10.0.0.1\n10.0.0.2"
    a = segment.vipd("a", unicast(150, "10.0.0.1", both, interface))
    b = segment.vipd("b", unicast(100, "10.0.0.2", both, interface))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    wait_for(lambda: b.instance()["master"], "b to hear a", 2)
    a.stop()
    segment.wait_for_holders(VIP, "b", skew_s(100))
    assert segment.addresses.most_holders(VIP) == 1


def test_another_group(segment: Segment) -> None:
    group = "global_defs {\n    vrrp_mcast_group4 224.0.0.99\n}\n"
    a, b = segment.vipd("a", group + instance(OWNER)), segment.vipd("b", group + instance(100))
    a.start()
    b.start()
    wait_for(lambda: b.instance()["master"], "b to hear a", 2)
    assert "224.0.0.99" in segment.hosts["b"].ip("maddress show dev eth0")
    b.reload(instance(100))
    segment.wait_for_holders(VIP, "ab", down_s(100))
    assert "224.0.0.99" not in segment.hosts["b"].ip("maddress show dev eth0")
