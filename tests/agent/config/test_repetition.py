# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What repetitions count; what keepalived 2.2.7 makes of each was looked at."""

from __future__ import annotations

import pytest
from vipd.config.repetition import TURNS_MAX, RepetitionError, head, repetition


@pytest.mark.parametrize(
    ("kind", "inside", "values"),
    [
        ("SEQ", "a,3", "1 2 3"),
        ("SEQ", "a,-2", "-1 -2"),
        ("SEQ", "a,0", "1 0"),
        ("SEQ", "a,3,1", "3 2 1"),
        ("SEQ", "a,2,2", "2"),
        ("SEQ", "a,1,2,6", "1 3 5"),
        ("SEQ", "a,3,-2,-2", "3 1 -1"),
        ("SEQ", " a , 0x9 , 012 ", "9 10"),
        ("SEQx", "a,9,0x10,0x30", "9 19 29"),
        ("LST", "a,x,y", "x y"),
        ("LST", " a , x , , y", "x  y"),
        ("LST", "a,", ""),
        ("LST", 'a,"x","y"', '"x" "y"'),
        ("LST", "{a},{1},{2}", "1 2"),
        ("LST", "{ a , b }, { 1 , 2 }, {3,4}", "1.2 3.4"),
    ],
)
def test_what_is_counted(kind: str, inside: str, values: str) -> None:
    names, turns = repetition(kind, inside)
    assert names in (("a",), ("a", "b"))
    assert " ".join(".".join(turn) for turn in turns) == values


@pytest.mark.parametrize(
    ("kind", "inside", "fault"),
    [
        ("SEQ", "a", "needs a name and one to three numbers"),
        ("SEQ", "a,1,2,3,4", "needs a name and one to three numbers"),
        ("SEQ", ",1", "needs a name of letters"),
        ("SEQ", "a-b,1", "needs a name of letters"),
        ("SEQ", "a,b", "not a number"),
        ("SEQ", "a,1.5", "not a number"),
        ("SEQ", "a,08", "not a number"),
        ("SEQ", "a,99999999999", "not a number"),
        ("SEQ", "a,1,0,3", "never gets from 1 to 3 in steps of 0"),
        ("SEQ", "a,3,1,1", "never gets from 3 to 1 in steps of 1"),
        ("SEQ", f"a,{TURNS_MAX + 1}", f"has {TURNS_MAX + 1} turns"),
        ("SEQx", "a,-1,1", "counts below zero"),
        ("LST", "a", "at least one value"),
        ("LST", "a b,c", "a space in it"),
        ("LST", "a,b c", "a space in it"),
        ("LST", "{a,b},{1},{3,4}", "needs 2 values"),
        ("LST", "{a,b},{1,2,3}", "needs 2 values"),
        ("LST", "{a,b},1,2", "needs 2 values"),
        ("LST", "{a,b},{1,2}{3,4}", "braces where they have no meaning"),
        ("LST", "a,{1,2},{3,4}", "braces where they have no meaning"),
        ("LST", "{a,b},{1,{2}}", "braces where they have no meaning"),
    ],
)
def test_what_cannot_be_counted(kind: str, inside: str, fault: str) -> None:
    with pytest.raises(RepetitionError, match=fault):
        repetition(kind, inside)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("~SEQ(a,1,2) x y", ("SEQ", "a,1,2", "x y")),
        ("~SEQx (a,1) ~LST(b,c)x", ("SEQx", "a,1", "~LST(b,c)x")),
        ("~LST()", ("LST", "", "")),
        ("~SEQ a", ("SEQ", None, "")),
        ("~SEQ(a", ("SEQ", None, "")),
        ("~SEQ", ("SEQ", None, "")),
    ],
)
def test_where_a_repetition_begins(text: str, found: tuple[str, ...]) -> None:
    assert head(text) == found


@pytest.mark.parametrize("text", ["", "x ~SEQ(a,1)", "~FOO(a,1)", "~SEQUENCE(a,1)", "~ SEQ(a,1)"])
def test_what_is_no_repetition(text: str) -> None:
    assert head(text) is None
