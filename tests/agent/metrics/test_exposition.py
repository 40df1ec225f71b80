# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text format, and that Prometheus' own reader agrees where it is installed."""

from __future__ import annotations

import pytest
from vipd.metrics.exposition import Family, Kind, text
from vipd.metrics.families import FAMILIES

from tests.agent.metrics.page import read

RUNS = Family("runs_total", Kind.COUNTER, "How often", ("name", "kind"))


def test_samples_of_a_family_stand_together() -> None:
    other = Family("other", Kind.GAUGE, "Something else")
    page = text([RUNS.sample(1, "a", "b"), other.sample(0.25), RUNS.sample(2, "a", "c")])
    assert page == (
        "# HELP runs_total How often\n# TYPE runs_total counter\n"
        'runs_total{name="a",kind="b"} 1\nruns_total{name="a",kind="c"} 2\n'
        "# HELP other Something else\n# TYPE other gauge\nother 0.25\n"
    )


def test_what_a_label_may_hold() -> None:
    page = text([RUNS.sample(True, 'a"b\\c\nd', "é")])
    assert 'name="a\\"b\\\\c\\nd",kind="é"} 1' in page
    read(page)


def test_a_sample_has_the_labels_of_its_family() -> None:
    with pytest.raises(ValueError, match="runs_total has the labels"):
        RUNS.sample(1, "a")


def test_names_keep_to_what_prometheus_asks_for() -> None:
    """What ``promtool check metrics`` finds fault with."""
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    for family in FAMILIES:
        assert family.name.endswith("_total") is (family.kind is Kind.COUNTER), family.name
        assert family.text
        assert "\n" not in family.text
        assert not family.name.endswith(("_sum", "_count", "_bucket", "_info", "_milliseconds", "_ms"))
