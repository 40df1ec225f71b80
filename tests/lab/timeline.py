# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recorded drill as one HTML page with inline SVG: pure, no script, nothing fetched from anywhere.

Every figure on the page comes from ``report.rows``; this file only decides where it stands. The page is
well-formed XML, so that a test can read it. The style sheet is ``timeline.css``, after the one of every page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from plugins.plugin_utils.drawing import Axis, Span, document, drawing, plain, ruler, stretch, tag, text

from . import report
from .bounds import ALLOWANCE_S
from .probe import Gap
from .record import Holding, Probe, Run
from .report import Row

STYLE = Path(__file__).with_name("timeline.css")

GUTTER = 74  # left of every drawing: the names of the lanes
WHOLE_WIDTH = 1216
EVENT_WIDTH = 848
HANDBACK_WIDTH = 348
LABELS = 34  # above the lanes: two lines of labels
LANE = 20
PROBE_LANE = 84
NO_ANSWER_BAND = 16
LATENCY_TICKS_MS = (0.1, 1, 10, 100)
FASTEST_MS, SLOWEST_MS = 0.07, 300.0
LETTER_WIDTH = 6.4  # of the 12 px text, on average: decides on which side of a bar its text stands
BEFORE_S, AFTER_S = 1.0, 5.0
HANDBACK_AROUND_S = 0.15


def page(run: Run) -> str:
    judged = report.rows(run)
    title = f"Failover drill: {run.service} on {run.master} and {run.backup}"
    body = (
        _header(run, judged, title),
        _table(run, judged),
        tag("section", tag("h2", "The whole drill"), _legend(run), _overview(run)),
        tag("section", tag("h2", "Each event"), *(_event(run, row) for row in judged), class_="events"),
        _footer(run),
    )
    return document(title, body, STYLE.read_text(encoding="utf-8"))


def _header(run: Run, judged: Sequence[Row], title: str) -> str:
    good = sum(not row.faults for row in judged)
    state = "pass" if report.passed(run) else "fail"
    nodes = ", ".join(f"{name} has priority {priority}" for name, priority in run.priorities.items())
    facts = f"VIP {run.vip}; {nodes}; an advert every {run.advert_int_s:g} s. Started {run.started}."
    return tag(
        "header",
        tag("p", f"{good} of {len(judged)} events passed", class_=f"verdict {state}"),
        tag("h1", plain(title)),
        tag("p", plain(facts)),
        *(tag("p", plain(problem), class_="fault") for problem in run.problems),
    )


def _table(run: Run, judged: Sequence[Row]) -> str:
    heading = tag("tr", *(tag("th", plain(name), scope="col") for name in report.HEADINGS))
    lines = []
    for row in judged:
        *figures, verdict = report.cells(row)
        cells = [tag("td", plain(figure)) for figure in figures]
        cells.append(tag("td", verdict, class_="fail" if row.faults else "pass"))
        lines.append(tag("tr", *cells))
    return tag("table", tag("thead", heading), tag("tbody", *lines))


def _legend(run: Run) -> str:
    entries = (
        ("master", f"{run.master} holds the VIP"),
        ("backup", f"{run.backup} holds the VIP"),
        ("answer", "probe answered"),
        ("failure", "probe not answered"),
        ("shade", "gap"),
        ("shared", "two holders at once"),
        ("struck", "event"),
        ("recovery", "recovery"),
        ("limit", "longest gap allowed"),
    )
    return tag("p", *(tag("span", tag("i", "", class_=name), plain(label)) for name, label in entries), class_="legend")


def _footer(run: Run) -> str:
    return tag("footer", *(tag("p", plain(sentence)) for sentence in report.conditions(run)))


# --- the whole drill -----------------------------------------------------------------------------


def _overview(run: Run) -> str:
    last_s = max((event.ended_s for event in run.events), default=run.probes[-1].sent_s if run.probes else 1.0)
    axis = Axis(0.0, last_s + 0.5, 0.0, GUTTER, WHOLE_WIDTH - 8)
    top = LABELS
    lanes, bottom = _lanes(run, axis, top)
    flags = []
    for number, event in enumerate(run.events):
        flags += _flag(axis, event.struck_s, bottom, f"({event.key}) {event.title}", 12 + 15 * (number % 2))
        flags += _flag(axis, event.recovered_s, bottom, "", 27, class_="recovery")
    shades = [
        _shade(axis, gap, top, bottom, last_s) for row in report.rows(run) for gap in row.gaps + row.recovery_gaps
    ]
    ticks = ruler(axis, bottom, _step(axis.end_s, 14), "{:g}".format, "s since the start")
    return drawing(WHOLE_WIDTH, bottom + 36, "The whole drill", [*lanes, *shades, *flags, *ticks])


# --- one event -----------------------------------------------------------------------------------


def _event(run: Run, row: Row) -> str:
    return tag(
        "article",
        tag(
            "h3",
            plain(f"({row.event.key}) {row.event.title}"),
            tag("span", row.verdict, class_=f"chip {'fail' if row.faults else 'pass'}"),
        ),
        tag("p", plain(f"Bound: {row.event.bound.formula}"), class_="formula"),
        *(tag("p", plain(fault), class_="fault") for fault in row.faults),
        tag("div", _strike(run, row), _handback(run, row), class_="pair"),
    )


