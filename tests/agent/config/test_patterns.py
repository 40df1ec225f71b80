# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patterns of include; what keepalived 2.2.7 makes of each was looked at."""

from __future__ import annotations

import pytest
from vipd.config.patterns import ALTERNATIVES_MAX, alternatives, unescaped, wild


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.conf", ["a.conf"]),
        ("{a,b}.conf", ["a.conf", "b.conf"]),
        ("{foo/{,cat,dog},bar}", ["foo/", "foo/cat", "foo/dog", "bar"]),
        ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
        ("x{a}y", ["xay"]),
        ("{},{a,b}", ["{},a", "{},b"]),
        ("{a,b", ["{a,b"]),
        ("a}b,c", ["a}b,c"]),
        (r"\{a,b}", [r"\{a,b}"]),
        ("", [""]),
    ],
)
def test_alternatives(pattern: str, expected: list[str]) -> None:
    assert alternatives(pattern) == expected


@pytest.mark.parametrize("pattern", ["{a,b}" * 9, "{a,b}" * 200, "{" + "," * ALTERNATIVES_MAX + "}"])
def test_alternatives_are_bounded(pattern: str) -> None:
    with pytest.raises(ValueError, match=f"more than {ALTERNATIVES_MAX} names"):
        alternatives(pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("*.conf", True), ("a?", True), ("[ab]", True), ("a.conf", False), (r"\*", False), ("[]", False)],
)
def test_wildcards(pattern: str, expected: bool) -> None:
    assert wild(pattern) is expected


def test_a_backslash_makes_a_character_ordinary() -> None:
    assert unescaped(r"\a\*b*") == "a[*]b*"
