# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGHUP: what the new configuration keeps is not touched, not even for an instant.

The kernel's own notifications are the evidence: a VIP that was taken off and put back would show in them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns.configuration import GRACE_S, OTHER_VIP, OWNER, THIRD_VIP, VIP, down_s, instance
from tests.netns.daemon import ENVIRONMENT, Vipd
from tests.netns.namespace import ip
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for


@pytest.fixture
def owner(segment: Segment) -> Vipd:
    """A master of two VIPs."""
    a = segment.vipd("a", instance(OWNER, vips=[VIP, OTHER_VIP]))
    a.start()
    segment.wait_for_holders(OTHER_VIP, "a", 1)
    return a


def never_removed(segment: Segment, vip: str) -> bool:
    return [change.added for change in segment.addresses.changes(vip)] == [True]


def test_vips_are_added_and_removed(segment: Segment, owner: Vipd) -> None:
    owner.reload(instance(OWNER, vips=[OTHER_VIP, THIRD_VIP]))
    segment.wait_for_holders(VIP, "", 1)
    segment.wait_for_holders(THIRD_VIP, "a", 1)
    wait_for(lambda: segment.packets.announcements("a", THIRD_VIP), "the new VIP to be announced", 1)
    assert never_removed(segment, OTHER_VIP)
    assert [entry["after"] for entry in owner.status()["history"]] == ["BACKUP", "MASTER"]
    assert 0 not in {advert.priority for advert in segment.packets.adverts("a")}


def test_a_vip_moves_between_instances_and_an_instance_is_renamed(segment: Segment, owner: Vipd) -> None:
    """An instance is its interface and VRID; a VIP that another master of this node takes over stays where it is."""
    two = instance(OWNER, name="renamed") + instance(OWNER, name="W", vrid=52, vips=[THIRD_VIP])
    owner.reload(two)
    segment.wait_for_holders(THIRD_VIP, "a", 1)
    segment.wait_for_holders(OTHER_VIP, "", 1)
    assert never_removed(segment, VIP)

    owner.reload(instance(OWNER, name="W", vrid=52, vips=[THIRD_VIP, VIP]))
    wait_for(lambda: [one["name"] for one in owner.status()["instances"]] == ["W"], "V to be gone", 2)
    assert never_removed(segment, VIP)
    assert never_removed(segment, THIRD_VIP)
    assert segment.packets.adverts("a", vrid=51)[-1].priority == 0, "an instance that ends says so"


def test_an_instance_moves_to_another_interface(segment: Segment) -> None:
    """What it held on the old one is released in order, and nobody is told of a fault there."""
    host = segment.hosts["a"]
    ip("-n", host.name, "link add eth1 type veth peer name eth1-far")
    for command in ("link set eth1-far up", "link set eth1 up", "address add 10.1.0.1/24 dev eth1"):
        host.ip(command)
    owner = segment.vipd("a", instance(OWNER))
    owner.start()
    segment.wait_for_holders(VIP, "a", 1)
    owner.reload(instance(OWNER, interface="eth1"))
    wait_for(lambda: [one["local"] for one in host.addresses("eth1")] == ["10.1.0.1", VIP], "the VIP on eth1", 2)
    assert [one["local"] for one in host.addresses("eth0")] == ["10.0.0.1"]
    assert segment.packets.adverts("a")[-1].priority == 0
    assert [(entry["after"], entry["reason"]) for entry in owner.status()["history"]][2:] == [
        ("STOP", "removed from the configuration"),
        ("BACKUP", "started"),
        ("MASTER", "this node owns the addresses (priority 255)"),
    ]


