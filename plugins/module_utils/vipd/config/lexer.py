# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text to statements: keepalived's lines, words, quotes and braces, and nothing about meaning.

A statement is a line up to a brace; the block that follows it, on the same line or the next, becomes
its body. Blocks are paired here, before any keyword is looked at, so that a misspelt block name can
never hand its body to its parent. Nothing here takes more than linear time.
Look next at ``directives.py`` (what happens to lines before) and ``parse.py`` (after).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from .diagnostics import Findings, shown
from .model import Place

WHITE_SPACE = " \t\f\v\r\n"
LINE_BYTES_MAX = 1022  # what keepalived's buffer of 1024 holds besides the line's end
HEX_DIGITS_MAX = 2  # in an escape; older versions of keepalived take any number
DEPTH_MAX = 32  # blocks within blocks; keepalived's own grammar needs five

_PIECE = re.compile(r'[{}]|(?:"[^"]*"|\$\{[A-Za-z_][^{}"]*\}|[^{}"]|"(?=[^"]*$))+')
_MAY_BE_SECRET = re.compile("auth_p|passw|key")
_SECRET = re.compile(r'(?:auth_p\w*|passw\w*|\bkey[ \t])(?P<secret>(?:"[^"]*"|[^{}])*)')
_MAY_COMMENT = re.compile(r"[\\#!]")
_WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+)', re.ASCII)
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


@dataclass(frozen=True)
class Line:
    """A line without its comment. An inactive one belongs to another configuration id (``@id``) and is left out.

    ``place`` is where the text begins; ``verbatim`` says that it stands there as it is here, column by column.
    """

    place: Place
    text: str
    active: bool = True
    verbatim: bool = True

    @property
    def confidential(self) -> bool:
        """Whether a word of it may be the password, should a brace have come before that."""
        return "auth_p" in self.text


@dataclass(frozen=True)
class Statement:
    """A line and, where braces follow it, what they hold. ``body`` None: there were no braces.

    ``fault``: what only a script line can make sense of, such as a double quote that is open at the end.
    ``confidential``: its line spoke of a password, so its words are not for a message.
    """

    place: Place
    text: str
    words: tuple[str, ...]
    body: Optional[tuple[Statement, ...]] = None
    fault: str = ""
    confidential: bool = False

    @property
    def keyword(self) -> str:
        return self.words[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.words[1:]


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
    return tuple(match["plain"] or match["quoted"] or "" for match in _WORD.finditer(text)) or (text,)


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


def split_braces(text: str) -> list[tuple[int, str]]:
    """``text`` cut at braces outside double quotes, each brace a piece of its own, and where each piece begins."""
    if "{" not in text and "}" not in text and text == text.strip(WHITE_SPACE):
        return [(0, text)] if text else []
    pieces = ((match.end() - len(match[0].lstrip(WHITE_SPACE)), match[0]) for match in _PIECE.finditer(text))
    return [(start, piece.strip(WHITE_SPACE)) for start, piece in pieces if piece.strip(WHITE_SPACE)]


def statements(lines: Iterable[Line], findings: Findings) -> tuple[Statement, ...]:
    """Pair the braces. Whatever is out of place is reported and dropped together with its block."""
    tree = _Tree(findings)
    for line in lines:
        if _MAY_BE_SECRET.search(line.text):
            for match in _SECRET.finditer(line.text):
                findings.conceal(match["secret"])
        if not line.active:
            tree.leave_out(line)
            continue
        for start, piece in split_braces(line.text):
            place = line.place.after(start) if line.verbatim else line.place
            if piece == "{":
                tree.open_block(place)
            elif piece == "}":
                tree.close_block(place)
            else:
                tree.add(line, place, piece)
    return tree.finish()


class _Pending:
    """A statement that may still get a body. ``kept`` False: it is read over, body and all."""

    def __init__(self, place: Place, text: str, kept: bool, line: Optional[Line] = None) -> None:
        self.place = place
        self.text = text
        self.kept = kept
        self.confidential = line is not None and line.confidential
        self.body: Optional[list[Statement]] = None

    def done(self) -> Statement:
        body = None if self.body is None else tuple(self.body)
        fault = quoting_fault(self.text) if '"' in self.text else ""
        return Statement(self.place, self.text, split_words(self.text), body, fault, self.confidential)


class _Tree:
    """The blocks that are open, innermost last; ``_last`` is the statement that a brace would belong to."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._root: list[Statement] = []
        self._open: list[_Pending] = []
        self._last: Optional[_Pending] = None
        self._left_out: list[Place] = []
        self._unpaired = False

    def leave_out(self, line: Line) -> None:
        """As keepalived does: the line and its braces, but nothing of what these open or close."""
        braces = [piece for _start, piece in split_braces(line.text)]
        if braces.count("{") != braces.count("}"):
            self._left_out.append(line.place)

    def add(self, line: Line, place: Place, text: str) -> None:
        self._settle()
        self._last = _Pending(place, text, self._kept(), line)

    def open_block(self, place: Place) -> None:
        opener = self._last
        if opener is None:
            opener = _Pending(place, "{", kept=False)
            if self._kept():
                self._unpaired = True
                self._findings.error(place, "'{' follows no keyword", "its block is not read")
        if len(self._open) == DEPTH_MAX and opener.kept:
            opener.kept = False
            self._findings.error(place, f"blocks are nested more than {DEPTH_MAX} deep", "this one is not read")
        opener.body = []
        self._open.append(opener)
        self._last = None

    def close_block(self, place: Place) -> None:
        self._settle()
        if self._open:
            self._keep(self._open.pop())
        else:
            self._unpaired = True
            self._findings.error(place, "'}' closes no block", "remove it, or add the '{' it belongs to")

    def finish(self) -> tuple[Statement, ...]:
        self._settle()
        for place in self._left_out if self._open or self._unpaired else ():
            message = "an @id leaves out this line with its brace, but nothing of what that opens or closes"
            self._findings.error(place, message, "put the @id before each line of the block")
        while self._open:
            pending = self._open.pop()
            name = "this line" if pending.confidential else shown(split_words(pending.text)[0])
            self._findings.error(pending.place, f"the block of {name} is not closed", "add a '}'")
            self._keep(pending)
        return tuple(self._root)

    def _kept(self) -> bool:
        return not self._open or self._open[-1].kept

    def _settle(self) -> None:
        """The last statement gets no body."""
        if self._last is not None:
            self._keep(self._last)
            self._last = None

    def _keep(self, pending: _Pending) -> None:
        siblings = self._open[-1].body if self._open else self._root
        if pending.kept and siblings is not None:
            siblings.append(pending.done())
