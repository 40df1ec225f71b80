# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The deadline timer on a real clock. When it wakes is shown, not asserted: a busy machine is no defect."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import closing

import pytest
from vipd.linux.timerfd import DeadlineTimer, monotonic

TIMEOUT_MS = 5000


@pytest.fixture
def timer() -> Iterator[DeadlineTimer]:
    with closing(DeadlineTimer()) as timer:
        yield timer


def wakes(timer: DeadlineTimer, timeout_ms: int = 0) -> bool:
    waiting = select.poll()
    waiting.register(timer.fileno(), select.POLLIN)
    return bool(waiting.poll(timeout_ms))


def test_it_wakes_at_the_deadline_and_never_before(timer: DeadlineTimer) -> None:
    lateness_us = []
    for _turn in range(20):
        deadline = monotonic() + 0.003
        timer.arm(deadline)
        assert wakes(timer, TIMEOUT_MS)
        late_s = monotonic() - deadline
        assert late_s >= 0
        lateness_us.append(round(late_s * 1e6))
    print(f"late by {sorted(lateness_us)[10]} us in the median, {max(lateness_us)} us at most")


@pytest.mark.parametrize("deadline_s", [0.0, 1e-12, -5.0])
def test_a_deadline_that_has_passed_wakes_at_once(timer: DeadlineTimer, deadline_s: float) -> None:
    timer.arm(deadline_s)
    assert wakes(timer, TIMEOUT_MS)


def test_none_disarms(timer: DeadlineTimer) -> None:
    timer.arm(monotonic() + 0.01)
    timer.arm(None)
    assert not wakes(timer, 30)


def test_a_wake_up_lasts(timer: DeadlineTimer) -> None:
    timer.arm(0.0)
    assert wakes(timer, TIMEOUT_MS)
    assert wakes(timer)


def test_arming_anew_takes_back_a_wake_up(timer: DeadlineTimer) -> None:
    timer.arm(0.0)
    assert wakes(timer, TIMEOUT_MS)
    timer.arm(monotonic() + 60)
    assert not wakes(timer)
