# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who held a VIP, and how many at once."""

from __future__ import annotations

import pytest

from tests.lab.holders import Crowd, HolderLog, crowd, holders_at
from tests.lab.record import Holding

VIP = "10.0.0.3"


def test_a_dump_that_repeats_a_notification_changes_nothing() -> None:
    log = HolderLog()
    log.gained("lb01", VIP, 1.0)
    log.gained("lb01", VIP, 2.0)
    log.lost("lb01", VIP, 3.0)
    log.lost("lb01", VIP, 4.0)
    assert log.intervals(9.0) == (Holding("lb01", VIP, 1.0, 3.0),)


def test_what_is_held_now_lasts_until_now() -> None:
    log = HolderLog()
    log.gained("lb02", VIP, 1.0)
    assert log.holders(VIP) == {"lb02"}
    assert log.intervals(5.0) == (Holding("lb02", VIP, 1.0, 5.0),)


def test_alone_is_counted_from_the_last_change_of_any_holder() -> None:
    log = HolderLog()
    assert log.alone_for("lb01", VIP, 1.0) == 0.0
    log.gained("lb01", VIP, 1.0)
    log.gained("lb02", VIP, 2.0)
    assert log.alone_for("lb01", VIP, 3.0) == 0.0
    log.lost("lb02", VIP, 4.0)
    assert log.alone_for("lb01", VIP, 6.0) == 2.0
    assert log.alone_for("lb02", VIP, 6.0) == 0.0


def test_a_node_without_power_holds_nothing() -> None:
    log = HolderLog()
    for vip in (VIP, "10.0.0.4"):
        log.gained("lb01", vip, 1.0)
        log.gained("lb02", vip, 1.0)
    log.lost_all("lb01", 2.0)
    assert log.holders(VIP) == log.holders("10.0.0.4") == {"lb02"}


def test_a_handover_in_one_instant_is_no_overlap() -> None:
    handover = [Holding("lb01", VIP, 0.0, 1.0), Holding("lb02", VIP, 1.0, 2.0)]
    assert crowd(handover, 0.0, 2.0) == Crowd(most=1, shared_s=0.0)


def test_two_holders_are_counted_and_timed() -> None:
    overlap = [Holding("lb01", VIP, 0.0, 1.02), Holding("lb02", VIP, 1.0, 2.0)]
    found = crowd(overlap, 0.0, 2.0)
    assert found.most == 2
    assert found.shared_s == pytest.approx(0.02)


def test_two_vips_on_two_nodes_are_no_conflict() -> None:
    split = [Holding("lb01", VIP, 0.0, 2.0), Holding("lb02", "10.0.0.4", 0.0, 2.0)]
    assert crowd(split, 0.0, 2.0).most == 1


def test_an_overlap_outside_the_window_belongs_to_another_event() -> None:
    overlap = [Holding("lb01", VIP, 0.0, 1.5), Holding("lb02", VIP, 1.0, 9.0)]
    assert crowd(overlap, 2.0, 3.0) == Crowd(most=1, shared_s=0.0)
    assert crowd(overlap, 10.0, 11.0) == Crowd(most=0, shared_s=0.0)


def test_the_end_of_a_holding_is_not_part_of_it() -> None:
    handover = [Holding("lb01", VIP, 0.0, 1.0), Holding("lb02", VIP, 1.0, 2.0)]
    assert holders_at(handover, VIP, 1.0) == ("lb02",)
