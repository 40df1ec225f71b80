# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formulas against figures worked out by hand."""

from __future__ import annotations

import pytest
from vipd.config.model import Command, Tracks, TrackScript, VrrpInstance, VrrpScript

from tests.lab.bounds import check_fails, check_script, master_down, skew

BACKUP = VrrpInstance(name="VI_1", interface="eth0", virtual_router_id=51, priority=100)
SKEW_S = 0.609375


def script(name: str = "chk", interval_s: float = 2.0, timeout_s: float | None = None, fall: int = 2) -> VrrpScript:
    return VrrpScript(name, Command(("/bin/true",)), interval_s=interval_s, timeout_s=timeout_s, fall=fall)


def test_skew_and_master_down_are_those_of_rfc_3768() -> None:
    assert skew(BACKUP).seconds == SKEW_S
    assert master_down(BACKUP).seconds == 3 + SKEW_S


def test_the_formula_shows_its_figures() -> None:
    assert skew(BACKUP).formula == "skew = (256 - 100)/256 s = 0.609 s"
    assert master_down(BACKUP).formula == "3 × advert_int + skew = 3 × 1 + 0.609 s = 3.609 s"


@pytest.mark.parametrize(
    ("interval_s", "timeout_s", "fall", "detected_s"),
    [
        (2.0, None, 1, 2 + 2),  # missed by a moment, then one run that hangs until its timeout
        (2.0, 1.0, 2, 2 * 2 + 1),
        (1.0, 2.5, 1, 3 + 2.5),  # a run that outlasts two intervals: the next starts on the third
    ],
)
def test_a_check_is_as_slow_as_its_fall_and_timeout(
    interval_s: float, timeout_s: float | None, fall: int, detected_s: float
) -> None:
    slow = script(interval_s=interval_s, timeout_s=timeout_s, fall=fall)
    assert check_fails(BACKUP, slow, weight=0).seconds == pytest.approx(detected_s + SKEW_S)


@pytest.mark.parametrize("weight", [-60, 60])
def test_a_weight_lowers_the_priority_only_so_the_backup_waits_out_its_timer(weight: int) -> None:
    in_fault = check_fails(BACKUP, script(), weight=0)
    assert check_fails(BACKUP, script(), weight).seconds == pytest.approx(in_fault.seconds + 3)


def test_the_slowest_tracked_script_counts_and_an_untracked_one_does_not() -> None:
    scripts = [script("quick", fall=1), script("slow", fall=3), script("unused", fall=9)]
    master = VrrpInstance(
        "VI_1", "eth0", 51, tracks=Tracks(scripts=(TrackScript("quick"), TrackScript("slow", weight=0)))
    )
    found = check_script(master, BACKUP, scripts)
    assert found == check_fails(BACKUP, scripts[1], 0)


def test_a_pair_that_tracks_nothing_would_never_notice() -> None:
    assert check_script(BACKUP, BACKUP, [script()]) is None
