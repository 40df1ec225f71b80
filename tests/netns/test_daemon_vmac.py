# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A virtual router with a MAC of its own, from start to stop and through crashes and reloads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.netns.capture import Capture
from tests.netns.configuration import GRACE_S, OWNER, VIP, down_s, instance, skew_s
from tests.netns.namespace import ip
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

MAC = bytes.fromhex("00005e000133")


def links(segment: Segment, label: str) -> list[str]:
    found: list[dict[str, Any]] = json.loads(segment.hosts[label].ip("-j link"))
    return [link["ifname"] for link in found]


@pytest.mark.parametrize("vip", [VIP, f"{VIP} dev eth0 label eth0:1"])
def test_adverts_and_announcements_carry_the_virtual_mac(segment: Segment, vip: str) -> None:
    """The interface below may be named, as the roles do: with keepalived it means the VMAC interface as well."""
    with Capture(segment.hosts["b"]) as capture:
        a = segment.vipd("a", instance(OWNER, "use_vmac", vips=[vip]))
        a.start()
        segment.wait_for_holders(VIP, "a", 1)
        wait_for(lambda: len(capture.announcements()) == 5, "the announcements", 1)
        assert {frame[6:12] for frame in (*capture.adverts(), *capture.announcements())} == {MAC}
        assert {frame[26:30] for frame in capture.adverts()} == {bytes([10, 0, 0, 1])}
    assert [one["local"] for one in segment.hosts["a"].addresses("vrrp.51")] == [VIP]
    assert a.stop() == 0
    assert links(segment, "a") == ["lo", "eth0"]


def test_a_vip_comes_back_with_its_interface_that_somebody_deleted(segment: Segment) -> None:
    host = segment.hosts["a"]
    a = segment.vipd("a", instance(OWNER, "use_vmac"))
    a.start()
    segment.wait_for_holders(VIP, "a", 5)
    for _time in range(2):
        index = json.loads(host.ip("-j link show vrrp.51"))[0]["ifindex"]
        host.ip("link delete vrrp.51")
        wait_for(lambda: "vrrp.51" in links(segment, "a") and host.addresses("vrrp.51"), "the VIP", 15)
        assert json.loads(host.ip("-j link show vrrp.51"))[0]["ifindex"] != index


def test_the_backup_hears_the_master_and_takes_over(segment: Segment) -> None:
    """Both have an interface with the same MAC; only the master's is heard of."""
    a, b = segment.vipd("a", instance(150, "use_vmac")), segment.vipd("b", instance(100, "use_vmac"))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    wait_for(lambda: b.instance()["master"], "b to hear a", 2)
    a.kill_vrrp_process()
    segment.wait_for_holders(VIP, "b", skew_s(100))
    assert segment.addresses.most_holders(VIP) == 1
    a.wait()
    wait_for(lambda: links(segment, "a") == ["lo", "eth0"], "the worker to remove the interface")


def test_adverts_leave_by_the_base_interface_when_told_to(segment: Segment) -> None:
    with Capture(segment.hosts["b"]) as capture:
        a = segment.vipd("a", instance(OWNER, "use_vmac", "vmac_xmit_base"))
        a.start()
        wait_for(lambda: len(capture.announcements()) == 5, "the announcements", 1)
        assert {frame[6:12] for frame in capture.adverts()} == {segment.hosts["a"].mac()}
        assert {frame[6:12] for frame in capture.announcements()} == {MAC}


def test_a_reload_takes_it_away_and_brings_it_back(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, "use_vmac"))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    a.reload(instance(OWNER))
    wait_for(lambda: links(segment, "a") == ["lo", "eth0"], "the interface to go")
    wait_for(lambda: a.holds(VIP), "the VIP on eth0", 1)
    a.reload(instance(OWNER, "use_vmac"))
    wait_for(lambda: not a.holds(VIP) and "vrrp.51" in links(segment, "a"), "the VIP on its interface again")
    wait_for(lambda: segment.hosts["a"].addresses("vrrp.51"), "the VIP")


def test_what_a_crash_leaves_is_released(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, "use_vmac"))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    a.kill()
    assert "vrrp.51" in links(segment, "a")
    a.release()
    assert links(segment, "a") == ["lo", "eth0"]
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    a.kill()
    a.start()  # without a release: the interface is adopted
    segment.wait_for_holders(VIP, "a", 1)
    assert a.stop() == 0
    assert links(segment, "a") == ["lo", "eth0"]


def test_an_interface_of_that_name_is_in_the_way(segment: Segment) -> None:
    ip("-n", segment.hosts["a"].name, "link add vrrp.51 type bridge")
    a = segment.vipd("a", instance(OWNER, "use_vmac"))
    a.launch()
    assert a.wait() == 5
    assert f"{a.path}:1:" in a.log()
    assert "there is an interface vrrp.51, and it is not a macvlan on eth0 with MAC 00:00:5e:00:01:33" in a.log()
    assert segment.packets.adverts("a") == []
    segment.wait_for_holders(VIP, "", GRACE_S)


@pytest.mark.parametrize("words", [("use_vmac", "use_vmac_addr"), ("use_vmac_addr",)], ids=str)
def test_a_vmac_interface_on_another_interface_is_refused(segment: Segment, words: tuple[str, ...]) -> None:
    ip("-n", segment.hosts["a"].name, "link add eth1 type veth peer name eth2")
    a = segment.vipd("a", instance(OWNER, *words, vips=[f"{VIP} dev eth1"]))
    a.launch()
    assert a.wait() == 5
    assert f"{VIP}/32 is to be on a VMAC interface that is not the instance's" in a.log()


def test_one_vrid_inside_and_outside(segment: Segment) -> None:
    """Each has an interface of its own, and a reload that takes one away leaves the other as it is."""
    outside, inside = segment.hosts["a"], "10.1.0.3"
    outside.ip("link add eth1 type veth peer name eth2")
    outside.ip("addr add 10.1.0.1/24 dev eth1")
    outside.ip("link set eth1 up")
    outside.ip("link set eth2 up")
    second = instance(OWNER, "use_vmac", name="IN", vips=[inside], interface="eth1")
    a = segment.vipd("a", instance(OWNER, "use_vmac", name="OUT") + second)
    a.start()
    held = {"vrrp.51": [VIP], "vrrp1.51": [inside]}
    wait_for(lambda: _holds(segment, *held) == held, "both to hold their VIPs", 5)
    index = {link["ifname"]: link["ifindex"] for link in json.loads(outside.ip("-j link"))}["vrrp1.51"]
    a.reload(second)
    wait_for(lambda: "vrrp.51" not in links(segment, "a"), "the worker to remove the interface", 5)
    assert {link["ifname"]: link["ifindex"] for link in json.loads(outside.ip("-j link"))}["vrrp1.51"] == index
    assert _holds(segment, "vrrp1.51") == {"vrrp1.51": [inside]}
    assert a.stop() == 0


def _holds(segment: Segment, *names: str) -> dict[str, list[str]]:
    there = [name for name in names if name in links(segment, "a")]
    return {name: [one["local"] for one in segment.hosts["a"].addresses(name)] for name in there}
