# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comments, words, quotes and escapes: what keepalived 2.2.7 makes of each was looked at once and is kept here."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vipd.config.lexer import split_braces
from vipd.config.words import QuoteError, script_words, split_words, without_comment, word


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("  priority 100  # why", "priority 100"),
        ("state MASTER! no space needed", "state MASTER"),
        ("! all of it", ""),
        ('auth_pass "a#b!c" # rest', 'auth_pass "a#b!c"'),
        (r"router_id a\#b\!c # rest", "router_id a#b!c"),
        (r'router_id "a\#b"', r'router_id "a\#b"'),
        (r'script "a \" # b" # rest', r'script "a \" # b"'),
        ("\t\x0b ", ""),
    ],
)
def test_comments(line: str, kept: str) -> None:
    assert without_comment(line) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("state MASTER", ("state", "MASTER")),
        ("a\tb  c", ("a", "b", "c")),
        ('auth_pass "a b"', ("auth_pass", "a b")),
        ('a"b c"d', ("a", "b c", "d")),
        ('""', ("",)),
        ("it's 'so quoted'", ("it's", "'so", "quoted'")),
        ("no\u00a0break", ("no\u00a0break",)),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("script /bin/true", ("script", "/bin/true")),
        ("notify \"/bin/a 'b c'\" root", ("notify", "/bin/a 'b c'", "root")),
        ("a'b c'd", ("ab cd",)),
        ('abcd" efg h jkl "mnop', ("abcd efg h jkl mnop",)),
        (r'"\"" \' \\', ('"', "'", "\\")),
        (r"\a\b\E\f\n\r\t\v", ("\a\b\x1b\f\n\r\t\v",)),
        (r"\x41\x4a\x9 \1014\0 \cA \q", ("AJ\t", "A4\0", "\x01", "q")),
        (r"\xc3\xa9 é", ("é", "é")),
        (r"\xff", ("\udcff",)),
        ("''", ("",)),
        ("", ()),
    ],
)
def test_script_words(text: str, words: tuple[str, ...]) -> None:
    assert script_words(text) == words


@pytest.mark.parametrize("text", ["script 'a", 'script "a', "script a\\", "script 'a\\'", r"script \x414"])
def test_script_words_that_cannot_be_read(text: str) -> None:
    with pytest.raises(QuoteError):
        script_words(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_a_word_reads_back_or_is_refused(value: str) -> None:
    try:
        written = word(value)
    except ValueError:
        return
    assert split_words(without_comment(written)) == (value,)
    assert split_braces(written) == [(0, written)]
