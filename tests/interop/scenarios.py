# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to a group of nodes, whatever they run: each function is one story, told once for every mix.

The configuration text is the same for vipd and for keepalived.
"""

from __future__ import annotations

from tests.interop.pair import Nodes
from tests.netns.configuration import GRACE_S, OTHER_VIP, THIRD_VIP, VIP, down_s, instance, skew_s
from tests.netns.waiting import wait_for

SCRIPTS = "global_defs {\n    script_user root\n    enable_script_security\n}\n"
RUN_S = 1 + GRACE_S  # until a script has run that is run every second
HEARD = 5  # adverts after which a node that wanted to preempt would have


def stop_and_kill(nodes: Nodes) -> None:
    a, b = nodes.node("a", instance(150)), nodes.node("b", instance(100))
    a.start()
    b.start()
    nodes.settle("both start", "a", down_s(150))
    a.stop()
    nodes.settle("a stops", "b", skew_s(100))
    a.start()
    nodes.settle("a comes back", "a", down_s(150))
    a.kill()
    nodes.settle("a is killed", "ab", down_s(100))
    nodes.clean("a", a)
    nodes.settle("what a left is removed", "b", GRACE_S)
    a.start()
    nodes.settle("a comes back again", "a", down_s(150))
    b.kill()
    nodes.settle("the backup is killed", "a", GRACE_S)


def nopreempt(nodes: Nodes) -> None:
    a, b = nodes.node("a", instance(150, "nopreempt")), nodes.node("b", instance(100, "nopreempt"))
    b.start()
    nodes.settle("b starts alone", "b", down_s(100))
    a.start()
    heard = len(nodes.segment.packets.adverts("b"))
    wait_for(lambda: len(nodes.segment.packets.adverts("b")) >= heard + HEARD, "b to advert on", HEARD + 1)
    nodes.settle("a starts and hears b", "b", GRACE_S)
    b.stop()
    nodes.settle("b stops", "a", skew_s(150))
    b.start()
    heard = len(nodes.segment.packets.adverts("a"))
    wait_for(lambda: len(nodes.segment.packets.adverts("a")) >= heard + HEARD, "a to advert on", HEARD + 1)
    nodes.settle("b comes back", "a", GRACE_S)


def failing_script(nodes: Nodes) -> None:
    """Weight -60, weight 0, and weight 60 on one script; the peer is 100, 100 and 130."""
    healthy = nodes.directory / "healthy"
    healthy.touch()
    check = f'vrrp_script check {{\n    script "/usr/bin/test -e {healthy}"\n    interval 1\n}}\n'

    def track(*words: str) -> str:
        return f"track_script {{\n        {' '.join(words)}\n    }}"

    a = nodes.node(
        "a",
        SCRIPTS
        + check
        + instance(150, track("check", "weight -60"))
        + instance(150, track("check"), name="W", vrid=52, vips=[OTHER_VIP])
        + instance(100, track("check", "weight 60"), name="X", vrid=53, vips=[THIRD_VIP]),
    )
    b = nodes.node(
        "b",
        instance(100)
        + instance(100, name="W", vrid=52, vips=[OTHER_VIP])
        + instance(130, name="X", vrid=53, vips=[THIRD_VIP]),
    )
    a.start()
    b.start()
    for vip in (VIP, OTHER_VIP, THIRD_VIP):
        nodes.settle("both start", "a", RUN_S + 2 * down_s(100), vip)
    healthy.unlink()
    for vip in (VIP, OTHER_VIP, THIRD_VIP):
        nodes.settle("the script fails", "b", RUN_S + down_s(100), vip)
    healthy.touch()
    for vip in (VIP, OTHER_VIP, THIRD_VIP):
        nodes.settle("the script succeeds", "a", RUN_S + down_s(150), vip)


def partition(nodes: Nodes) -> None:
    """On V the priority decides when it heals, on W the address."""
    a = nodes.node("a", instance(150) + instance(100, name="W", vrid=52, vips=[OTHER_VIP]))
    b = nodes.node("b", instance(100) + instance(100, name="W", vrid=52, vips=[OTHER_VIP]))
    nodes.segment.part()
    a.start()
    b.start()
    for vip in (VIP, OTHER_VIP):
        nodes.settle("nobody hears anybody", "ab", down_s(100), vip)
    nodes.segment.join()
    nodes.settle("all hear each other: by priority", "a", 1 + GRACE_S)
    nodes.settle("all hear each other: by address", "b", 1 + GRACE_S, OTHER_VIP)


def pulled_cable(nodes: Nodes) -> None:
    a, b = nodes.node("a", instance(150)), nodes.node("b", instance(100))
    a.start()
    b.start()
    nodes.settle("both start", "a", down_s(150))
    nodes.segment.pull_cable("a")
    nodes.settle("a's cable is pulled", "b", down_s(100))
    nodes.segment.plug_cable("a")
    nodes.settle("it is plugged in again", "a", down_s(150))


def reload(nodes: Nodes) -> None:
    a, b = nodes.node("a", instance(150)), nodes.node("b", instance(100))
    a.start()
    b.start()
    nodes.settle("both start", "a", down_s(150))
    a.reload(instance(90))
    nodes.settle("a is reloaded with a lower priority", "b", 1 + down_s(100))
    b.reload(instance(80))
    nodes.settle("b is reloaded with a still lower one", "a", 1 + down_s(90))


def removed_vip(nodes: Nodes) -> None:
    """Another program takes it off the master: the election starts anew, and its winner takes it."""
    a, b = nodes.node("a", instance(150)), nodes.node("b", instance(100))
    a.start()
    b.start()
    nodes.settle("both start", "a", down_s(150))
    nodes.segment.hosts["a"].ip(f"address delete {VIP}/32 dev eth0")
    nodes.settle("the VIP is removed", "a", skew_s(150))


def three_nodes(nodes: Nodes) -> None:
    a, b, c = (nodes.node(label, instance(priority)) for label, priority in zip("abc", (150, 100, 50), strict=True))
    for one in (a, b, c):
        one.start()
    nodes.settle("all start", "a", down_s(150))
    a.stop()
    nodes.settle("a stops", "b", skew_s(100))
    b.stop()
    nodes.settle("b stops", "c", skew_s(50))
    a.start()
    nodes.settle("a comes back", "a", down_s(150))
    c.kill()
    nodes.settle("c is killed", "a", GRACE_S)


def published(nodes: Nodes, first: str, second: str, holders: dict[str, str]) -> None:
    """``holders``: for each VIP two letters, who has it when both run, and when a has stopped and come back."""
    a, b = nodes.node("a", first), nodes.node("b", second)
    within_s = RUN_S + 2 * down_s(90)  # the longest interval in them is two seconds
    a.start()
    for vip in holders:
        nodes.settle("a starts alone", "a", within_s, vip)
    b.start()
    for vip, who in holders.items():
        nodes.settle("b starts", who[0], within_s, vip)
    a.stop()
    for vip in holders:
        nodes.settle("a stops", "b", within_s, vip)
    a.start()
    for vip, who in holders.items():
        nodes.settle("a comes back", who[1], within_s, vip)
