# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to lines before they are statements."""

from __future__ import annotations

import pytest
from vipd.config.diagnostics import Findings
from vipd.config.directives import Directives
from vipd.config.files import NoIncludes
from vipd.config.lexer import LINE_BYTES_MAX
from vipd.config.parse import parse


def lines(text: str, config_id: str = "lb01") -> tuple[list[str], list[str]]:
    """The lines that count, and what was found."""
    findings = Findings()
    made = list(Directives(config_id, NoIncludes(), findings).lines(text, "f"))
    return [line.text for line in made if line.active], [str(found) for found in findings.in_order()]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("@lb01 priority 150\n@lb02 priority 100", ["priority 150"]),
        ("@^lb01 state BACKUP\n@^lb02 state MASTER", ["state MASTER"]),
        ("@lb01\n@ x", []),
        ("a\r\nb\r\n", ["a", "b"]),
        ("$PRIO=150\npriority $PRIO", ["priority 150"]),
        ("$IF=eth0\n10.0.0.3/24 dev ${IF} label ${IF}:1", ["10.0.0.3/24 dev eth0 label eth0:1"]),
        ("$A=$B c\n$B=1\nx $A\n$B=2\nx $A", ["x 1 c", "x 2 c"]),
        ("@lb02 $A=1\n@lb01 $A=2\nx $A", ["x 2"]),
        ("$A=@lb02 x\n$A", ["@lb02 x"]),
        ("script \"/bin/sh -c 'echo ${HOME} $PATH $1'\"", ["script \"/bin/sh -c 'echo ${HOME} $PATH $1'\""]),
        ("a$b c$", ["a$b c$"]),
        ("$A=x # comment\ny $A", ["y x"]),
    ],
)
def test_lines(text: str, kept: list[str]) -> None:
    assert lines(text) == (kept, [])


def test_a_block_of_another_configuration_id_is_left_out_with_its_body() -> None:
    text = "@lb02 vrrp_instance A {\n interface eth0\n}\n@lb01 vrrp_instance B {\n interface eth1\n}\n"
    parsed = parse(text, config_id="lb01")
    assert [instance.name for instance in parsed.config.instances] == ["B"]
    assert parsed.diagnostics == ()


@pytest.mark.parametrize(
    ("text", "kept", "found"),
    [
        (
            "~SEQ(x,1,3) a $x\nb",
            ["b"],
            ["f:1:1: error: ~SEQ is not supported by this version of vipd; write the lines out"],
        ),
        (
            "~LST(x,1,3) a $x\nb",
            ["b"],
            ["f:1:1: error: ~LST is not supported by this version of vipd; write the lines out"],
        ),
        (
            "$A=one \\\ntwo \\\nthree\nb",
            ["b"],
            ["f:1:1: error: a definition over several lines is not supported by this version of vipd"],
        ),
        ("a ${_PWD}", ["a _PWD"], ["f:1:1: error: $_PWD is not supported by this version of vipd; write its value"]),
        (
            "a ${_RANDOM 1 3} b",
            ["a _RANDOM b"],
            ["f:1:1: error: $_RANDOM is not supported by this version of vipd; write its value"],
        ),
        (
            "$A=$A x\na $A",
            [""],
            [f"f:2:1: error: the definitions used here do not end, or give more than {LINE_BYTES_MAX} bytes"],
        ),
        (
            "$A=$B$B\n$B=" + "x" * 600 + "\na $A",
            ["a $B" + "x" * 600],
            [],
        ),
        (
            "$A=${B}${B}\n$B=" + "x" * 600 + "\na $A",
            [""],
            [f"f:3:1: error: the definitions used here do not end, or give more than {LINE_BYTES_MAX} bytes"],
        ),
        (
            "x" * (LINE_BYTES_MAX + 1) + "\nb",
            ["b"],
            [f"f:1: error: the line is longer than {LINE_BYTES_MAX} bytes, more than keepalived reads"],
        ),
        ("a\0b\nc", ["c"], ["f:1: error: the line contains a NUL byte"]),
        ("a\ud800\nc", ["c"], ["f:1: error: the line is not text"]),
        (
            "include other.conf\nc",
            ["c"],
            ["f:1:1: error: include 'other.conf' has no meaning here; this text was not read from a file"],
        ),
    ],
)
def test_what_cannot_be_done_is_said(text: str, kept: list[str], found: list[str]) -> None:
    assert lines(text) == (kept, found)


def test_a_line_as_long_as_keepalived_reads_is_read() -> None:
    assert lines("x" * LINE_BYTES_MAX) == (["x" * LINE_BYTES_MAX], [])
