# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to lines before they are statements; what keepalived 2.2.7 makes of each was looked at."""

from __future__ import annotations

import time

import pytest
from vipd.config.diagnostics import Findings
from vipd.config.directives import MADE_LINES_MAX, STEPS_MAX, Directives
from vipd.config.files import NoIncludes
from vipd.config.lexer import LINE_BYTES_MAX
from vipd.config.parse import parse

UNDEFINED = "is not defined and stays as it is; define it further up with $NAME=value"
TOO_LONG = f"the line is longer than {LINE_BYTES_MAX} bytes, more than keepalived reads"
SHORTEN = "shorten it, or remove what is no text"


def lines(text: str, config_id: str = "lb01") -> tuple[list[str], list[str]]:
    """The lines that count, and what was found."""
    findings = Findings()
    made = list(Directives(config_id, NoIncludes(), findings).lines(text, "f"))
    return [line.text for line in made if line.active], [str(found) for found in findings.in_order()]


# A text, and the lines that it comes to without a finding. test_directives_keepalived.py shows them to keepalived.
LINES = [
    ("a\r\nb\r\n", ["a", "b"]),
    # @id
    ("@lb01 priority 150\n@lb02 priority 100", ["priority 150"]),
    ("@^lb01 state BACKUP\n@^lb02 state MASTER", ["state MASTER"]),
    ("@lb01\n@ x\n@^ y\n@LB01 z\n@lb01x w", ["y"]),
    ("@lb01\ta\n @lb01   b\n@lb01 @lb01 c", ["a", "b", "@lb01 c"]),
    ("@lb02 $A=1\n@lb01 $A=2\nx $A", ["x 2"]),
    ("$A=@lb02\n$B=@lb01\n$A x\n$B y", ["y"]),
    # Definitions
    ("$PRIO=150\npriority $PRIO", ["priority 150"]),
    ("$IF=eth0\n10.0.0.3/24 dev ${IF} label ${IF}:1", ["10.0.0.3/24 dev eth0 label eth0:1"]),
    ("$A=$B c\n$B=1\nx $A\n$B=2\nx $A", ["x 1 c", "x 2 c"]),
    ("$A=x # comment\ny $A", ["y x"]),
    ("  $A=  x  \n$A,y $A)z ${A}w", ["x,y x)z xw"]),
    ("$A=\n$A x", ["x"]),
    ('$A="a # b"\nx $A', ['x "a # b"']),
    ("$A=foo\n$N=A\n$$N y", ["foo y"]),
    ("$A=$B=5\n$A\nx $B", ["x 5"]),
    # No definition, or nothing that is put in
    ("a$b.c$", ["a$b.c$"]),
    ("script \"/bin/sh -c 'echo ${HOME} $PATH $1'\"", ["script \"/bin/sh -c 'echo ${HOME} $PATH $1'\""]),
    ("$A=x\n$A. $A; $1=a $a-b=c", ["$A. $A; $1=a $a-b=c"]),
    # Definitions of several lines
    ("$A=one \\\n two 2\\\n  three\n$A\nx $A", ["one", "two 2", "three", "x one", "two 2", "three"]),
    ("$A= \\\none \\ \ntwo\nx ${A}", ["x one", "two"]),
    ("$A=a\\\n# comment\n  \nb # why \\\nc\n$A", ["a", "b", "c"]),
    ("$A=one\\\n@lb01 two\\\n@lb02 three\n$A", ["one", "two"]),
    ("$B=b1\\\nb2\n$A=one\\\n$B\\\nlast\n$A", ["one", "b1", "b2", "last"]),
    ("$R=real $N\n$V=\\\n$N=1 \\\n$R \\\n$N=2 \\\n$R\n$V", ["real 1", "real 2"]),
    ("$A=one\\\r\ntwo\r\n$A\r\n", ["one", "two"]),
    # What is predefined
    ("${_INSTANCE} $_INSTANCE", ["lb01 lb01"]),
    ('"${_HASH}${_BANG}" ${_HASH}x', ['"#!"']),
    ("a ${_RANDOM 7 7} b${_RANDOM 32767}", ["a 7 b32767"]),
    # Repetition
    ("~SEQ(a,1,3) x$a ${a}y", ["x1 1y", "x2 2y", "x3 3y"]),
    ("$N=2\n@lb01 ~SEQ(a,$N) x$a\n~SEQ(a,1,${N}) y$a", ["x1", "x2", "y1", "y2"]),
    ("~SEQ(a,1,2) ~SEQx(b,15,16) x${a}_$b", ["x1_f", "x1_10", "x2_f", "x2_10"]),
    ("~LST({a,b},{1,x},{2,y}) ~LST(c,p,q) $a $b $c", ["1 x p", "1 x q", "2 y p", "2 y q"]),
    ("$V=begin $a\\\nend $a\n~SEQ(a,1,2) $V", ["begin 1", "end 1", "begin 2", "end 2"]),
    ("~SEQ(a,1,2) $V${a}=x$a\n$V1 $V2", ["x1 x2"]),
    ("$a=before\n~SEQ(a,1,2) x$a\n$a", ["x1", "x2", "before"]),
    ("$S=~SEQ(a,1,2)\n$S x$a", ["x1", "x2"]),
    ("~SEQ(a,1,2)\nx ~SEQ\n~FOO(a,1)", ["x ~SEQ", "~FOO(a,1)"]),
]


