# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 9568 section 6.4: Initialize, Backup and Master, over both families."""

from __future__ import annotations

import pytest

from tests.agent.rfc.node import adverts
from tests.agent.rfc.version3 import FAMILIES, Node3, master3, waits

VIP = {4: "10.0.0.3/24", 6: "fe80::3/64"}
OWN = {4: "10.0.0.5", 6: "fe80::5"}
LOWER = {4: "10.0.0.4", 6: "fe80::4"}
HIGHER = {4: "10.0.0.6", 6: "fe80::6"}


def advert(family: int, priority: int) -> str:
    return f"send advert vrid 51 priority {priority} from {OWN[family]}, version 3, every 100 cs"


# Initialize


@FAMILIES
def test_6_4_1_the_owner_becomes_master(family: int) -> None:
    """At startup the owner sends an advert, announces each address, arms Adver_Timer and becomes Master."""
    node = Node3(family=family, priority=255)
    done = node.does("wait 0")
    assert done[:3] == [
        advert(family, 255),
        f"add {VIP[family]} on eth0",
        f"announce {VIP[family]} on eth0, 5 times",
    ]
    assert (node.now, node.state, node.adver_timer) == (0.0, "MASTER", 1.0)


@FAMILIES
def test_6_4_1_everybody_else_becomes_backup(family: int) -> None:
    """At startup any other router takes its own interval for the master's, and waits Active_Down_Interval."""
    node = Node3(family=family)
    assert (node.state, node.master_down_timer, node.adver_timer) == ("BACKUP", 3.609375, None)


@FAMILIES
def test_6_4_1_before_startup_adverts_are_not_processed(family: int) -> None:
    """In Initialize only a Startup event counts."""
    node = Node3(family=family, link="down")
    assert [*node.hears(0), *node.hears(150), *node.does("wait 60")] == []
    assert node.counted == {"not_listening": 2}


# Backup


@FAMILIES
def test_6_4_2_has_no_virtual_address(family: int) -> None:
    """A backup must not answer ARP or Neighbor Solicitations for the addresses, nor accept packets to them."""
    node = Node3(family=family)
    assert node.at_start[0] == f"remove {VIP[family]} on eth0"
    assert not node.router.snapshot(node.now)["instances"][0]["holds_vips"]


@FAMILIES
def test_6_4_2_a_shutdown_says_nothing(family: int) -> None:
    """On Shutdown: cancel Active_Down_Timer, leave; a backup has nothing to release."""
    node = Node3(family=family)
    assert adverts(node.does("stop")) == []
    assert node.master_down_timer is None


@FAMILIES
def test_6_4_2_takes_over_when_the_master_down_timer_fires(family: int) -> None:
    """Then: send an advert, announce each address, arm Adver_Timer with our own interval, become Master; in order."""
    node = Node3(family=family)
    done = node.does("wait 3.609375")
    assert done[:3] == [
        advert(family, 100),
        f"add {VIP[family]} on eth0",
        f"announce {VIP[family]} on eth0, 5 times",
    ]
    assert (node.state, node.master_down_timer, node.adver_timer) == ("MASTER", None, 1.0)


@FAMILIES
def test_6_4_2_priority_0_shortens_the_wait_to_the_skew(family: int) -> None:
    """An advert of priority 0 sets Active_Down_Timer to Skew_Time."""
    node = Node3(family=family)
    assert node.hears(0) == []
    assert node.master_down_timer == 0.609375


def test_6_4_2_the_skew_after_priority_0_is_of_the_master_s_interval() -> None:
    """Skew_Time is a part of the interval that the master's adverts said."""
    node = Node3("advert_int 0.1")
    node.hears(150, "interval=2")
    node.hears(0, "interval=2")
    assert waits(node) == 2 * 0.609375


@FAMILIES
@pytest.mark.parametrize("priority", [100, 101, 255])
def test_6_4_2_an_advert_as_good_as_ours_resets_the_timer(family: int, priority: int) -> None:
    """The same or a higher priority sets Active_Down_Timer to Active_Down_Interval."""
    node = Node3(family=family)
    node.does("wait 2")
    node.hears(priority)
    assert node.master_down_timer == 3.609375


