# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 9568 sections 6.1 and 6.2: the intervals, in centiseconds and with all their fractions, and Preempt_Mode."""

from __future__ import annotations

import pytest
from vipd.core.timers import master_down_s, skew_s

from tests.agent.rfc.version3 import FAMILIES, Node3, master3, waits


@pytest.mark.parametrize(
    ("priority", "interval_s", "skew"), [(100, 1.0, 0.609375), (100, 0.1, 0.0609375), (254, 0.01, 0.000078125)]
)
def test_6_1_skew_time_is_a_part_of_the_master_s_interval(priority: int, interval_s: float, skew: float) -> None:
    """Skew_Time is (256 - priority) / 256 of Active_Adver_Interval; no fraction of it is lost."""
    assert skew_s(priority, interval_s) == pytest.approx(skew, abs=1e-12)


@pytest.mark.parametrize(("interval_s", "expected"), [(1.0, 3.609375), (0.1, 0.3609375), (0.01, 0.03609375)])
def test_6_1_master_down_interval(interval_s: float, expected: float) -> None:
    """Active_Down_Interval is three times Active_Adver_Interval and Skew_Time."""
    assert master_down_s(100, interval_s, interval_s) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("interval_s", [1.0, 0.01])
def test_6_1_a_higher_priority_waits_less(interval_s: float) -> None:
    """Of several backups the one with the highest priority takes over first, at the shortest interval as well."""
    waited = [master_down_s(priority, interval_s, interval_s) for priority in range(1, 256)]
    assert waited == sorted(waited, reverse=True)
    assert len(set(waited)) == len(waited)


@FAMILIES
def test_6_1_at_first_the_master_s_interval_is_our_own(family: int) -> None:
    """Active_Adver_Interval is Advertisement_Interval until an advert says another one."""
    node = Node3("advert_int 0.1", family=family)
    assert waits(node) == pytest.approx(0.360938, abs=1e-6)


def test_6_1_preemption_is_the_default() -> None:
    """Preempt_Mode is true unless configured: a living master of lower priority is replaced."""
    node = Node3(priority=150)
    for _second in range(4):
        node.hears(100)
        node.does("wait 1")
    assert node.state == "MASTER"


def test_6_1_preemption_can_be_prohibited() -> None:
    """With Preempt_Mode false a living master of lower priority stays."""
    node = Node3("nopreempt", priority=150)
    for _second in range(10):
        node.hears(100)
        node.does("wait 1")
    assert node.state == "BACKUP"


@FAMILIES
def test_6_2_the_adver_timer_fires_every_interval_of_our_own(family: int) -> None:
    """Adver_Timer makes a master send every Advertisement_Interval, whatever it learned as a backup."""
    node = Node3("advert_int 0.5", family=family)
    node.hears(150, "interval=2")
    node.does("wait 20")
    assert len(node.does("wait 100")) == 200


def test_6_2_the_master_down_timer_fires_when_no_advert_was_heard() -> None:
    """Active_Down_Timer fires when no advert came for Active_Down_Interval, and not before."""
    node = Node3("advert_int 0.1")
    node.does("wait 0.360")
    assert node.state == "BACKUP"
    node.does("wait 0.001")
    assert node.state == "MASTER"


def test_6_2_a_master_s_timers_do_not_drift() -> None:
    """A thousand intervals are a thousand adverts."""
    node = master3("advert_int 0.01")
    assert abs(len(node.does("wait 10")) - 1000) <= 1
