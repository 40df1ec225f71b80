# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 3768 sections 6.1 and 6.2: the intervals, the timers, and Preempt_Mode."""

from __future__ import annotations

from dataclasses import replace

import pytest
from vipd.config.model import Config
from vipd.core.events import ConfigLoaded
from vipd.core.timers import master_down_s, skew_s

from tests.agent.rfc.node import Node, master


@pytest.mark.parametrize(
    ("priority", "skew"), [(255, 0.00390625), (254, 0.0078125), (150, 0.4140625), (100, 0.609375), (1, 0.99609375)]
)
def test_6_1_skew_time(priority: int, skew: float) -> None:
    """Skew_Time is (256 - priority) / 256 seconds; no fraction of it is lost."""
    assert skew_s(priority) == skew


@pytest.mark.parametrize(("interval", "expected"), [(1, 3.609375), (3, 9.609375), (255, 765.609375)])
def test_6_1_master_down_interval(interval: int, expected: float) -> None:
    """Master_Down_Interval is three intervals and the skew."""
    assert master_down_s(100, interval) == expected


def test_6_1_a_higher_priority_waits_less() -> None:
    """Of several backups the one with the highest priority takes over first."""
    waits = [master_down_s(priority, 1) for priority in range(1, 256)]
    assert waits == sorted(waits, reverse=True)
    assert len(set(waits)) == len(waits)


def test_6_1_preemption_is_the_default() -> None:
    """Preempt_Mode is true unless configured: a living master of lower priority is replaced."""
    node = Node(priority=150)
    node.does("wait 1", "hear 10.0.0.6 100", "wait 1", "hear 10.0.0.6 100", "wait 1", "hear 10.0.0.6 100", "wait 0.5")
    assert node.state == "MASTER"


def test_6_1_preemption_can_be_prohibited() -> None:
    """With Preempt_Mode false a living master of lower priority stays."""
    node = Node("nopreempt", priority=150)
    for _second in range(10):
        node.does("hear 10.0.0.6 100", "wait 1")
    assert node.state == "BACKUP"


def test_6_1_the_owner_always_preempts() -> None:
    """The router that owns the addresses preempts whatever Preempt_Mode says."""
    node = Node(priority=255)
    # In a file nopreempt is cleared for an owner, so the core gets it another way.
    unwilling = replace(node.instance.config, nopreempt=True)
    node.router.handle(ConfigLoaded(Config(instances=(unwilling,))), node.now)
    node.does("hear 10.0.0.6 254", "wait 0")
    assert node.state == "MASTER"


def test_6_2_the_master_down_timer_fires_when_no_advert_was_heard() -> None:
    """Master_Down_Timer fires when no advert came for Master_Down_Interval, and not before."""
    node = Node()
    node.does("wait 3", "hear 10.0.0.6 150")
    assert node.does("wait 3.609") == []
    assert node.state == "BACKUP"
    node.does("wait 0.001")
    assert node.state == "MASTER"


def test_6_2_the_adver_timer_fires_every_interval() -> None:
    """Adver_Timer makes a master send every Advertisement_Interval, and does not drift."""
    node = master()
    before = node.adver_timer
    assert node.does("wait 1000") == ["send advert vrid 51 priority 100 from 10.0.0.5"] * 1000
    assert node.adver_timer == before
