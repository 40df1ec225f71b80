# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of one line: comments, quotes and escapes as keepalived reads them, and words written so that they read back.

An ordinary line knows double quotes alone, a script line both kinds and escapes. Look next at ``lexer.py``, which pairs
the braces of lines, and at ``script_line.py``.
"""

from __future__ import annotations

import re

WHITE_SPACE = " \t\f\v\r\n"
HEX_DIGITS_MAX = 2  # in an escape; older versions of keepalived take any number

_MAY_COMMENT = re.compile(r"[\\#!]")
_WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+)', re.ASCII)
_PLAIN_WORD = re.compile(r"\S+", re.ASCII)
_UNQUOTED = re.compile(r"(?!include)[A-Za-z0-9_./:,=%+-]+")
# A backslash before a quote, as keepalived sees it: one that the backslash before it does not stand for.
_ENDS_WITH_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_BARE = re.compile(r"(?!include|[$@~])[^\s\"{}#!]+", re.ASCII)
# What is one thing in quotes and another when it is read: a name that keepalived predefines is replaced even there.
_PREDEFINED = "(?:PWD|INSTANCE|RANDOM|ENV|HASH|BANG)"
_UNWRITABLE = re.compile(rf'["\n\0]|\$_{_PREDEFINED}[ \t,)]|\${{_{_PREDEFINED}[ }}]|\A[{{}}]\Z')

_SCRIPT_PART = r""""(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>(?:\\.|[^\s"'\\])+)"""
_SCRIPT_WORD = re.compile(f"(?:{_SCRIPT_PART})+", re.ASCII | re.DOTALL)
_SCRIPT_PARTS = re.compile(_SCRIPT_PART, re.ASCII | re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x(?P<hex>[0-9A-Fa-f]+)|c(?P<control>.)|(?P<octal>[0-7]{1,3})|(?P<other>.))", re.DOTALL)
_ESCAPED = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class QuoteError(ValueError):
    """A quote or an escape that does not end, or ends in two ways."""


def without_comment(line: str) -> str:
    r"""``line`` up to a ``#`` or ``!`` outside double quotes, stripped; ``\#`` stands for ``#``."""
    if not _MAY_COMMENT.search(line):
        return line.strip(WHITE_SPACE)
    kept: list[str] = []
    quoted = False
    characters = iter(line)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            kept.append(following if following in ("#", "!") and not quoted else character + following)
        elif character in "#!" and not quoted:
            break
        else:
            quoted ^= character == '"'
            kept.append(character)
    return "".join(kept).strip(WHITE_SPACE)


def split_words(text: str) -> tuple[str, ...]:
    """The words of an ordinary line, at least one; double quotes hold a word together and are taken off."""
    if '"' not in text:
        return tuple(_PLAIN_WORD.findall(text)) or (text,)
    return tuple([plain or quoted for quoted, plain in _WORD.findall(text)]) or (text,)


def script_words(text: str) -> tuple[str, ...]:
    """The words of a script line: quotes of both kinds, and escapes as in C. Raises QuoteError."""
    if _SCRIPT_WORD.sub("", text).strip(WHITE_SPACE):
        raise QuoteError("a quote or an escape does not end")
    return tuple(_unquoted(match[0]) for match in _SCRIPT_WORD.finditer(text))


def _unquoted(script_word: str) -> str:
    parts = (part["double"] or part["single"] or part["bare"] or "" for part in _SCRIPT_PARTS.finditer(script_word))
    text = "".join(_ESCAPE.sub(_unescaped, part) for part in parts)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _unescaped(escape: re.Match[str]) -> str:
    """One character; above ASCII an escape is a byte of UTF-8, which ``_unquoted`` puts together."""
    if escape["control"]:
        return chr(ord(escape["control"]) & 0x1F)
    if escape["other"]:
        return _ESCAPED.get(escape["other"], escape["other"])
    if escape["hex"] and len(escape["hex"]) > HEX_DIGITS_MAX:
        raise QuoteError(f"{escape[0]} means one thing to keepalived 2.2 and another to 2.4: write \\nnn, in octal")
    code = int(escape["hex"], 16) if escape["hex"] else int(escape["octal"], 8) & 0xFF
    return bytes((code,)).decode("ascii", "surrogateescape")


def word(value: str) -> str:
    """``value`` as ``split_words`` reads it back. Raises ValueError where the grammar has no way to say it.

    What ``quoting_fault`` finds nothing wrong with can be said.
    """
    if _UNQUOTED.fullmatch(value) or (_ENDS_WITH_BACKSLASH.search(value) and _BARE.fullmatch(value)):
        return value
    if _UNWRITABLE.search(value) or _ENDS_WITH_BACKSLASH.search(value):
        raise ValueError(
            "keepalived.conf cannot hold a word with \", a line's end, NUL, a name like $_PWD or \\ at its end,"
            " nor a sole brace"
        )
    return f'"{value}"'


def quoting_fault(text: str) -> str:
    """What is wrong with the quotes of an ordinary line, in words; empty if nothing is."""
    if text.count('"') % 2:
        return "a double quote is not closed"
    for match in _WORD.finditer(text):
        if match["quoted"] and _ENDS_WITH_BACKSLASH.search(match["quoted"]):
            return "a backslash stands before the closing quote, where keepalived finds no end"
        if match["quoted"] in ("{", "}"):
            return "a brace stands in quotes alone, where keepalived takes it for that of a block"
    return ""