def test_a_broken_configuration_changes_nothing(segment: Segment, owner: Vipd) -> None:
    broken = instance(OWNER, "priorty 100", vips=[THIRD_VIP]).replace("virtual_router_id 51", "virtual_router_id 256")
    owner.reload(broken)
    owner.wait_for_log(f"{owner.path} was not loaded; the running configuration stays in force")
    assert f"{owner.path}:4:" in owner.log(), "the line with the VRID"
    assert f"{owner.path}:7:" in owner.log(), "the line with the misspelt keyword"
    assert owner.instance()["vips"] == [f"{VIP}/32", f"{OTHER_VIP}/32"]
    assert never_removed(segment, VIP)
    assert never_removed(segment, OTHER_VIP)

    owner.path.unlink()
    owner.reload()
    wait_for(lambda: owner.log().count("was not loaded") == 2, "the second complaint")
    owner.reload(instance(OWNER, vips=[VIP, OTHER_VIP]))
    owner.wait_for_log(f"reloading {owner.path}")
    assert never_removed(segment, VIP)


def test_a_pair_keeps_its_roles(segment: Segment, tmp_path: Path) -> None:
    """Neither reload makes a handover; a priority changed by one is acted upon like any other."""
    script = f'vrrp_script check {{\n    script "/usr/bin/test -e {tmp_path}"\n    interval 1\n}}\n'
    track = "track_script {\n        check\n    }"
    a, b = segment.vipd("a", script + instance(150, track)), segment.vipd("b", instance(100))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", 1 + down_s(150))
    sent = len(segment.packets.adverts("a"))

    a.reload(script + instance(150, track, vips=[VIP, OTHER_VIP]))
    b.reload(instance(110, vips=[VIP, OTHER_VIP]))
    segment.wait_for_holders(OTHER_VIP, "a", 1)
    wait_for(lambda: len(segment.packets.adverts("a")) > sent + 3, "some adverts to pass", 4)
    assert segment.holders(VIP) == {"a"}
    assert [entry["after"] for entry in a.status()["history"]] == ["BACKUP", "MASTER"]
    assert [entry["after"] for entry in b.status()["history"]] == ["BACKUP"]
    assert b.instance()["priority"] == 110

    a.reload(script + instance(90, track, vips=[VIP, OTHER_VIP]))
    wait_for(lambda: segment.packets.adverts("a")[-1].priority == 90, "a to advert its new priority", GRACE_S)
    segment.wait_for_holders(VIP, "b", down_s(110))
    assert segment.addresses.most_holders(VIP) == segment.addresses.most_holders(OTHER_VIP) == 1


def test_vipctl_shows_what_a_reload_would_do_and_does_it(segment: Segment, owner: Vipd, tmp_path: Path) -> None:
    """The difference is shown, then logged; what is wrong is refused with its place."""
    new = tmp_path / "new.conf"
    new.write_text(instance(OWNER, vips=[VIP], name="web"))
    renamed = "vrrp_instance V is now called web, and keeps its state"
    gone = f"{OTHER_VIP} is taken off: vrrp_instance V has it no more (a VIP may leave this node)"
    assert vipctl(owner, "diff", str(new)) == (1, f"{renamed}\n{gone}\n")
    assert segment.holders(OTHER_VIP) == {"a"}, "to look changes nothing"

    owner.path.write_text(new.read_text())
    assert vipctl(owner, "reload") == (0, f"{renamed}\n{gone}\n")
    segment.wait_for_holders(OTHER_VIP, "", 1)
    owner.wait_for_log(f"reload: {gone}")
    assert vipctl(owner, "diff", str(new)) == (0, "")
    assert vipctl(owner, "reload") == (0, "nothing is changed\n")

    owner.path.write_text(new.read_text().replace("priority 255", "priorty 255"))
    status, said = vipctl(owner, "reload")
    assert status == 5
    assert f"{owner.path}:5" in said
    assert never_removed(segment, VIP)


def vipctl(daemon: Vipd, *words: str) -> tuple[int, str]:
    program = "import sys; from vipd.ctl import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "--socket", str(daemon.control_socket), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=30, check=False)
    return done.returncode, done.stdout
