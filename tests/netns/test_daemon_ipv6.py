# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPv6 virtual routers on real kernels: elections, announcements, thefts, crashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.configuration import GRACE_S, OWNER, VIP, down_s, instance, skew_s
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

LINK_LOCAL_VIP, VIP6 = "fe80::51", "2001:db8::100"


@pytest.fixture
def dual(tmp_path: Path) -> Iterator[Segment]:
    with Segment(tmp_path, "a", "b", ipv6=True) as two_hosts:
        yield two_hosts
    print(two_hosts.logs())


def instance6(priority: int, *lines: str) -> str:
    return instance(priority, "version 3", *lines, vips=[LINK_LOCAL_VIP, f"{VIP6}/64"])


def test_the_better_one_holds_and_the_other_takes_over(dual: Segment) -> None:
    a, b = dual.vipd("a", instance6(150)), dual.vipd("b", instance6(100))
    a.start()
    b.start()
    dual.wait_for_holders(VIP6, "a", down_s(150))
    assert {advert.source for advert in dual.packets.adverts("a")} == {"fe80::1"}
    assert a.stop() == 0
    for vip in (LINK_LOCAL_VIP, VIP6):
        dual.wait_for_holders(vip, "b", skew_s(100))
        assert dual.addresses.most_holders(vip) == 1
        assert len(dual.packets.announcements("b", vip)) == 5
    (seen,) = [one for one in dual.hosts["b"].addresses(family=6) if one["local"] == VIP6]
    assert seen["nodad"]
    assert "tentative" not in seen


def test_a_vip_that_the_kernel_refuses_goes_to_a_node_that_can_have_it(dual: Segment) -> None:
    """With all others of its instance, and stays there; until then those are served, and it is not announced."""
    excluded = ["garp_master_delay 1", "virtual_ipaddress_excluded {", f"    {VIP6}/64", "}"]
    a = dual.vipd("a", instance(150, *excluded))
    b = dual.vipd("b", instance(100, *excluded))
    off = dual.hosts["a"].start("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
    assert off.wait(timeout=10) == 0
    a.start()
    dual.wait_for_holders(VIP, "a", down_s(150))
    why = f"the kernel refuses {VIP6} on eth0 (Permission denied)"
    a.wait_for_log(why)
    assert a.instance()["yielding"] == {"offering": True, "ends_in_s": None, "back_off_s": None, "why": why}
    wait_for(lambda: len(dual.packets.announcements("a", VIP)) == 10, "the second set", 1 + 2 * GRACE_S)
    assert dual.packets.announcements("a", VIP6) == []

    b.start()
    for vip in (VIP6, VIP):
        dual.wait_for_holders(vip, "b", down_s(100))
        assert dual.addresses.most_holders(vip) == 1
    assert a.instance()["yielding"] == {"offering": False, "back_off_s": None, "why": why}


def test_a_vip_that_others_remove_is_put_back_and_our_own_removal_is_no_theft(dual: Segment) -> None:
    a = dual.vipd("a", instance6(OWNER))
    a.start()
    dual.wait_for_holders(VIP6, "a", 1)
    dual.hosts["a"].ip(f"address delete {VIP6}/64 dev eth0")
    dual.wait_for_holders(VIP6, "a", GRACE_S)
    a.wait_for_log(f"another program removed {VIP6}/64: put it back")
    a.reload(instance(OWNER, "version 3", vips=[LINK_LOCAL_VIP]))
    dual.wait_for_holders(VIP6, "", 1)
    assert a.stop() == 0
    assert a.log().count("another program") == 1


def test_a_killed_vrrp_process_says_goodbye(dual: Segment) -> None:
    a, b = dual.vipd("a", instance6(OWNER)), dual.vipd("b", instance6(100))
    a.start()
    b.start()
    wait_for(lambda: b.instance()["master"], "b to hear a", 2)
    a.kill_vrrp_process()
    dual.wait_for_holders(VIP6, "b", skew_s(100))
    assert [advert.priority for advert in dual.packets.adverts("a")].count(0) == 1
    assert dual.addresses.most_holders(VIP6) == 1


def test_both_families_in_one_instance(dual: Segment) -> None:
    """What the adverts cannot list is excluded from them, and held and announced all the same."""
    config = instance(OWNER, f"virtual_ipaddress_excluded {{\n{VIP6}/64\n}}")
    a = dual.vipd("a", config)
    a.start()
    for vip in (VIP, VIP6):
        dual.wait_for_holders(vip, "a", 1)
        wait_for(lambda vip=vip: len(dual.packets.announcements("a", vip)) == 5, "the announcements", 1)
    assert a.stop() == 0
    for vip in (VIP, VIP6):
        dual.wait_for_holders(vip, "", GRACE_S)


def test_the_same_vrid_in_both_families(dual: Segment) -> None:
    four = instance(OWNER, "version 3", name="FOUR")
    six = instance6(OWNER).replace("vrrp_instance V", "vrrp_instance SIX")
    a = dual.vipd("a", four + six)
    a.start()
    for vip in (VIP, VIP6):
        dual.wait_for_holders(vip, "a", 1)
