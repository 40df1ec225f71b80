# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs as the kernel and the neighbours see them."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.netns.configuration import GRACE_S, OTHER_VIP, OWNER, THIRD_VIP, VIP, down_s, instance, skew_s
from tests.netns.namespace import ip
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for


def test_each_vip_is_configured_as_written(segment: Segment) -> None:
    """A /32 of global scope unless the line says otherwise."""
    host = segment.hosts["a"]
    ip("-n", host.name, "link add eth1 type veth peer name eth1-far")
    host.ip("link set eth1 up")
    a = segment.vipd(
        "a",
        instance(
            OWNER,
            vips=[
                "10.0.0.100",
                "10.0.0.101/24 label eth0:1",
                "192.0.2.1/28 brd +",
                "192.0.2.17/28 brd 192.0.2.30 scope link",
                "10.0.0.103/24 dev eth1 label eth1:vip brd -",
            ],
        ),
    )
    a.start()
    segment.wait_for_holders("10.0.0.103", "a", 1)

    def shown(interface: str, *keys: str) -> dict[str, list[Any]]:
        return {one["local"]: [one.get(key) for key in keys] for one in host.addresses(interface)}

    assert shown("eth0", "prefixlen", "scope", "label", "broadcast") == {
        "10.0.0.1": [24, "global", "eth0", None],
        "10.0.0.100": [32, "global", "eth0", None],
        "10.0.0.101": [24, "global", "eth0:1", None],
        "192.0.2.1": [28, "global", "eth0", "192.0.2.15"],
        "192.0.2.17": [28, "link", "eth0", "192.0.2.30"],
    }
    assert shown("eth1", "prefixlen", "label", "broadcast") == {"10.0.0.103": [24, "eth1:vip", "10.0.0.0"]}
    assert a.stop() == 0
    assert [list(shown(interface)) for interface in ("eth0", "eth1")] == [["10.0.0.1"], []]


def test_announcements_come_in_sets(segment: Segment) -> None:
    """Five at once and five after five seconds; or as the configuration says; or again and again."""
    a = segment.vipd(
        "a",
        instance(OWNER)
        + instance(OWNER, "garp_master_repeat 2", "garp_master_delay 1", name="few", vrid=52, vips=[OTHER_VIP])
        + instance(
            OWNER,
            "garp_master_delay 0",
            "garp_master_refresh 1",
            "garp_master_refresh_repeat 3",
            name="refreshed",
            vrid=53,
            vips=[THIRD_VIP],
        ),
    )
    a.start()
    wait_for(lambda: len(segment.packets.announcements("a", VIP)) >= 10, "the second set", 5 + 2 * GRACE_S)

    def sets(vip: str) -> list[tuple[float, int]]:
        """Seconds since the first advert, and how many came within a tenth of a second."""
        began = segment.packets.adverts("a")[0].at
        times = [one.at for one in segment.packets.announcements("a", vip)]
        starts = [times[0], *(after for before, after in pairwise(times) if after - before > 0.1)]
        return [(start - began, sum(start <= at < start + 0.1 for at in times)) for start in starts]

    for vip, expected in (
        (VIP, [(0, 5), (5, 5)]),
        (OTHER_VIP, [(0, 2), (1, 2)]),
        (THIRD_VIP, [(0, 5), (1, 3), (2, 3), (3, 3), (4, 3)]),
    ):
        seen = sets(vip)[: len(expected)]
        assert [number for _at, number in seen] == [number for _at, number in expected]
        assert all(abs(at - due) < GRACE_S for (at, _seen), (due, _expected) in zip(seen, expected, strict=True)), seen
    assert len(sets(OTHER_VIP)) == 2


def test_an_interface_that_is_down_keeps_no_other_from_being_announced_on(segment: Segment) -> None:
    ip("-n", segment.hosts["a"].name, "link add eth1 type veth peer name eth1-far")
    a = segment.vipd("a", instance(OWNER, vips=["10.2.0.100/24 dev eth1", VIP]))
    a.start()
    wait_for(lambda: len(segment.packets.announcements("a", VIP)) >= 5, f"{VIP} announced", 10)
    a.wait_for_log("cannot announce on eth1: Network is down")
    assert "cannot announce on eth0" not in a.log()


