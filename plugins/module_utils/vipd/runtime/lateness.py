# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How late the loop woke for its deadlines: look here first when a mastership changes without a cause."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

# Bounds of the histogram: a timerfd wakes within the first one; a backup's patience with 10 ms adverts is 30 ms.
BOUNDS_S = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class Lateness:
    """Since the start of the process."""

    def __init__(self) -> None:
        self._last_s = 0.0
        self._max_s = 0.0
        self._sum_s = 0.0
        self._counts = [0] * (len(BOUNDS_S) + 1)

    def note(self, late_s: float) -> None:
        self._last_s = late_s
        self._max_s = max(late_s, self._max_s)
        self._sum_s += late_s
        self._counts[bisect_left(BOUNDS_S, late_s)] += 1

    def snapshot(self) -> dict[str, Any]:
        """``wakes`` says how many were late by no more than each bound; None stands for no bound at all."""
        total, wakes = 0, []
        for bound, count in zip((*BOUNDS_S, None), self._counts):
            total += count
            wakes.append({"up_to_s": bound, "times": total})
        seconds = {"last_s": self._last_s, "max_s": self._max_s, "sum_s": self._sum_s}
        return {**{name: round(value, 6) for name, value in seconds.items()}, "wakes": wakes}