def _strike(run: Run, row: Row) -> str:
    """From a second before the event until the gap, or its limit, is over."""
    event = row.event
    gap_start_s = row.gaps[0].start_s if row.gaps else event.struck_s
    after_s = max(AFTER_S, gap_start_s - event.struck_s + max(row.limit_s, min(row.gap_s, 3 * row.limit_s)) + 0.5)
    axis = Axis(event.struck_s - BEFORE_S, event.struck_s + after_s, event.struck_s, GUTTER, EVENT_WIDTH - 8)
    top = LABELS
    lanes, lanes_end = _lanes(run, axis, top)
    bars, bottom = _measure(axis, row, gap_start_s, lanes_end + 8)
    shades = [_shade(axis, gap, top, lanes_end, event.ended_s) for gap in row.gaps + row.recovery_gaps]
    flags = _flag(axis, event.struck_s, bottom, event.title, 12)
    flags += _flag(axis, event.recovered_s, bottom, event.recovery, 27, class_="recovery")
    later = stretch(axis, (event.ended_s, axis.end_s), top, lanes_end - top, "later")
    ticks = ruler(axis, bottom, _step(after_s + BEFORE_S, 8), "{:g}".format, "s since the event")
    name = f"Event {event.key}: {event.title}"
    return drawing(EVENT_WIDTH, bottom + 36, name, [*lanes, *shades, later, *bars, *flags, *ticks])


def _measure(axis: Axis, row: Row, start_s: float, top: float) -> tuple[list[str], float]:
    """The measured gap above the gap allowed, from the same instant on."""
    gap_end_s = max((gap.end_s or row.event.ended_s for gap in row.gaps), default=start_s)
    bound_end_s, limit_end_s = start_s + row.event.bound.seconds, start_s + row.limit_s
    measured = f"measured {report.duration(row.gap_s, row.gaps)}"
    allowed = f"bound {row.event.bound.seconds:.2f} s + {ALLOWANCE_S * 1000:.0f} ms"
    parts = [
        text(GUTTER - 8, top + 11, "gap", "lane", "end"),
        *(stretch(axis, (gap.start_s, gap.end_s or row.event.ended_s), top, 14, "measured") for gap in row.gaps),
        _beside(axis, (start_s, gap_end_s), top + 11, measured, "bad"),
        text(GUTTER - 8, top + 29, "allowed", "lane", "end"),
        stretch(axis, (start_s, bound_end_s), top + 18, 14, "bound"),
        stretch(axis, (bound_end_s, limit_end_s), top + 18, 14, "allowance"),
        _beside(axis, (start_s, limit_end_s), top + 29, allowed, ""),
        tag("path", d=f"M{axis.x(limit_end_s)} {LABELS}V{top - 8}", class_="limit"),
    ]
    return parts, top + 38


def _handback(run: Run, row: Row) -> str:
    """The instant at which the VIP goes home, in milliseconds."""
    event = row.event
    home = [
        held.start_s
        for held in run.holdings
        if held.vip == run.vip and held.node == run.master and event.struck_s < held.start_s <= event.ended_s
    ]
    if not home:
        return tag("p", plain(f"{run.master} did not take the VIP back."), class_="fault")
    axis = Axis(home[-1] - HANDBACK_AROUND_S, home[-1] + HANDBACK_AROUND_S, home[-1], GUTTER, HANDBACK_WIDTH - 8)
    top = LABELS
    lanes, lanes_end = _lanes(run, axis, top)
    gap_class = "bad" if row.recovery_gap_s > ALLOWANCE_S else ""
    label = f"gap {report.duration(row.recovery_gap_s, row.recovery_gaps)}" if row.recovery_gaps else "no gap"
    parts = [
        *lanes,
        *(_shade(axis, gap, top, lanes_end, event.ended_s) for gap in row.gaps + row.recovery_gaps),
        *_flag(axis, home[-1], lanes_end + 46, f"{run.master} takes it back", 27, class_="recovery"),
        text(GUTTER - 8, lanes_end + 19, "recovery", "lane", "end"),
        text(GUTTER + 2, lanes_end + 19, label, gap_class),
        text(GUTTER + 2, lanes_end + 37, f"at most {ALLOWANCE_S * 1000:.0f} ms allowed", "quiet"),
    ]
    ticks = ruler(axis, lanes_end + 46, 0.05, lambda s: f"{s * 1000:g}", "ms around the hand-back")
    name = f"Event {event.key}: the hand-back"
    return drawing(HANDBACK_WIDTH, lanes_end + 82, name, [*parts, *ticks])


# --- the parts of a drawing ----------------------------------------------------------------------


