# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text to statements: keepalived's lines, words, quotes and braces, and nothing about meaning.

A statement is one line up to a brace; the block that follows it, on the same line or the next, becomes
its body. Blocks are paired here, before any keyword is looked at, so that a misspelt block name can
never hand its body to its parent. Every function is linear in its input.
Look next at ``directives.py`` (what happens to lines before) and ``parse.py`` (after).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable, Optional

from .diagnostics import Findings, shown
from .model import Place

WHITE_SPACE = " \t\f\v\r\n"
LINE_BYTES_MAX = 1022  # what keepalived's buffer of 1024 holds besides the line's end
DEPTH_MAX = 32  # blocks within blocks; keepalived's own grammar needs five

_WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+)', re.ASCII)
_UNQUOTED = re.compile(r"[A-Za-z0-9_./:,=%+-]+")
_ESCAPED = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(r"x(?P<hex>[0-9A-Fa-f]{1,2})|c(?P<control>.)|(?P<octal>[0-7]{1,3})|(?P<other>.)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line without its comment. An inactive one belongs to another configuration id (``@id``)."""

    place: Place
    text: str
    active: bool = True


@dataclass(frozen=True)
class Statement:
    """A line and, where braces follow it, what they hold. ``body`` None: there were no braces.

    ``balanced`` False: a double quote is open at the end, which only a script line can make sense of.
    """

    place: Place
    text: str
    words: tuple[str, ...]
    body: Optional[tuple[Statement, ...]] = None
    balanced: bool = True

    @property
    def keyword(self) -> str:
        return self.words[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.words[1:]


class QuoteError(ValueError):
    """A quote or an escape that does not end."""


def without_comment(line: str) -> str:
    """``line`` up to a ``#`` or ``!`` outside double quotes, stripped; ``\\#`` stands for ``#``."""
    kept: list[str] = []
    quoted = False
    characters = iter(line)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            kept.append(following if following in ("#", "!") and not quoted else character + following)
            continue
        if character in "#!" and not quoted:
            break
        quoted ^= character == '"'
        kept.append(character)
    return "".join(kept).strip(WHITE_SPACE)


def split_words(text: str) -> tuple[str, ...]:
    """The words of an ordinary line; double quotes hold a word together and are taken off."""
    return tuple(match["plain"] or match["quoted"] or "" for match in _WORD.finditer(text)) or (text,)


def quoted_words(text: str) -> tuple[str, ...]:
    """The words of a script line: quotes of both kinds, and escapes as in C."""
    words: list[str] = []
    word: Optional[list[str]] = None
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if not quote and character in WHITE_SPACE:
            if word is not None:
                words.append("".join(word))
            word = None
            continue
        word = [] if word is None else word
        if character == "\\":
            escape = _ESCAPE.match(text, position)
            if escape is None:
                raise QuoteError("nothing follows the backslash at the end")
            word.append(_unescaped(escape))
            position = escape.end()
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        else:
            word.append(character)
    if quote:
        raise QuoteError(f"the quote {quote} is not closed")
    return tuple(words) if word is None else (*words, "".join(word))


def _unescaped(escape: re.Match[str]) -> str:
    if escape["hex"]:
        return chr(int(escape["hex"], 16))
    if escape["control"]:
        return chr(ord(escape["control"]) & 0x1F)
    if escape["octal"]:
        return chr(int(escape["octal"], 8) & 0xFF)
    return _ESCAPED.get(escape["other"], escape["other"])


def word(value: str) -> str:
    """``value`` as ``split_words`` reads it back. Raises ValueError where the grammar has no way to say it."""
    if _UNQUOTED.fullmatch(value):
        return value
    if '"' in value or value.endswith("\\") or not value.isprintable():
        raise ValueError(
            "a double quote, a backslash at the end or an unprintable character cannot be written in keepalived.conf"
        )
    return f'"{value}"'


def split_braces(text: str) -> list[str]:
    """``text`` cut at braces outside double quotes; each brace is a piece of its own."""
    return [piece for piece in (part.strip(WHITE_SPACE) for part in _PIECE.findall(text)) if piece]


_PIECE = re.compile(r'[{}]|(?:"[^"]*"|[^{}"]|"(?=[^"]*$))+')


def statements(lines: Iterable[Line], findings: Findings) -> tuple[Statement, ...]:
    """Pair the braces. Whatever is out of place is reported and dropped together with its block."""
    tree = _Tree(findings)
    for line in lines:
        for piece in split_braces(line.text):
            if piece == "{":
                tree.open_block(line.place)
            elif piece == "}":
                tree.close_block(line.place)
            else:
                tree.add(line, piece)
    return tree.finish()


class _Pending:
    """A statement that may still get a body. ``kept`` False: it is read over, body and all."""

    def __init__(self, place: Place, text: str, words: tuple[str, ...], kept: bool) -> None:
        self.place = place
        self.text = text
        self.words = words
        self.kept = kept
        self.opened: Optional[Place] = None
        self.body: Optional[list[Statement]] = None

    def done(self) -> Statement:
        body = None if self.body is None else tuple(self.body)
        return Statement(self.place, self.text, self.words, body, balanced=self.text.count('"') % 2 == 0)


class _Tree:
    """The blocks that are open, innermost last; ``last`` is the statement a brace would belong to."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._root: list[Statement] = []
        self._open: list[_Pending] = []
        self._last: Optional[_Pending] = None

    def add(self, line: Line, text: str) -> None:
        self._settle()
        self._last = _Pending(line.place, text, split_words(text), line.active)

    def open_block(self, place: Place) -> None:
        opener = self._last
        if opener is None:
            self._findings.error(place, "'{' follows no keyword", "the block is not read")
            opener = _Pending(place, "", (), kept=False)
        if len(self._open) == DEPTH_MAX and opener.kept:
            self._findings.error(place, f"blocks are nested more than {DEPTH_MAX} deep", "the block is not read")
            opener.kept = False
        opener.opened = place
        opener.body = []
        self._open.append(opener)
        self._last = None

    def close_block(self, place: Place) -> None:
        self._settle()
        if not self._open:
            self._findings.error(place, "'}' closes no block", "remove it, or add the '{' it belongs to")
            return
        self._keep(self._open.pop())

    def finish(self) -> tuple[Statement, ...]:
        self._settle()
        while self._open:
            pending = self._open.pop()
            name = shown(" ".join(pending.words[:2])) if pending.words else "this line"
            self._findings.error(pending.opened or pending.place, f"the block of {name} is not closed", "add a '}'")
            self._keep(pending)
        return tuple(self._root)

    def _settle(self) -> None:
        """The last statement gets no body."""
        if self._last is not None:
            self._keep(self._last)
            self._last = None

    def _keep(self, pending: _Pending) -> None:
        if not pending.kept:
            return
        siblings = self._open[-1].body if self._open else self._root
        if siblings is not None:
            siblings.append(pending.done())
