# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus' text format, version 0.0.4: families of samples to text. Pure, and knows no metric.

The names that exist are in ``families.py``. Source: prometheus.io/docs/instrumenting/exposition_formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Kind(str, Enum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Family:
    """Metrics of one name. ``text`` is one line for a person."""

    name: str
    kind: Kind
    text: str
    labels: tuple[str, ...] = ()

    def sample(self, value: float, *labels: object) -> Sample:
        """``labels`` are values, in the order of the family's names."""
        return self.part("", value, *labels)

    def part(self, suffix: str, value: float, *labels: object, **more: str) -> Sample:
        """Of a histogram: its ``_bucket``, which has a label of its own, ``_sum`` or ``_count``."""
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {labels}")
        return Sample(self, value, {**dict(zip(self.labels, map(str, labels))), **more}, suffix)


@dataclass(frozen=True)
class Sample:
    """One line of the page; ``suffix`` is what a histogram's lines have behind the name."""

    family: Family
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""

    def __str__(self) -> str:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in self.labels.items())
        return f"{self.family.name}{self.suffix}{{{labels}}} {_number(self.value)}" if labels else self._bare()

    def _bare(self) -> str:
        return f"{self.family.name}{self.suffix} {_number(self.value)}"


def text(samples: Iterable[Sample]) -> str:
    """The whole page; samples of one family stand together, as the format asks for."""
    families: dict[Family, list[Sample]] = {}
    for sample in samples:
        families.setdefault(sample.family, []).append(sample)
    lines = [line for family, group in families.items() for line in (*_heading(family), *map(str, group))]
    return "".join(f"{line}\n" for line in lines)


def _heading(family: Family) -> tuple[str, str]:
    return f"# HELP {family.name} {family.text}", f"# TYPE {family.name} {family.kind}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
