# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes and rules that a master holds, and static ones, beside the VIPs; and an interface that comes late."""

from __future__ import annotations

import os
import signal

from tests.netns.configuration import GRACE_S, OWNER, VIP, instance
from tests.netns.namespace import ip
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

HELD = (
    f"virtual_routes {{\n10.9.0.0/16 via 10.0.0.2 dev eth0 src {VIP}\n}}",
    f"virtual_rules {{\nfrom {VIP} lookup 100\n}}",
)
STATIC = """
static_ipaddress {
    10.0.0.200/32 dev eth0
}
static_routes {
    10.8.0.0/16 via 10.0.0.2 dev eth0
}
static_rules {
    from 10.0.0.200 lookup 101 preference 7
}
"""


def routes(segment: Segment) -> str:
    return segment.hosts["a"].ip("route show proto keepalived")


def rules(segment: Segment) -> str:
    return segment.hosts["a"].ip("rule show")


def test_a_master_holds_routes_and_rules(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, *HELD))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    wait_for(lambda: f"16384:\tfrom {VIP} lookup 100 proto keepalived" in rules(segment), "the rule", GRACE_S)
    assert routes(segment).split() == f"10.9.0.0/16 via 10.0.0.2 dev eth0 src {VIP}".split()
    assert a.stop() == 0
    assert routes(segment) == ""
    assert "lookup 100" not in rules(segment)


def test_what_others_remove_is_put_back(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, *HELD))
    a.start()
    wait_for(lambda: "lookup 100" in rules(segment), "the rule")
    segment.hosts["a"].ip("route delete 10.9.0.0/16")
    wait_for(lambda: "10.9.0.0/16" in routes(segment), "the route to be back", GRACE_S)
    segment.hosts["a"].ip(f"rule delete from {VIP} lookup 100")
    wait_for(lambda: "lookup 100" in rules(segment), "the rule to be back", GRACE_S)
    a.wait_for_log("another program removed route 10.9.0.0/16: put it back")
    assert [entry["after"] for entry in a.status()["history"]] == ["BACKUP", "MASTER"]


def test_static_ones_are_there_whoever_is_master(segment: Segment) -> None:
    a = segment.vipd("a", STATIC + instance(100))
    a.start()
    segment.wait_for_holders("10.0.0.200", "a", 1)
    wait_for(lambda: "10.8.0.0/16" in routes(segment) and "lookup 101" in rules(segment), "the others")
    segment.hosts["a"].ip("address delete 10.0.0.200/32 dev eth0")
    segment.wait_for_holders("10.0.0.200", "a", GRACE_S)
    assert a.stop() == 0
    assert (routes(segment), "lookup 101" in rules(segment)) == ("", False)
    segment.wait_for_holders("10.0.0.200", "", GRACE_S)


def test_a_static_route_survives_its_interface(segment: Segment) -> None:
    a = segment.vipd("a", STATIC + instance(100))
    a.start()
    wait_for(lambda: "10.8.0.0/16" in routes(segment), "the route")
    segment.hosts["a"].ip("link set eth0 down")
    a.wait_for_state("FAULT", 1)
    assert routes(segment) == ""
    segment.hosts["a"].ip("link set eth0 up")
    wait_for(lambda: "10.8.0.0/16" in routes(segment), "the route to be back", 1)


def test_a_crash_leaves_none_of_them(segment: Segment) -> None:
    a = segment.vipd("a", STATIC + instance(OWNER, *HELD))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    wait_for(lambda: "lookup 100" in rules(segment), "the rule")
    a.kill()
    a.release()
    assert routes(segment) == ""
    assert "lookup 10" not in rules(segment)
    for address in (VIP, "10.0.0.200"):
        segment.wait_for_holders(address, "", GRACE_S)


def test_a_word_that_means_nothing_here(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, "virtual_routes {\n10.9.0.0/16 via 10.0.0.2 table nowhere\n}"))
    a.launch()
    assert a.wait() == 5
    assert "the route 10.9.0.0/16: 'nowhere' is no number and no name in /etc/iproute2/rt_tables" in a.log()


def test_an_interface_may_come_late(segment: Segment) -> None:
    """With dynamic_interfaces; the instances on others do not wait for it."""
    late = instance(OWNER, name="LATE", vrid=52, interface="eth1", vips=["10.1.0.100"])
    a = segment.vipd("a", "global_defs {\n    dynamic_interfaces\n}\n" + instance(OWNER) + late)
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    assert a.instance("LATE")["state"] == "FAULT"
    for _time in range(2):
        ip("-n", segment.hosts["a"].name, "link add eth1 type veth peer name eth2")
        for line in ("link set eth2 up", "address add 10.1.0.1/24 dev eth1", "link set eth1 up"):
            segment.hosts["a"].ip(line)
        segment.wait_for_holders("10.1.0.100", "a", 1)
        assert a.instance("LATE")["state"] == "MASTER"
        segment.hosts["a"].ip("link delete eth1")
        a.wait_for_state("FAULT", 1, "LATE")


def test_what_is_held_on_an_interface_comes_back_with_it(segment: Segment) -> None:
    """It comes late; it is made anew, noticed or between two looks of the worker: each time it gets all of it."""
    host = segment.hosts["a"]
    static = "static_ipaddress {\n10.2.0.200/24 dev eth1\n}\nstatic_routes {\n10.8.0.0/16 via 10.2.0.9 dev eth1\n}\n"
    held = "virtual_routes {\n10.9.0.0/16 via 10.2.0.9 dev eth1\n}"
    vips = [VIP, "10.2.0.100/24 dev eth1"]
    a = segment.vipd("a", f"global_defs {{\ndynamic_interfaces\n}}\n{static}{instance(OWNER, held, vips=vips)}")
    a.start()
    segment.wait_for_holders(VIP, "a", 5)

    def make() -> None:
        ip("-n", host.name, "link add eth1 type veth peer name eth2")
        for line in ("link set eth2 up", "address add 10.2.0.1/24 dev eth1", "link set eth1 up"):
            host.ip(line)

    def is_furnished() -> bool:
        there = {one["local"] for one in host.addresses("eth1")}
        return {"10.2.0.100", "10.2.0.200"} <= there and all(one in routes(segment) for one in ("10.8.0.0", "10.9.0.0"))

    make()
    wait_for(is_furnished, "all of it, on an interface that came late", 15)
    host.ip("link delete eth1")
    a.wait_for_log("cannot add 10.2.0.100/24 on eth1")
    make()
    wait_for(is_furnished, "all of it, on an interface that was made anew", 15)
    worker = a.worker
    os.kill(worker, signal.SIGSTOP)
    host.ip("link delete eth1")
    make()
    os.kill(worker, signal.SIGCONT)
    wait_for(is_furnished, "all of it, on an interface that was made anew unseen", 15)
    assert [entry["after"] for entry in a.status()["history"]] == ["BACKUP", "MASTER"]
    a.reload(instance(OWNER))
    wait_for(lambda: len(host.addresses("eth1")) == 1 and not routes(segment), "only its own address", 15)
