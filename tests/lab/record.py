# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a drill recorded, as frozen dataclasses and as JSON: the only thing a report is made from.

All times are seconds on one machine's monotonic clock, counted from the start of the drill. Nothing
here is judged: the verdicts are in ``report.py``, so that an old recording can be judged again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional


@dataclass(frozen=True)
class Probe:
    """One request through the VIP; ``error`` None means that it was answered."""

    sent_s: float
    latency_ms: float
    error: Optional[str] = None
    by: Optional[str] = None

    @property
    def answered_s(self) -> float:
        return self.sent_s + self.latency_ms / 1000


@dataclass(frozen=True)
class Holding:
    """``node`` had ``vip`` on an interface from ``start_s`` until before ``end_s``."""

    node: str
    vip: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Bound:
    """The longest gap the protocol allows, and the formula it comes from."""

    seconds: float
    formula: str


@dataclass(frozen=True)
class Event:
    """One thing done to the master and undone again; ``problems`` are sentences for a person."""

    key: str
    title: str
    recovery: str
    bound: Bound
    struck_s: float
    recovered_s: float
    ended_s: float
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """One drill. ``master`` is the node of highest priority, ``backup`` the one expected to take over."""

    started: str
    service: str
    vip: str
    master: str
    backup: str
    priorities: dict[str, int]
    advert_int_s: float
    probe_interval_ms: float
    events: tuple[Event, ...]
    probes: tuple[Probe, ...]
    holdings: tuple[Holding, ...]
    problems: tuple[str, ...] = ()


def save(run: Run, path: Path) -> None:
    """Probes are written as arrays: there are thousands of them."""
    document = asdict(run)
    document["probes"] = [[probe.sent_s, probe.latency_ms, probe.error, probe.by] for probe in run.probes]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")


def load(path: Path) -> Run:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    document["events"] = tuple(_event(entry) for entry in document["events"])
    document["probes"] = tuple(Probe(*entry) for entry in document["probes"])
    document["holdings"] = tuple(Holding(**entry) for entry in document["holdings"])
    document["problems"] = tuple(document["problems"])
    return Run(**document)


def _event(entry: dict[str, Any]) -> Event:
    return Event(**{**entry, "bound": Bound(**entry["bound"]), "problems": tuple(entry["problems"])})