@pytest.mark.parametrize(("text", "kept"), LINES)
def test_lines(text: str, kept: list[str]) -> None:
    assert lines(text) == (kept, [])


@pytest.mark.parametrize(
    ("text", "kept", "found"),
    [
        ("x" * (LINE_BYTES_MAX + 1) + "\nb", ["b"], [f"f:1: error: {TOO_LONG}; {SHORTEN}"]),
        ("é" * (LINE_BYTES_MAX // 2 + 1) + "\nb", ["b"], [f"f:1: error: {TOO_LONG}; {SHORTEN}"]),
        ("a\0b\nc", ["c"], [f"f:1: error: the line contains a NUL byte; {SHORTEN}"]),
        ("a\ud800\nc", ["c"], [f"f:1: error: the line is not text; {SHORTEN}"]),
        (
            "\ufeffa\nb",
            ["a", "b"],
            [
                "f:1:1: warning: a byte order mark precedes the first word, and keepalived does not know that"
                " word then; save the file as UTF-8 without one"
            ],
        ),
        (
            "include other.conf\nc",
            ["c"],
            ["f:1:1: error: include 'other.conf' has no meaning here; this text was not read from a file"],
        ),
        # Definitions
        ("x $U", ["x $U"], [f"f:1:1: warning: '$U' {UNDEFINED}"]),
        ('x "$U y"', ['x "$U y"'], [f"f:1:1: warning: '$U' {UNDEFINED}"]),
        ("  priority ${U}", ["priority ${U}"], [f"f:1:3: error: '$U' {UNDEFINED}"]),
        ("script $U", ["script $U"], [f"f:1:1: warning: '$U' {UNDEFINED}"]),
        ("auth_pass pa$ss word", ["auth_pass pa$ss word"], [f"f:1:1: warning: a name {UNDEFINED}"]),
        (
            "$A=$A x\na $A\nb",
            ["b"],
            ["f:2:1: error: a definition that is used here uses itself; give it another name"],
        ),
        (
            "$A=${B}${B}\n$B=" + "x" * 600 + "\na $A\nb",
            ["b"],
            [f"f:3:1: error: {TOO_LONG}; put less into one definition"],
        ),
        (
            "$A=one\\\ntwo\nx $A y",
            ["x $A y"],
            ["f:3:1: warning: '$A' has several lines and does not end its line; let nothing follow it"],
        ),
        (
            "@lb02 $A=one\\\ntwo",
            ["two"],
            [
                "f:1:7: error: keepalived reads the other lines of this definition for themselves;"
                " put the @id before each of its lines"
            ],
        ),
        (
            "~SEQ(a,1,2) $A=$a\\\ntwo",
            ["two"],
            [
                "f:1:1: error: keepalived reads the other lines of this definition for themselves;"
                " begin it on a line of its own"
            ],
        ),
        ("a\n $A=one\\\ntwo\\", ["a"], ["f:2:2: warning: the file ends within this definition"]),
        (
            "$A=one\\\n\ntwo\n$A",
            ["two", "one"],
            [
                "f:2:1: warning: an empty line ends the definition that the line before it continues;"
                " take the empty line out, or the backslash before it"
            ],
        ),
        (
            "a ${_PWD}",
            ["a ${_PWD}"],
            ["f:1:1: error: '$_PWD' has no value here; this text was not read from a file"],
        ),
        (
            "a ${_RANDOM 3 1}",
            ["a ${_RANDOM 3 1}"],
            ["f:1:1: error: '$_RANDOM' has no value here; write ${_RANDOM SMALLEST LARGEST}"],
        ),
        (
            "a ${_ENV VIPD_IS_NOT_SET}",
            ["a ${_ENV VIPD_IS_NOT_SET}"],
            ["f:1:1: error: '$_ENV' has no value here; write ${_ENV NAME}, with a name that the environment has"],
        ),
        # Repetition
        (
            "~SEQ(x,1,3 a $x\nb",
            ["b"],
            ["f:1:1: error: ~SEQ has no parentheses, expected (NAME, …) and then the text to repeat"],
        ),
        ("~SEQ(x,1,0,3) a $x\nb", ["b"], ["f:1:1: error: ~SEQ never gets from 1 to 3 in steps of 0"]),
        (
            "$N=3\n~LST(x,${N},4) a $x\nb",
            ["b"],
            ["f:2:1: error: ~LST has a brace that keepalived takes for a group of values: write $NAME without braces"],
        ),
        (
            "$N=$N$N\n~SEQ(x,$N) a\nb",
            ["b"],
            ["f:2:1: error: ~SEQ has something that is not a number where one is needed"],
        ),
        # include_check
        (
            "include_check read +match foo\ninclude_check",
            ["include_check read +match foo", "include_check"],
            [
                "f:1:1: error: include_check has the unknown option 'foo',"
                " expected some of read, match, wildcard_match, brace_match"
            ],
        ),
    ],
)
def test_what_cannot_be_done_is_said(text: str, kept: list[str], found: list[str]) -> None:
    assert lines(text) == (kept, found)


def test_a_line_as_long_as_keepalived_reads_is_read() -> None:
    assert lines("x" * LINE_BYTES_MAX) == (["x" * LINE_BYTES_MAX], [])


def test_random_numbers_are_the_same_on_every_reading_and_others_on_another_node() -> None:
    text = "x " + "${_RANDOM 1 100000000} " * 3
    assert lines(text) == lines(text)
    assert len(set(lines(text)[0][0].split())) == 4
    assert lines(text) != lines(text, "lb02")


def test_the_environment_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIPD_TEST_ID", "lb 7")
    assert lines('router_id "${_ENV VIPD_TEST_ID}"') == (['router_id "lb 7"'], [])


ONE_OF_TWO = "@lb01 vrrp_instance A {\n@lb02 vrrp_instance B {\n virtual_router_id 51\n}\n"
TWO_OR_ONE = "vrrp_instance A {\n virtual_router_id 51\n@lb01 }\n@lb01 vrrp_instance B {\n}\n"


@pytest.mark.parametrize(
    ("text", "config_id", "names"),
    [
        (ONE_OF_TWO, "lb01", ["A"]),
        (ONE_OF_TWO, "lb02", ["B"]),
        (TWO_OR_ONE, "lb01", ["A", "B"]),
        (TWO_OR_ONE, "", ["A"]),
    ],
)
def test_an_id_may_choose_where_a_block_begins_and_ends(text: str, config_id: str, names: list[str]) -> None:
    parsed = parse(text, config_id=config_id)
    assert [instance.name for instance in parsed.config.instances] == names
    assert parsed.config.instances[0].virtual_router_id == 51
    assert parsed.errors == ()


def test_an_id_leaves_out_a_line_and_no_block() -> None:
    text = "@lb02 vrrp_instance A {\n priority 3\n}\n@lb02 vrrp_instance B { priority 3 }\n"
    assert parse(text, config_id="lb02").errors == ()
    assert [str(found) for found in parse(text, config_id="lb01").diagnostics] == [
        "<string>:1:7: error: an @id leaves out this line with its brace, but nothing of what that opens or closes;"
        " put the @id before each line of the block",
        "<string>:2:2: error: unknown keyword 'priority'; it belongs in vrrp_instance",
        "<string>:3:1: error: '}' closes no block; remove it, or add the '{' it belongs to",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "~SEQ(a,1,60000) ~SEQ(b,1,60000) ~SEQ(c,1,60000) x\n",
        "~SEQ(a,1,60000) $A\n$A=x\\\ny\n" * 9,
        "$A0=x\\\ny\n"
        + "".join(f"$A{n}=$A{n - 1}\\\n$A{n - 1}\n" for n in range(1, STEPS_MAX))
        + f"$A{STEPS_MAX - 1}\n",
    ],
)
def test_what_is_made_of_a_few_lines_is_bounded(text: str) -> None:
    made, found = lines(text)
    assert 0 < len(made) <= MADE_LINES_MAX + 1
    assert f"make more than {MADE_LINES_MAX} lines" in found[-1]


def test_lines_that_grow_and_grow_cost_no_more_than_others() -> None:
    def seconds(value: str) -> float:
        text = f"$A={value}\n" + f"x {'${A}' * 200}\n" * 2000
        started = time.perf_counter()
        lines(text)
        return time.perf_counter() - started

    plain = min(seconds("x") for _turn in range(3))
    assert min(seconds("y" * 900) for _turn in range(3)) < 20 * plain
    assert min(seconds("${A}${A}") for _turn in range(3)) < 20 * plain
