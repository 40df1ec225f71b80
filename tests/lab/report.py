# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges a recorded drill and prints it as a table: pure, from a :class:`record.Run` alone.

A row passes when the gap is within the protocol's bound plus the allowance, the hand-back costs no more
than the allowance, no VIP was ever on two nodes, and the VIP went where it should. ``timeline.py`` draws
what is judged here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .bounds import ALLOWANCE_S
from .holders import Crowd, crowd, holders_at
from .probe import GIVE_UP_AFTER_S, Gap, gaps
from .record import Event, Probe, Run


@dataclass(frozen=True)
class Row:
    """One event, judged; ``faults`` are sentences, and empty when it passed."""

    event: Event
    gaps: tuple[Gap, ...]
    gap_s: float
    recovery_gaps: tuple[Gap, ...]
    recovery_gap_s: float
    holders: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    crowd: Crowd
    faults: tuple[str, ...]

    @property
    def limit_s(self) -> float:
        return self.event.bound.seconds + ALLOWANCE_S

    @property
    def verdict(self) -> str:
        return "FAIL" if self.faults else "pass"


def rows(run: Run) -> tuple[Row, ...]:
    found = gaps(run.probes)
    return tuple(_row(run, event, found) for event in run.events)


def passed(run: Run) -> bool:
    return bool(run.events) and not run.problems and not any(row.faults for row in rows(run))


def _row(run: Run, event: Event, found: Sequence[Gap]) -> Row:
    struck = _beginning(found, event.struck_s, event.recovered_s)
    recovery = _beginning(found, event.recovered_s, event.ended_s)
    judged = Row(
        event=event,
        gaps=struck,
        gap_s=sum(gap.seconds(event.ended_s) for gap in struck),
        recovery_gaps=recovery,
        recovery_gap_s=sum(gap.seconds(event.ended_s) for gap in recovery),
        holders=(
            holders_at(run.holdings, run.vip, event.struck_s),
            _successor(run, event),
            holders_at(run.holdings, run.vip, event.ended_s - 0.001),
        ),
        crowd=crowd(run.holdings, event.struck_s, event.ended_s),
        faults=event.problems,
    )
    return replace(judged, faults=(*event.problems, *_faults(run, judged)))


def _beginning(found: Sequence[Gap], from_s: float, until_s: float) -> tuple[Gap, ...]:
    """A probe on its way when something is done may fail of it: its gap began a little earlier, and is counted."""
    return tuple(gap for gap in found if from_s <= gap.start_s + GIVE_UP_AFTER_S < until_s)


def _successor(run: Run, event: Event) -> tuple[str, ...]:
    """Who held it right after the first takeover: a killed master may be back before the event is over."""
    took = [held for held in run.holdings if held.vip == run.vip and held.start_s >= event.struck_s]
    first_s = min((held.start_s for held in took), default=event.recovered_s)
    return holders_at(run.holdings, run.vip, first_s)


def _faults(run: Run, row: Row) -> list[str]:
    faults = []
    if row.gap_s > row.limit_s:
        faults.append(f"no answer for {row.gap_s:.2f} s, and {row.limit_s:.2f} s is the most allowed")
    if row.recovery_gap_s > ALLOWANCE_S:
        faults.append(f"the hand-back cost {row.recovery_gap_s:.2f} s, and {ALLOWANCE_S:.2f} s is the most allowed")
    if row.crowd.most > 1:
        faults.append(f"{row.crowd.most} nodes held the VIP at once, for {row.crowd.shared_s * 1000:.1f} ms")
    expected = ((run.master,), (run.backup,), (run.master,))
    if row.holders != expected:
        faults.append(f"the VIP went {_path(row.holders)}, expected {_path(expected)}")
    return faults


def _path(holders: Sequence[tuple[str, ...]]) -> str:
    return " → ".join("+".join(names) or "nobody" for names in holders)


def summary(run: Run, event: Event) -> str:
    """One line for the person who watches the drill."""
    row = next(row for row in rows(run) if row.event == event)
    return (
        f"gap {row.gap_s:.2f} s (at most {row.limit_s:.2f}), at recovery {row.recovery_gap_s * 1000:.0f} ms, "
        f"{_path(row.holders)}: {'; '.join(row.faults) or 'pass'}"
    )


HEADINGS = ("event", "bound", "gap", "at recovery", "holder: before → after → recovered", "holders at once", "verdict")


def cells(row: Row) -> tuple[str, ...]:
    """One string for each of ``HEADINGS``."""
    return (
        f"({row.event.key}) {row.event.title}",
        f"{row.event.bound.seconds:.2f} s",
        duration(row.gap_s, row.gaps),
        duration(row.recovery_gap_s, row.recovery_gaps),
        _path(row.holders),
        str(row.crowd.most),
        row.verdict,
    )


def duration(seconds: float, found: Sequence[Gap]) -> str:
    text = f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
    return text if len(found) < 2 else f"{text} in {len(found)} gaps"


def conditions(run: Run) -> tuple[str, ...]:
    """What the figures mean, in sentences that stand under the table."""
    return (
        f"A row passes when the gap is at most its bound plus {ALLOWANCE_S * 1000:.0f} ms, the gap at recovery at most "
        f"{ALLOWANCE_S * 1000:.0f} ms, and never two nodes hold the VIP.",
        "A gap runs from the sending of the last probe that was answered to the arrival of the next answer.",
        f"The client sends a probe every {run.probe_interval_ms:.0f} ms, each on a connection of its own; the longest "
        f"pause between two was {longest_pause_s(run.probes) * 1000:.0f} ms.",
        "Holders are counted from the kernel's own address notifications, not by polling.",
    )


def longest_pause_s(probes: Sequence[Probe]) -> float:
    """How blind the probe was at worst."""
    sent = sorted(probe.sent_s for probe in probes)
    return max((later - earlier for earlier, later in pairwise(sent)), default=0.0)


def table(run: Run) -> str:
    """For a terminal."""
    judged = rows(run)
    lines = [HEADINGS, *(cells(row) for row in judged)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    heading, *body = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    text = [heading.rstrip(), "  ".join("─" * width for width in widths), *(line.rstrip() for line in body), ""]
    text += [f"({row.event.key}) {row.event.bound.formula}" for row in judged]
    text += ["", *conditions(run)]
    text += [f"FAIL ({row.event.key}) {fault}" for row in judged for fault in row.faults]
    text += [f"FAIL {problem}" for problem in run.problems]
    return "\n".join(text)