def test_a_vip_that_others_remove_is_put_back(segment: Segment) -> None:
    """In place and announced, three times; then the other node serves. Our own removals are not mistaken for it."""
    a = segment.vipd("a", instance(150, vips=[VIP, OTHER_VIP]))
    b = segment.vipd("b", instance(100, vips=[VIP, OTHER_VIP]))
    a.start()
    b.start()
    segment.wait_for_holders(OTHER_VIP, "a", down_s(150))

    def announced() -> int:
        return len(segment.packets.announcements("a", VIP))

    for _time in range(3):
        before = announced()
        segment.hosts["a"].ip(f"address delete {VIP}/32 dev eth0")
        segment.wait_for_holders(VIP, "a", GRACE_S)
        wait_for(lambda before=before: announced() > before, "an announcement", GRACE_S)
    assert [entry["after"] for entry in a.status()["history"]] == ["BACKUP", "MASTER"]

    segment.hosts["a"].ip(f"address delete {VIP}/32 dev eth0")
    for vip in (VIP, OTHER_VIP):
        segment.wait_for_holders(vip, "b", skew_s(100))
        assert segment.addresses.most_holders(vip) == 1
    assert f"another program removed {VIP}/32 more than 3 times" in a.instance()["reason"]


def test_what_we_remove_ourselves_was_removed_by_nobody(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, vips=[VIP, OTHER_VIP]))
    a.start()
    segment.wait_for_holders(OTHER_VIP, "a", 1)
    a.reload(instance(OWNER, vips=[VIP]))
    segment.wait_for_holders(OTHER_VIP, "", 10)
    assert a.stop() == 0
    assert "another program" not in a.log()


def test_a_vip_that_goes_with_a_primary_one_that_we_remove_is_put_back(segment: Segment) -> None:
    """The kernel removes the secondary addresses of a subnet with its primary one: here with that of another instance.

    As often as that happens: no other program fights for it.
    """
    host = segment.hosts["a"]
    with host.entered():
        Path("/proc/sys/net/ipv4/conf/eth0/promote_secondaries").write_text("0")
    primary, *others = vips = [f"192.0.2.{number}" for number in (10, 20, 30)]
    left, *kept = [
        instance(OWNER, name=f"V{vrid}", vrid=vrid, vips=[f"{vip}/24"]) for vrid, vip in enumerate(vips, start=51)
    ]
    a = segment.vipd("a", left + "".join(kept))
    a.start()
    for vip in vips:
        segment.wait_for_holders(vip, "a", down_s(OWNER))
    seen = {vip: len(segment.packets.announcements("a", vip)) for vip in others}
    a.reload("".join(kept))
    segment.wait_for_holders(primary, "", 2)
    for vip in others:
        wait_for(lambda vip=vip: len(segment.packets.announcements("a", vip)) >= seen[vip] + 5, f"{vip} announced", 5)
        segment.wait_for_holders(vip, "a", 2)
        a.wait_for_log(f"{vip}/24 was missing: put it in place")
    assert "another program" not in a.log()


def test_a_reload_that_the_kernel_would_not_see_touches_nothing(segment: Segment) -> None:
    """Whether a VIP is tracked is only ours to know, and an instance's own interface may be named or not."""
    others = [OTHER_VIP, THIRD_VIP]
    a = segment.vipd("a", instance(OWNER, vips=[f"{VIP}/24", *others]))
    a.start()
    segment.wait_for_holders(VIP, "a", 5)
    for vip in (f"{VIP}/24 no_track", f"{VIP}/24 dev eth0", f"{VIP}/24 dev eth0 no_track"):
        count = len(a.log().splitlines())
        a.reload(instance(OWNER, vips=[vip, *others]))
        wait_for(lambda count=count: len(a.log().splitlines()) > count, "the differences in the log", 15)
    a.reload(instance(OWNER, vips=others))
    segment.wait_for_holders(VIP, "", 15)
    assert [change.added for change in segment.addresses.changes(VIP)] == [True, False]


def test_a_removal_whose_notification_was_lost_is_seen_all_the_same(segment: Segment) -> None:
    """More changes than the socket holds while the process stands still, the VIP's among the last."""
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    os.kill(a.pid, signal.SIGSTOP)
    changes = [f"address {verb} 10.4.{n}.1/32 dev eth0" for n in range(250) for verb in ("add", "delete")]
    segment.hosts["a"].batch("\n".join([*changes * 2, f"address delete {VIP}/32 dev eth0"]))
    os.kill(a.pid, signal.SIGCONT)
    a.wait_for_log("the kernel told more changes than were read")
    segment.wait_for_holders(VIP, "a", 2)
    a.wait_for_log(f"another program removed {VIP}/32: put it back")
