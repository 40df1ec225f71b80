# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who becomes master, who stays it, and that a handover never makes two of them."""

from __future__ import annotations

import os
import signal

from tests.netns.configuration import OTHER_VIP, VIP, down_s, instance, skew_s
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for


def test_a_pair_lives_through_a_maintenance(segment: Segment) -> None:
    """V preempts, W does not."""
    a = segment.vipd("a", instance(150) + instance(150, "nopreempt", name="W", vrid=52, vips=[OTHER_VIP]))
    b = segment.vipd("b", instance(100) + instance(100, "nopreempt", name="W", vrid=52, vips=[OTHER_VIP]))

    a.start()
    b.start()
    for vip in (VIP, OTHER_VIP):
        segment.wait_for_holders(vip, "a", down_s(100))
    assert b.instance()["master"]["address"] == "10.0.0.1"
    assert segment.packets.adverts("b") == []

    assert a.stop() == 0
    assert segment.packets.adverts("a")[-1].priority == 0
    for vip in (VIP, OTHER_VIP):
        segment.wait_for_holders(vip, "b", skew_s(100))

    a.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    wait_for(lambda: a.instance("W")["counters"].get("adverts_received", 0) > 4, "a to hear b out", 7)
    assert a.instance("W")["state"] == "BACKUP"
    assert segment.holders(OTHER_VIP) == {"b"}

    assert b.stop() == 0
    segment.wait_for_holders(OTHER_VIP, "a", skew_s(150))
    assert segment.addresses.most_holders(VIP) == segment.addresses.most_holders(OTHER_VIP) == 1


def test_a_partition_heals_to_one_master(segment: Segment) -> None:
    """On V the priority decides, on W the address; while nobody hears anybody, two masters are unavoidable."""
    a = segment.vipd("a", instance(150) + instance(100, name="W", vrid=52, vips=[OTHER_VIP]))
    b = segment.vipd("b", instance(100) + instance(100, name="W", vrid=52, vips=[OTHER_VIP]))
    segment.part()
    a.start()
    b.start()
    for vip in (VIP, OTHER_VIP):
        segment.wait_for_holders(vip, "ab", down_s(100))

    def announced() -> tuple[int, int]:
        return len(segment.packets.announcements("a", VIP)), len(segment.packets.announcements("b", OTHER_VIP))

    before = announced()
    segment.join()
    segment.wait_for_holders(VIP, "a", 1.5)
    segment.wait_for_holders(OTHER_VIP, "b", 1.5)

    assert b.instance()["reason"] == "10.0.0.1 has higher priority 150 (ours 100)"
    assert a.instance("W")["reason"] == "10.0.0.2 has the same priority 100 and a higher address"
    wait_for(lambda: min(map(int.__sub__, announced(), before)) > 0, "the winners to put neighbour tables right", 1.5)


def test_many_handovers_never_make_two_holders(segment: Segment) -> None:
    """Twenty VIPs change hosts by preemption, on a machine that may be busy."""
    vips = {vrid: f"10.0.0.{vrid}" for vrid in range(101, 121)}

    def config(priority: int) -> str:
        return "".join(instance(priority, name=f"V{vrid}", vrid=vrid, vips=[vip]) for vrid, vip in vips.items())

    b = segment.vipd("b", config(100))
    b.start()
    segment.wait_for_holders(vips[101], "b", down_s(100))
    a = segment.vipd("a", config(150))
    a.start()
    for vip in vips.values():
        segment.wait_for_holders(vip, "a", down_s(150))
        assert segment.addresses.most_holders(vip) == 1

    os.kill(a.pid, signal.SIGINT)  # as good as SIGTERM
    assert a.wait() == 0
    for vrid, vip in vips.items():
        segment.wait_for_holders(vip, "b", skew_s(100))
        assert segment.addresses.most_holders(vip) == 1
        assert [advert.priority for advert in segment.packets.adverts("a", vrid)].count(0) == 1
