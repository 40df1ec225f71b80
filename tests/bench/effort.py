# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much is measured: everything, or in eight minutes enough to see that a change helped."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    limit_s: int
    takeovers: int  # of each contender, at each interval and scheduling class
    intervals_s: tuple[float, ...]
    bursts: int  # takeovers with many VIPs
    loads: tuple[tuple[int, float], ...]  # instances, interval
    window_s: float
    jitter_s: float
    starts: int
    checks_s: float  # in which the checks of thousands of real servers are watched
    pairs: int  # deployed side by side
    second_runs: int  # over them, with nothing to do


FULL = Effort(
    limit_s=2700,
    takeovers=50,
    intervals_s=(1.0, 0.1, 0.01),
    bursts=15,
    loads=((1, 1.0), (50, 1.0), (255, 1.0), (50, 0.1), (50, 0.01)),
    window_s=10.0,
    jitter_s=60.0,
    starts=5,
    checks_s=12.0,
    pairs=20,
    second_runs=3,
)
QUICK = Effort(
    limit_s=660,
    takeovers=16,
    intervals_s=(0.1, 0.01),
    bursts=5,
    loads=((50, 1.0), (50, 0.01)),
    window_s=4.0,
    jitter_s=8.0,
    starts=2,
    checks_s=6.0,
    pairs=2,
    second_runs=1,
)


def wanted() -> Effort:
    """QUICK=1 asks for less; BENCH_RUNS says how many takeovers, BENCH_PAIRS how many pairs."""
    effort = QUICK if os.environ.get("QUICK") else FULL
    asked = {"takeovers": os.environ.get("BENCH_RUNS"), "pairs": os.environ.get("BENCH_PAIRS")}
    return Effort(**{**vars(effort), **{name: int(number) for name, number in asked.items() if number}})
