# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a finding is told."""

from __future__ import annotations

from vipd.config.diagnostics import SHOWN_MAX, ConfigError, Diagnostic, Findings, Severity, shown
from vipd.config.model import Place


def test_a_diagnostic_says_where_what_and_what_to_do() -> None:
    place = Place("keepalived.conf", 7)
    assert str(Diagnostic(Severity.ERROR, place, "bad", "do good")) == "keepalived.conf:7: error: bad; do good"
    assert str(Diagnostic(Severity.WARNING, place, "odd")) == "keepalived.conf:7: warning: odd"
    assert str(Diagnostic(Severity.ERROR, Place("keepalived.conf", 0), "gone")) == "keepalived.conf: error: gone"


def test_findings_come_by_file_and_line_and_keep_their_order_on_a_line() -> None:
    findings = Findings()
    for file, line, message in [("b", 1, "4"), ("a", 10, "3"), ("a", 2, "1"), ("a", 2, "2")]:
        findings.error(Place(file, line), message)
    assert [found.message for found in findings.in_order()] == ["1", "2", "3", "4"]


def test_what_is_shown_is_short_and_does_nothing_to_a_terminal() -> None:
    assert shown("eth0") == "'eth0'"
    assert shown("é\x1b[31m\u202e\ud800") == "'é\\x1b[31m\\u202e\\ud800'"
    assert shown("x" * (SHOWN_MAX + 1)) == f"'{'x' * SHOWN_MAX}...'"
    findings = Findings()
    findings.warning(Place("f", 1), "name \x07", "rename \n it")
    assert str(findings.in_order()[0]) == "f:1: warning: name \\x07; rename \\n it"


def test_an_error_carries_its_diagnostics_and_reads_as_they_do() -> None:
    found = (Diagnostic(Severity.ERROR, Place("a", 1), "x"), Diagnostic(Severity.ERROR, Place("a", 2), "y"))
    error = ConfigError(found)
    assert error.diagnostics == found
    assert str(error) == "a:1: error: x\na:2: error: y"


def test_what_is_concealed_is_in_no_finding_whenever_it_was_found() -> None:
    findings = Findings()
    findings.error(Place("f", 1), "priority is 4711, expected 'hunter2;x'; 'a b hunter2' or hunter2.", "not hunter22")
    findings.conceal('"hunter2" 4711 is')
    assert str(findings.in_order()[0]) == (
        "f:1: error: priority is ***, expected 'hunter2;x'; 'a b ***' or ***.; not hunter22"
    )


def test_a_concealed_word_is_known_in_its_shown_form() -> None:
    findings = Findings()
    long, odd = "s" * (SHOWN_MAX + 9), "tea\x07pot"
    findings.conceal(f"{long} {odd}")
    findings.error(Place("f", 1), f"{shown(long)} and {shown(odd)}")
    assert findings.in_order()[0].message == "'***...' and '***'"


def test_the_same_finding_is_told_once() -> None:
    findings = Findings()
    for message in ("a", "b", "a"):
        findings.error(Place("f", 1), message)
    assert [found.message for found in findings.in_order()] == ["a", "b"]
