# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Braces and the blocks they make: what keepalived 2.2.7 makes of each was looked at once and is kept here."""

from __future__ import annotations

import pytest
from vipd.config.diagnostics import Findings
from vipd.config.lexer import DEPTH_MAX, Line, Statement, split_braces, statements
from vipd.config.model import Place


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("virtual_ipaddress { 10.0.0.1/24 }", ["virtual_ipaddress", "{", "10.0.0.1/24", "}"]),
        ("auth_pass 1111}}", ["auth_pass 1111", "}", "}"]),
        ('auth_pass "{}"', ['auth_pass "{}"']),
        ("script 'a { b'", ["script 'a", "{", "b'"]),
        ('script "a {', ['script "a', "{"]),
    ],
)
def test_braces(text: str, pieces: list[str]) -> None:
    assert [piece for _start, piece in split_braces(text)] == pieces
    assert all(text.startswith(piece, start) for start, piece in split_braces(text))


def tree(text: str, findings: Findings) -> tuple[Statement, ...]:
    lines = (Line(Place("f", number), line) for number, line in enumerate(text.split("\n"), start=1))
    return statements(lines, findings)


def outline(body: tuple[Statement, ...]) -> list[object]:
    return [one.text if one.body is None else (one.text, outline(one.body)) for one in body]


@pytest.mark.parametrize(
    "text",
    ["a {\nb 1\n}\nc", "a\n{\nb 1 }\nc", "a { b 1 } c", "a {b 1}c", "\na\n\n{\n\nb 1\n}\n\nc"],
)
def test_a_block_opens_and_closes_anywhere(text: str) -> None:
    findings = Findings()
    assert outline(tree(text, findings)) == [("a", ["b 1"]), "c"]
    assert findings.in_order() == ()


@pytest.mark.parametrize(
    ("text", "kept", "found"),
    [
        ("a {\nb {\nc\n}", [("a", [("b", ["c"])])], ["f:1: error: the block of 'a' is not closed; add a '}'"]),
        ("a\n}\nb", ["a", "b"], ["f:2: error: '}' closes no block; remove it, or add the '{' it belongs to"]),
        ("{ x { y } }\nb", ["b"], ["f:1: error: '{' follows no keyword; its block is not read"]),
        ("a { x } { y }\nb", [("a", ["x"]), "b"], ["f:1: error: '{' follows no keyword; its block is not read"]),
    ],
)
def test_braces_out_of_place_cost_their_block_only(text: str, kept: list[object], found: list[str]) -> None:
    findings = Findings()
    assert outline(tree(text, findings)) == kept
    assert [str(one) for one in findings.in_order()] == found


def test_depth_is_bounded() -> None:
    findings = Findings()
    kept = tree("a {" * 5000 + "}" * 5000 + " b", findings)
    assert [one.text for one in kept] == ["a", "b"]
    assert [one.message for one in findings.in_order()] == [f"blocks are nested more than {DEPTH_MAX} deep"]


@pytest.mark.parametrize(
    "line", ["auth_pass hunter2", "authentication { auth_pas hunter2 }", "password 'hunter2'", "key 1 hunter2"]
)
def test_a_password_is_concealed_from_every_finding(line: str) -> None:
    findings = Findings()
    tree(line, findings)
    findings.error(Place("f", 1), "found 'hunter2'")
    assert "hunter2" not in str(findings.in_order())
