# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures of two contenders side by side: a table for people, JSON for comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Target:
    """What vipd should reach, measured by keepalived in the same run. It is printed, never enforced."""

    text: str
    is_met: Callable[[Sequence[float], Sequence[float]], bool]


def at_most(factor: float) -> Target:
    return Target(f"<= {factor:g} x", lambda ours, theirs: median(ours) <= factor * median(theirs))


def within(median_more: float, p99_more: float) -> Target:
    return Target(
        f"median +{median_more:g}, p99 +{p99_more:g}",
        lambda ours, theirs: (
            median(ours) <= median(theirs) + median_more and percentile(ours, 99) <= percentile(theirs, 99) + p99_more
        ),
    )


NONE_AT_ALL = Target("none", lambda ours, _theirs: not any(ours))


@dataclass(frozen=True)
class Measure:
    """Smaller is better, in every one. ``keepalived`` is empty where it has nothing like it."""

    what: str
    unit: str
    vipd: Sequence[float]
    keepalived: Sequence[float] = ()
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """vipd's median over keepalived's; None when that is no quotient."""
        ours, theirs = median(self.vipd), median(self.keepalived or [0])
        return ours / theirs if ours > 0 and theirs > 0 else None

    @property
    def is_met(self) -> bool | None:
        return self.target.is_met(self.vipd, self.keepalived) if self.target else None

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "unit": self.unit,
            "vipd": _summary(self.vipd),
            "keepalived": _summary(self.keepalived) if self.keepalived else None,
            "ratio": self.ratio,
            "target": self.target.text if self.target else None,
            "met": self.is_met,
        }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that is not exceeded by ``percent`` of all."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _summary(values: Sequence[float]) -> dict[str, Any]:
    figures = {"median": median(values), "p99": percentile(values, 99), "min": min(values), "max": max(values)}
    return {"n": len(values), **figures, "all": list(values)}


def table(measures: Sequence[Measure]) -> str:
    """Medians, with the 99th percentile and the maximum behind them where there are any."""
    head = ("", "unit", "vipd", "keepalived", "ratio", "target", "")
    rows = [head, *(_row(measure) for measure in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(measure: Measure) -> tuple[str, ...]:
    ratio = "-" if measure.ratio is None else f"{measure.ratio:.2f}"
    target = measure.target.text if measure.target else ""
    verdict = {True: "met", False: "not met", None: ""}[measure.is_met]
    return measure.what, measure.unit, _cell(measure.vipd), _cell(measure.keepalived), ratio, target, verdict


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "-"
    if len(values) == 1:
        return _number(values[0])
    later = f"{_number(percentile(values, 99))}, max {_number(max(values))}, n {len(values)}"
    return f"{_number(median(values))} (p99 {later})"


def _number(value: float) -> str:
    """Three digits that count, and never an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
