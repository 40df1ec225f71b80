# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 3768 section 6.4.2: watching the master."""

from __future__ import annotations

import pytest

from tests.agent.rfc.node import Node


@pytest.fixture
def node() -> Node:
    """A backup of priority 100 whose Master_Down_Timer has run for two of its 3.609375 seconds."""
    backup = Node(priority=100)
    backup.does("wait 2")
    return backup


def test_6_4_2_has_no_virtual_address(node: Node) -> None:
    """A backup must neither answer ARP for the addresses nor accept packets to them: they are not on its interface."""
    assert node.at_start[0] == "remove 10.0.0.3/24 on eth0"
    node.does("hear 10.0.0.6 150", "hear 10.0.0.6 0", "hear 10.0.0.6 150")
    assert not node.router.snapshot(node.now)["instances"][0]["holds_vips"]


def test_6_4_2_a_shutdown_cancels_the_timer_and_says_nothing(node: Node) -> None:
    """On Shutdown: cancel Master_Down_Timer, leave; a backup has nothing to release."""
    assert node.does("stop") == ["V: BACKUP -> STOP, priority 100: asked to stop"]
    assert node.master_down_timer is None
    assert node.does("wait 60") == []


def test_6_4_2_takes_over_when_the_master_down_timer_fires(node: Node) -> None:
    """Then: send an advert, announce each address, arm Adver_Timer with the interval, become Master; in this order."""
    assert node.does("wait 1.609375") == [
        "send advert vrid 51 priority 100 from 10.0.0.5",
        "add 10.0.0.3/24 on eth0",
        "announce 10.0.0.3/24 on eth0, 5 times",
        "V: BACKUP -> MASTER, priority 100: no advert from anybody for 3.61 s",
    ]
    assert (node.now, node.master_down_timer, node.adver_timer) == (3.609375, None, 1.0)


def test_6_4_2_priority_0_shortens_the_wait_to_the_skew(node: Node) -> None:
    """An advert of priority 0 sets Master_Down_Timer to Skew_Time."""
    assert node.does("hear 10.0.0.6 0") == []
    assert node.master_down_timer == 0.609375


@pytest.mark.parametrize("line", ["nopreempt", ""])
def test_6_4_2_priority_0_is_looked_at_before_preemption(line: str) -> None:
    """Priority 0 is a goodbye with or without preemption, and never a priority lower than ours."""
    node = Node(line)
    node.does("hear 10.0.0.6 0")
    assert node.master_down_timer == 0.609375


@pytest.mark.parametrize("priority", [100, 101, 255])
def test_6_4_2_an_advert_as_good_as_ours_resets_the_timer(node: Node, priority: int) -> None:
    """An advert of the same or a higher priority sets Master_Down_Timer to Master_Down_Interval."""
    assert node.does(f"hear 10.0.0.6 {priority}") == []
    assert node.master_down_timer == 3.609375


@pytest.mark.parametrize("source", ["10.0.0.4", "10.0.0.6"])
def test_6_4_2_on_a_tie_the_address_does_not_matter(node: Node, source: str) -> None:
    """A backup compares priorities only; addresses decide between masters."""
    node.does(f"hear {source} 100")
    assert node.master_down_timer == 3.609375


def test_6_4_2_without_preemption_any_advert_resets_the_timer() -> None:
    """With Preempt_Mode false an advert of lower priority sets Master_Down_Timer to Master_Down_Interval, too."""
    node = Node("nopreempt")
    node.does("wait 2", "hear 10.0.0.6 1")
    assert node.master_down_timer == 3.609375


@pytest.mark.parametrize("priority", [1, 99])
def test_6_4_2_discards_a_lower_priority_advert_when_preempting(node: Node, priority: int) -> None:
    """With Preempt_Mode true an advert of lower priority is discarded: the timer runs on."""
    assert node.does(f"hear 10.0.0.6 {priority}") == []
    assert node.master_down_timer == 1.609375


def test_6_4_2_a_backup_never_adverts(node: Node) -> None:
    """Whatever it hears, only a master sends."""
    heard = [f"hear 10.0.0.{host} {priority}" for host in (4, 6) for priority in (0, 1, 100, 255)]
    assert node.does(*heard) == []
