# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/conformance.md says what these tests say, and every test that it names exists."""

from __future__ import annotations

import re

import pytest

from tests.agent.rfc.departures import DEPARTURES, HERE
from tests.agent.rfc.elsewhere import ELSEWHERE
from tests.agent.rfc.page import RFCS, ROOT, exists, page, requirements

NAMED = [*(one.shown_by for one in DEPARTURES), *(one.proved_by for one in ELSEWHERE)]


def test_the_page_is_what_the_tests_say() -> None:
    assert (ROOT / "docs" / "conformance.md").read_text() == page(), "docs/conformance.md is stale: run make docs"


def test_every_requirement_is_a_sentence() -> None:
    found = [one for rfc in RFCS for one in requirements(rfc)]
    assert [one.test for one in found if not re.fullmatch(r"[A-Z`*0-9].+\.", one.sentence)] == []


def test_no_section_has_the_same_sentence_twice() -> None:
    for rfc in RFCS:
        said = [(one.section, one.sentence) for one in requirements(rfc)]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("test", sorted(set(NAMED)))
def test_a_test_that_is_named_exists(test: str) -> None:
    assert exists(test)


def test_every_departure_that_is_shown_has_its_why() -> None:
    shown = set(re.findall(r"^def (test_\w+)\(", (ROOT / HERE).read_text(), re.MULTILINE))
    assert shown == {test.split("::")[1] for test in NAMED if test.startswith(HERE)}
