# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a recording to verdicts, a table and a page; the recordings are made up, second by second."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lab import record, report, timeline
from tests.lab.record import Bound, Event, Holding, Probe, Run

VIP = "10.0.0.3"


def probes(last_s: float, *down: tuple[float, float]) -> tuple[Probe, ...]:
    """One every 10 ms, not answered when sent within ``down``."""
    sent = [number / 100 for number in range(int(last_s * 100))]
    return tuple(
        Probe(at_s, 300.0, "no answer") if any(start <= at_s < end for start, end in down) else Probe(at_s, 1.0)
        for at_s in sent
    )


STOP = Event(
    key="a",
    title="systemctl stop vipd",
    recovery="systemctl start vipd",
    bound=Bound(0.609, "skew = (256 - 100)/256 s = 0.609 s"),
    struck_s=2.0,
    recovered_s=4.0,
    ended_s=9.0,
)
GOOD = Run(
    started="2026-01-01T00:00:00+00:00",
    service="vipd",
    vip=VIP,
    master="lb01",
    backup="lb02",
    priorities={"lb01": 150, "lb02": 100},
    advert_int_s=1.0,
    probe_interval_ms=10.0,
    events=(STOP,),
    probes=probes(9.0, (2.005, 2.62), (7.49, 7.51)),
    holdings=(Holding("lb01", VIP, 0.0, 2.01), Holding("lb02", VIP, 2.62, 7.49), Holding("lb01", VIP, 7.51, 9.0)),
)


def only_row(run: Run) -> report.Row:
    (row,) = report.rows(run)
    return row


def test_a_takeover_within_its_bound_passes() -> None:
    row = only_row(GOOD)
    assert row.faults == ()
    assert row.gap_s == pytest.approx(0.621)  # sent at 2.00, next answer at 2.621
    assert row.recovery_gap_s == pytest.approx(0.031)
    assert row.holders == (("lb01",), ("lb02",), ("lb01",))
    assert row.crowd.most == 1
    assert report.passed(GOOD)


def test_a_probe_that_was_on_its_way_belongs_to_the_event() -> None:
    early = replace(GOOD, probes=probes(9.0, (1.98, 2.62)))
    assert only_row(early).gap_s == pytest.approx(0.651)


def test_the_next_event_s_gap_is_not_this_one_s() -> None:
    """The next event strikes as soon as this one is over; its gap starts at a probe sent just before."""
    followed = replace(GOOD, events=(replace(STOP, ended_s=8.5),), probes=probes(9.0, (2.005, 2.62), (8.495, 9.0)))
    assert only_row(followed).recovery_gap_s == 0.0


def late(run: Run) -> Run:
    return replace(run, probes=probes(9.0, (2.005, 2.75)))


def slow_handback(run: Run) -> Run:
    return replace(run, probes=probes(9.0, (2.005, 2.62), (7.4, 7.6)))


def left_behind(run: Run) -> Run:
    return replace(run, holdings=(Holding("lb01", VIP, 0.0, 3.0), *run.holdings[1:]))


def nobody_took_over(run: Run) -> Run:
    return replace(run, holdings=(Holding("lb01", VIP, 0.0, 2.01), Holding("lb01", VIP, 7.51, 9.0)))


def drill_complained(run: Run) -> Run:
    return replace(run, events=(replace(STOP, problems=("lb01 has 10.0.0.3, and nobody saw it come",)),))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (late, "no answer for 0.75 s, and 0.71 s is the most allowed"),
        (slow_handback, "the hand-back cost 0.21 s, and 0.10 s is the most allowed"),
        (left_behind, "2 nodes held the VIP at once, for 380.0 ms"),
        (nobody_took_over, "the VIP went lb01 → lb01 → lb01, expected lb01 → lb02 → lb01"),
        (drill_complained, "lb01 has 10.0.0.3, and nobody saw it come"),
    ],
)
def test_what_went_wrong_is_said_in_a_sentence(spoil: Callable[[Run], Run], sentence: str) -> None:
    spoilt = spoil(GOOD)
    assert sentence in only_row(spoilt).faults
    assert not report.passed(spoilt)
    assert f"FAIL (a) {sentence}" in report.table(spoilt)
    assert sentence in timeline.page(spoilt)


def test_a_drill_that_broke_off_has_not_passed() -> None:
    broken_off = replace(GOOD, problems=("before event b: nobody holds 10.0.0.3",))
    assert not report.passed(broken_off)
    assert not report.passed(replace(GOOD, events=()))
    assert "FAIL before event b" in report.table(broken_off)


def test_the_table_has_the_figures_the_bound_and_what_they_mean() -> None:
    table = report.table(GOOD)
    assert "(a) systemctl stop vipd  0.61 s  621 ms  31 ms" in table
    assert "(a) skew = (256 - 100)/256 s = 0.609 s" in table
    assert "the longest pause between two was 10 ms" in table


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    run = drill_complained(GOOD)
    record.save(run, tmp_path / "deep" / "run.json")
    assert record.load(tmp_path / "deep" / "run.json") == run


def drawings(run: Run) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(timeline.page(run)).iter("svg"))


def classes(drawing: ElementTree.Element) -> list[str]:
    return [element.get("class", "") for element in drawing.iter()]


def test_the_page_is_well_formed_and_fetches_nothing() -> None:
    page = timeline.page(GOOD)
    root = ElementTree.fromstring(page)
    assert {element.tag for element in root.iter()}.isdisjoint({"script", "link", "img", "iframe"})
    assert "http" not in page
    assert "url(" not in page


def test_the_page_shows_the_whole_drill_each_event_and_each_handback() -> None:
    whole, event, handback = drawings(GOOD)
    assert classes(whole).count("master") == 2
    assert classes(event).count("backup") == classes(handback).count("backup") == 1
    assert "shade" in classes(event)
    assert "limit" in classes(event)
    assert "shared" not in classes(whole)


def test_two_holders_are_drawn() -> None:
    assert "shared" in classes(drawings(left_behind(GOOD))[0])


def test_an_event_is_drawn_to_scale() -> None:
    """848 wide: the lanes run from 74 to 840, six seconds, the event after one of them."""
    event = drawings(GOOD)[1]
    (measured,) = (rect for rect in event.iter("rect") if rect.get("class") == "measured")
    second = (840 - 74) / 6
    assert float(measured.get("x", "")) == pytest.approx(74 + second, abs=0.1)
    assert float(measured.get("width", "")) == pytest.approx(0.621 * second, abs=0.2)


def test_a_bound_beyond_the_view_widens_it() -> None:
    slow = replace(GOOD, events=(replace(STOP, bound=Bound(9.0, "fall × period")),))
    (bound,) = (rect for rect in drawings(slow)[1].iter("rect") if rect.get("class") == "bound")
    assert float(bound.get("x", "")) + float(bound.get("width", "")) < 840


def test_a_drill_without_events_still_makes_a_page() -> None:
    empty = replace(GOOD, events=(), probes=(), holdings=(), problems=("no node answered",))
    assert "no node answered" in timeline.page(empty)
    assert "FAIL no node answered" in report.table(empty)


def test_the_readme_shows_the_table_as_it_is_now() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    (heading,) = re.findall(r"^(event  .*)$", readme, re.MULTILINE)
    assert tuple(re.split(" {2,}", heading)) == report.HEADINGS
