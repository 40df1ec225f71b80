# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The histogram of late wake-ups."""

from __future__ import annotations

from vipd.runtime.lateness import BOUNDS_S, Lateness


def test_each_wake_counts_in_its_bucket_and_those_above() -> None:
    lateness = Lateness()
    for late_s in (0.0001, 0.0002, 0.003, 7.0):
        lateness.note(late_s)
    told = lateness.snapshot()
    assert (told["last_s"], told["max_s"]) == (7.0, 7.0)
    wakes = {wake["up_to_s"]: wake["times"] for wake in told["wakes"]}
    assert list(wakes) == [*BOUNDS_S, None]
    assert [wakes[bound] for bound in (0.0002, 0.002, 0.005, 1.0, None)] == [2, 2, 3, 3, 4]


def test_nothing_was_late_yet() -> None:
    told = Lateness().snapshot()
    assert (told["last_s"], told["max_s"], told["wakes"][-1]["times"]) == (0.0, 0.0, 0)
