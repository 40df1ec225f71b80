# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair as one page that needs nothing but a browser: its VIPs and their holders, its nodes, what moved and why. Pure.

What it shows is worked out in ``pair_status.py``, and drawn with ``drawing.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from .drawing import Axis, Span, document, drawing, plain, ruler, stretch, tag, text
from .pair_status import Answer, Clash, PairStatus, Stay, Transition, clashes

STYLE = Path(__file__).with_name("status_page.css")

WIDTH = 1216
GUTTER = 150  # left of the lanes: names of nodes
LANE, GAP = 22, 6
TRANSITIONS_SHOWN = 60
SPAN_MIN_S, SPAN_MAX_S = 600.0, 86400.0
STEPS_S = (60, 120, 300, 600, 1800, 3600, 7200, 14400)
TICKS_MAX = 13

LEGEND = (
    ("MASTER", "master"),
    ("BACKUP", "standby"),
    ("FAULT", "ruled-out"),
    ("two masters", "shared"),
    ("stopped, or not known", "track"),
)
CLASSES = {"MASTER": "master", "BACKUP": "standby", "FAULT": "ruled-out"}


@dataclass(frozen=True)
class Cell:
    value: object
    class_: str = ""
    span: int = 1


@dataclass(frozen=True)
class Bar:
    """A stretch of a node's lane."""

    node: str
    instance: str
    span: Span
    class_: str
    note: str


def page(pair: PairStatus, zone: tzinfo | None = None) -> str:
    """``zone`` None is where this runs."""
    title = f"The pair {', '.join(pair.nodes)}"
    body = (
        _header(pair, title, zone),
        tag("section", tag("h2", "Virtual IPs"), _vips(pair)),
        tag("section", tag("h2", "Nodes"), _nodes(pair)),
        tag("section", tag("h2", "Timeline"), _legend(), *_timelines(pair, zone)),
        tag("section", tag("h2", "Transitions"), _transitions(pair.transitions, zone)),
    )
    return document(title, body, STYLE.read_text(encoding="utf-8"))


def _header(pair: PairStatus, title: str, zone: tzinfo | None) -> str:
    faults = pair.faults
    verdict = f"{len(faults)} to look at" if faults else "every VIP has one holder"
    return tag(
        "header",
        tag("p", verdict, class_=f"verdict {'fail' if faults else 'pass'}"),
        tag("h1", plain(title)),
        tag("p", plain(f"As it was at {_moment(pair.at, zone)}.")),
        *(tag("p", plain(fault), class_="fault") for fault in faults),
    )


def _vips(pair: PairStatus) -> str:
    rows = []
    for vip in pair.vips:
        holder = ", ".join(vip.holders) or "nobody"
        class_ = "pass" if len(vip.holders) == 1 else "fail"
        rows.append([Cell(vip.address), Cell(holder, class_), Cell(vip.instance), Cell(vip.vrid)])
    return _table(("VIP", "holder", "instance", "VRID"), rows)


def _nodes(pair: PairStatus) -> str:
    rows = []
    for node, answer in pair.nodes.items():
        if "error" in answer:
            rows.append([Cell(node), Cell(answer["error"], "fail", span=6)])
        else:
            rows += [[Cell(node), *_standing(one)] for one in answer["instances"]]
    return _table(("node", "instance", "state", "since", "priority", "hears", "because"), rows)


def _standing(one: Answer) -> list[Cell]:
    master = one["master"]
    hears = f"{master['address']}, priority {master['priority']}" if master and one["state"] == "BACKUP" else ""
    class_ = {"MASTER": "pass", "FAULT": "fail"}.get(one["state"], "")
    values = (_duration(one["since_s"]), one["priority"], hears, one["reason"])
    return [Cell(one["name"]), Cell(one["state"], class_), *map(Cell, values)]