def _lanes(run: Run, axis: Axis, top: float) -> tuple[list[str], float]:
    """One lane a node, one for the client; the second value is where they end."""
    parts: list[str] = []
    for number, (node, class_) in enumerate(((run.master, "master"), (run.backup, "backup"))):
        y = top + number * (LANE + 6)
        parts.append(text(GUTTER - 8, y + 14, node, "lane", "end"))
        parts.append(tag("rect", x=GUTTER, y=y, width=axis.right - GUTTER, height=LANE, class_="track"))
        parts += [_holding(axis, held, y, class_) for held in _visible(run, axis) if held.node == node]
    parts += [stretch(axis, both, top, 2 * LANE + 6, "shared") for both in _shared(run) if both[1] > axis.start_s]
    probes_top = top + 2 * (LANE + 6) + 4
    parts += _probe_lane([probe for probe in run.probes if axis.shows(probe.sent_s)], axis, probes_top)
    return parts, probes_top + PROBE_LANE


def _visible(run: Run, axis: Axis) -> list[Holding]:
    return [
        held for held in run.holdings if held.vip == run.vip and held.start_s < axis.end_s and held.end_s > axis.start_s
    ]


def _holding(axis: Axis, held: Holding, y: float, class_: str) -> str:
    left, right = axis.x(held.start_s), axis.x(held.end_s)
    seconds = held.end_s - held.start_s
    note = tag("title", plain(f"{held.node} held {held.vip} for {seconds:.3f} s"))
    return tag("rect", note, x=left, y=y, width=max(right - left, 0.6), height=LANE, class_=class_)


def _shared(run: Run) -> list[Span]:
    """The spans in which both nodes held the VIP."""
    mine = [held for held in run.holdings if held.vip == run.vip and held.node == run.master]
    others = [held for held in run.holdings if held.vip == run.vip and held.node == run.backup]
    spans = [(max(one.start_s, two.start_s), min(one.end_s, two.end_s)) for one in mine for two in others]
    return [span for span in spans if span[0] < span[1]]


def _probe_lane(probes: Sequence[Probe], axis: Axis, top: float) -> list[str]:
    answers = [f"M{axis.x(probe.sent_s)} {_latency_y(probe, top)}h0" for probe in probes if probe.error is None]
    failures = [f"M{axis.x(probe.sent_s)} {top + 2}v{NO_ANSWER_BAND - 4}" for probe in probes if probe.error]
    parts = [
        tag("rect", x=GUTTER, y=top, width=axis.right - GUTTER, height=PROBE_LANE, class_="track"),
        text(GUTTER - 8, top + 12, "no answer", "tick", "end"),
    ]
    for latency_ms in LATENCY_TICKS_MS:
        y = _latency_y(Probe(0.0, latency_ms), top)
        parts.append(tag("path", d=f"M{GUTTER} {y}H{axis.right}", class_="grid"))
        parts.append(text(GUTTER - 8, y + 4, f"{latency_ms} ms", "tick", "end"))
    if answers:
        parts.append(tag("path", d="".join(answers), class_="answer"))
    if failures:
        parts.append(tag("path", d="".join(failures), class_="failure"))
    return parts


def _latency_y(probe: Probe, top: float) -> float:
    """Logarithmic, slow at the top."""
    latency_ms = min(max(probe.latency_ms, FASTEST_MS), SLOWEST_MS)
    part = math.log(latency_ms / FASTEST_MS) / math.log(SLOWEST_MS / FASTEST_MS)
    return round(top + PROBE_LANE - 4 - part * (PROBE_LANE - NO_ANSWER_BAND - 6), 1)


def _shade(axis: Axis, gap: Gap, top: float, bottom: float, until_s: float) -> str:
    end_s = until_s if gap.end_s is None else gap.end_s
    if end_s < axis.start_s or gap.start_s > axis.end_s:
        return ""
    left, right = axis.x(gap.start_s), axis.x(end_s)
    note = tag("title", f"no answer for {gap.seconds(until_s):.3f} s, {gap.unanswered} probes")
    return tag("rect", note, x=left, y=top, width=max(right - left, 0.6), height=bottom - top, class_="shade")


def _beside(axis: Axis, span: Span, y: float, content: str, class_: str) -> str:
    """To the right of a bar where there is room, inside it otherwise."""
    left, right = axis.x(span[0]), axis.x(span[1])
    if right + 8 + len(content) * LETTER_WIDTH < axis.right:
        return text(right + 6, y, content, class_)
    return text(left + 6, y, content, "inside")


def _flag(axis: Axis, at_s: float, bottom: float, label: str, y: float, *, class_: str = "struck") -> list[str]:
    if not axis.shows(at_s):
        return []
    x = axis.x(at_s)
    fits = x + 4 + len(label) * LETTER_WIDTH < axis.right + 8
    return [
        tag("path", d=f"M{x} {y - 10}V{bottom}", class_=class_),
        text(x + 4 if fits else x - 4, y, label, f"{class_}-label", "start" if fits else "end"),
    ]


def _step(span_s: float, at_most: int) -> float:
    """The finest of the usual steps that needs no more than ``at_most`` ticks."""
    return next((float(step) for step in (0.5, 1, 2, 5, 10, 20, 30) if span_s / step <= at_most), 60.0)
