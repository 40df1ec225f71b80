# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures of two contenders side by side: a table for people, JSON for comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Measure:
    """Smaller is better, in every one."""

    what: str
    unit: str
    vipd: Sequence[float]
    keepalived: Sequence[float]

    @property
    def ratio(self) -> float | None:
        """vipd's median over keepalived's; None when that is no quotient."""
        ours, theirs = median(self.vipd), median(self.keepalived)
        return ours / theirs if ours > 0 and theirs > 0 else None

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "unit": self.unit,
            "vipd": _summary(self.vipd),
            "keepalived": _summary(self.keepalived),
            "ratio": self.ratio,
        }


def _summary(values: Sequence[float]) -> dict[str, Any]:
    return {"n": len(values), "median": median(values), "min": min(values), "max": max(values), "all": list(values)}


def table(measures: Sequence[Measure]) -> str:
    """Medians, with the extremes behind them where there are any."""
    head = ("", "unit", "vipd", "keepalived", "ratio")
    rows = [head, *(_row(measure) for measure in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(measure: Measure) -> tuple[str, str, str, str, str]:
    ratio = "-" if measure.ratio is None else f"{measure.ratio:.2f}"
    return measure.what, measure.unit, _cell(measure.vipd), _cell(measure.keepalived), ratio


def _cell(values: Sequence[float]) -> str:
    if len(values) == 1:
        return _number(values[0])
    return f"{_number(median(values))} ({_number(min(values))}..{_number(max(values))}, n {len(values)})"


def _number(value: float) -> str:
    """Three digits that count, and never an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