def _transitions(transitions: Sequence[Transition], zone: tzinfo | None) -> str:
    rows = [
        [
            Cell(value)
            for value in (_moment(one.at, zone), one.node, one.instance, f"{one.before} → {one.after}", one.reason)
        ]
        for one in transitions[:TRANSITIONS_SHOWN]
    ]
    left_out = len(transitions) - len(rows)
    more = [tag("p", plain(f"{left_out} older ones are left out."), class_="quiet")] if left_out > 0 else []
    return "".join((_table(("when", "node", "instance", "transition", "because"), rows), *more))


def _legend() -> str:
    return tag("p", *(tag("span", tag("i", "", class_=name), plain(label)) for label, name in LEGEND), class_="legend")


def _timelines(pair: PairStatus, zone: tzinfo | None) -> list[str]:
    """One drawing for each instance, all over the same time."""
    stays = pair.stays(pair.at - SPAN_MAX_S)
    bars = [*map(_stay, stays), *(one for clash in clashes(stays) for one in _two_masters(clash))]
    first_s = min((stay.start_s for stay in stays), default=pair.at)
    span_s = min(max(pair.at - first_s, SPAN_MIN_S), SPAN_MAX_S)
    midnight_s = datetime.fromtimestamp(pair.at, zone).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    axis = Axis(pair.at - span_s, pair.at, midnight_s, GUTTER, WIDTH - 30)
    return [
        tag("article", tag("h3", plain(instance)), _lanes(instance, list(pair.answering), bars, axis, zone))
        for instance in pair.instances
    ]


def _lanes(instance: str, nodes: Sequence[str], bars: Iterable[Bar], axis: Axis, zone: tzinfo | None) -> str:
    parts: list[str] = []
    for number, node in enumerate(nodes):
        top = 4 + number * (LANE + GAP)
        parts.append(text(GUTTER - 8, top + 15, node, "lane", "end"))
        parts.append(stretch(axis, (axis.start_s, axis.end_s), top, LANE, "track"))
        # At least a hair: a mastership of a second must be seen in a day.
        parts += [
            stretch(axis, one.span, top, LANE, one.class_, note=one.note, least=1.5)
            for one in bars
            if (one.node, one.instance) == (node, instance)
        ]
    bottom = 4 + len(nodes) * (LANE + GAP)
    span_s = axis.end_s - axis.start_s
    step_s = next((step for step in STEPS_S if span_s / step <= TICKS_MAX), STEPS_S[-1])

    def clock(since_midnight_s: float) -> str:
        return datetime.fromtimestamp(axis.zero_s + since_midnight_s, zone).strftime("%H:%M")

    parts += ruler(axis, bottom, float(step_s), clock, "")
    return drawing(WIDTH, bottom + 36, f"Who was what in {instance}", parts)


def _stay(stay: Stay) -> Bar:
    note = f"{stay.node} was {stay.state} for {_duration(stay.end_s - stay.start_s)}"
    return Bar(stay.node, stay.instance, (stay.start_s, stay.end_s), CLASSES.get(stay.state, "track"), note)


def _two_masters(clash: Clash) -> list[Bar]:
    note = f"{' and '.join(clash.nodes)} were both MASTER for {_duration(clash.end_s - clash.start_s)}"
    span = (clash.start_s, clash.end_s)
    return [Bar(node, clash.instance, span, "shared", note) for node in clash.nodes]


def _table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A cell repeats its heading: on a narrow screen it stands beside it, and not above the column."""
    heading = tag("tr", *(tag("th", plain(name), scope="col") for name in headings))
    body = (tag("tr", *(_cell(cell, name) for cell, name in zip(row, headings, strict=False))) for row in rows)
    return tag("table", tag("thead", heading), tag("tbody", "", *body))


def _cell(cell: Cell, heading: str) -> str:
    if cell.span > 1:
        return tag("td", plain(cell.value), class_=cell.class_, colspan=cell.span)
    class_ = {"class_": cell.class_} if cell.class_ else {}
    return tag("td", plain(cell.value), data_heading=heading, **class_)


def _moment(at: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(at, zone).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour} h"
    return f"{hour} h {minute} min" if hour else f"{minute} min {second} s" if minute else f"{second} s"