@FAMILIES
@pytest.mark.parametrize(("interval", "wait"), [("0.5", 1.804688), ("2", 7.21875), ("40.95", 147.803906)])
def test_6_4_2_the_interval_is_learned_with_its_skew(family: int, interval: str, wait: float) -> None:
    """Active_Adver_Interval becomes the advert's; Skew_Time and Active_Down_Interval are computed anew."""
    node = Node3("advert_int 0.1", family=family)
    node.hears(150, f"interval={interval}")
    assert waits(node) == wait


def test_6_4_2_one_long_interval_and_then_silence() -> None:
    """What the last advert said decides when its sender is given up."""
    node = Node3("advert_int 0.1")
    node.hears(150, "interval=0.5")
    node.does("wait 1.804")
    assert node.state == "BACKUP"
    node.does("wait 0.001")
    assert node.state == "MASTER"


def test_6_4_2_without_preemption_any_advert_resets_the_timer() -> None:
    """With Preempt_Mode false a lower priority sets Active_Down_Timer to Active_Down_Interval, too."""
    node = Node3("nopreempt")
    node.does("wait 2")
    node.hears(1)
    assert node.master_down_timer == 3.609375


@FAMILIES
def test_6_4_2_discards_a_lower_priority_advert_when_preempting(family: int) -> None:
    """With Preempt_Mode true an advert of lower priority is discarded, its interval with it: the timer runs on."""
    node = Node3(family=family)
    node.does("wait 2")
    node.hears(99, "interval=9")
    assert node.master_down_timer == 1.609375


# Master


@FAMILIES
def test_6_4_3_has_the_virtual_addresses(family: int) -> None:
    """A master must answer ARP, or Neighbor Solicitations, for the addresses: they are on its interface."""
    node = master3(family=family)
    assert node.router.snapshot(node.now)["instances"][0]["holds_vips"]


@FAMILIES
def test_6_4_3_a_shutdown_is_told_with_priority_0(family: int) -> None:
    """On Shutdown: cancel Adver_Timer, send an advert of priority 0, leave."""
    node = master3(family=family)
    assert node.does("stop")[:2] == [advert(family, 0), f"remove {VIP[family]} on eth0"]
    assert node.does("wait 60") == []


@FAMILIES
def test_6_4_3_sends_when_the_adver_timer_fires(family: int) -> None:
    """When Adver_Timer fires: send an advert, arm it again with our own interval."""
    node = master3(family=family)
    assert node.does(f"wait {node.adver_timer}") == [advert(family, 100)]


@FAMILIES
def test_6_4_3_a_goodbye_is_answered(family: int) -> None:
    """An advert of priority 0: send an advert at once, arm Adver_Timer with our own interval."""
    node = master3(family=family)
    assert node.hears(0) == [advert(family, 100)]
    assert (node.state, node.adver_timer) == ("MASTER", 1.0)


@FAMILIES
@pytest.mark.parametrize("priority", [101, 255])
def test_6_4_3_yields_to_a_higher_priority(family: int, priority: int) -> None:
    """A higher priority, from whatever address: cancel Adver_Timer, wait by the winner's interval, become Backup."""
    node = master3(family=family)
    node.hears(priority, "interval=2", LOWER[family])
    assert (node.state, node.adver_timer, waits(node)) == ("BACKUP", None, 7.21875)


@FAMILIES
def test_6_4_3_yields_on_a_tie_to_a_higher_address(family: int) -> None:
    """The same priority from a primary address greater than ours, in network order: become Backup."""
    node = master3(family=family)
    node.hears(100, "", HIGHER[family])
    assert node.state == "BACKUP"


@FAMILIES
def test_6_4_3_stays_on_a_tie_with_a_lower_address(family: int) -> None:
    """The same priority from a lower primary address is no reason to yield."""
    node = master3(family=family)
    node.hears(100, "", LOWER[family])
    assert node.state == "MASTER"


@FAMILIES
@pytest.mark.parametrize(("priority", "source"), [(1, HIGHER), (99, HIGHER), (100, LOWER)])
def test_6_4_3_a_losing_advert_is_answered_at_once(family: int, priority: int, source: dict[int, str]) -> None:
    """An advert that loses is discarded and answered with an advert of ours, so that its sender yields."""
    node = master3(family=family)
    assert node.hears(priority, "", source[family])[0] == advert(family, 100)
    assert (node.state, node.adver_timer) == ("MASTER", 1.0)
