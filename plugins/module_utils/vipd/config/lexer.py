# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines to statements: keepalived's braces, and nothing about meaning; the words of a line are in ``words.py``.

A statement is a line up to a brace; the block that follows it, on the same line or the next, becomes
its body. Blocks are paired here, before any keyword is looked at, so that a misspelt block name can
never hand its body to its parent. Nothing here takes more than linear time.
Look next at ``directives.py`` (what happens to lines before) and ``parse.py`` (after).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Optional

from .diagnostics import Findings, shown
from .model import Place
from .words import WHITE_SPACE, quoting_fault, split_words

LINE_BYTES_MAX = 1022  # what keepalived's buffer of 1024 holds besides the line's end
REMEMBERED_MAX = 4096  # different lines; a long file repeats a few
DEPTH_MAX = 32  # blocks within blocks; keepalived's own grammar needs five

_PIECE = re.compile(r'[{}]|(?:[^{}"$]+|"[^"]*"|\$\{[A-Za-z_][^{}"]*\}|\$|"(?=[^"]*$))+')
_MAY_BE_SECRET = re.compile("auth_p|passw|key")
_SECRET = re.compile(r'(?:auth_p\w*|passw\w*|\bkey[ \t])(?P<secret>(?:"[^"]*"|[^{}])*)')


class Line(NamedTuple):
    """A line without its comment. An inactive one belongs to another configuration id (``@id``) and is left out.

    ``place`` is where the text begins; ``verbatim`` says that it stands there as it is here, column by column.
    """

    place: Place
    text: str
    active: bool = True
    verbatim: bool = True

    def at(self, start: int) -> Place:
        """Where the text goes on after so many characters."""
        return self.place.after(start) if self.verbatim else self.place

    @property
    def confidential(self) -> bool:
        """Whether a word of it may be the password, should a brace have come before that."""
        return "auth_p" in self.text


class Statement(NamedTuple):
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


def split_braces(text: str) -> list[tuple[int, str]]:
    """``text`` cut at braces outside double quotes, each brace a piece of its own, and where each piece begins."""
    head, brace, tail = text.partition("{")
    if not tail and "}" not in text and '"' not in text and text[:1] not in WHITE_SPACE:
        return [(start, piece) for start, piece in ((0, head.rstrip(WHITE_SPACE)), (len(head), brace)) if piece]
    pieces = []
    for match in _PIECE.finditer(text):
        piece = match[0].strip(WHITE_SPACE)
        if piece:
            pieces.append((match.end() - len(match[0].lstrip(WHITE_SPACE)), piece))
    return pieces


class _Piece(NamedTuple):
    """A brace, or what may be a statement; ``start`` is where it begins in its line."""

    start: int
    text: str
    words: tuple[str, ...]
    fault: str


@lru_cache(REMEMBERED_MAX)
def _pieces(line: str) -> tuple[tuple[_Piece, ...], tuple[str, ...]]:
    """The pieces, and what is a secret. Most lines of a long file stand in it often."""
    pieces = tuple(
        _Piece(start, text, split_words(text), quoting_fault(text) if '"' in text else "")
        for start, text in split_braces(line)
    )
    return pieces, tuple(match["secret"] for match in _SECRET.finditer(line)) if _MAY_BE_SECRET.search(line) else ()


def statements(lines: Iterable[Line], findings: Findings) -> tuple[Statement, ...]:
    """Pair the braces. Whatever is out of place is reported and dropped together with its block."""
    tree = _Tree(findings)
    for line in lines:
        pieces, secrets = _pieces(line.text)
        for secret in secrets:
            findings.conceal(secret)
        if not line.active:
            tree.leave_out(line)
            continue
        for start, text, words, fault in pieces:
            if text == "{":
                tree.open_block(line, start)
            elif text == "}":
                tree.close_block(line, start)
            else:
                place = line.at(start) if start else line.place
                tree.add(Statement(place, text, words, None, fault, bool(secrets) and line.confidential))
    return tree.finish()


class _Open(NamedTuple):
    """A block that is not closed yet. Not ``kept``: it is read over, body and all."""

    opener: Statement
    kept: bool
    body: list[Statement]


class _Tree:
    """The blocks that are open, innermost last. ``_takes_block``: a brace now would belong to the last statement."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._root: list[Statement] = []
        self._open: list[_Open] = []
        self._siblings = self._root
        self._takes_block = False
        self._left_out: list[Place] = []
        self._unpaired = False

    def leave_out(self, line: Line) -> None:
        """As keepalived does: the line and its braces, but nothing of what these open or close."""
        braces = [piece for _start, piece in split_braces(line.text)]
        if braces.count("{") != braces.count("}"):
            self._left_out.append(line.place)

    def add(self, statement: Statement) -> None:
        self._siblings.append(statement)
        self._takes_block = True

    def open_block(self, line: Line, start: int) -> None:
        kept = not self._open or self._open[-1].kept
        if self._takes_block:
            opener = self._siblings.pop()
        else:
            if kept:
                self._unpaired = True
                self._findings.error(line.at(start), "'{' follows no keyword", "its block is not read")
            opener, kept = Statement(line.at(start), "{", ("{",)), False
        if len(self._open) == DEPTH_MAX and kept:
            kept = False
            self._findings.error(
                line.at(start), f"blocks are nested more than {DEPTH_MAX} deep", "this one is not read"
            )
        self._open.append(_Open(opener, kept, []))
        self._siblings = self._open[-1].body
        self._takes_block = False

    def close_block(self, line: Line, start: int) -> None:
        self._takes_block = False
        if self._open:
            self._close()
        else:
            self._unpaired = True
            self._findings.error(line.at(start), "'}' closes no block", "remove it, or add the '{' it belongs to")

    def finish(self) -> tuple[Statement, ...]:
        for place in self._left_out if self._open or self._unpaired else ():
            message = "an @id leaves out this line with its brace, but nothing of what that opens or closes"
            self._findings.error(place, message, "put the @id before each line of the block")
        while self._open:
            opener = self._open[-1].opener
            name = "this line" if opener.confidential else shown(opener.keyword)
            self._findings.error(opener.place, f"the block of {name} is not closed", "add a '}'")
            self._close()
        return tuple(self._root)

    def _close(self) -> None:
        (place, text, words, _none, fault, confidential), kept, body = self._open.pop()
        self._siblings = self._open[-1].body if self._open else self._root
        if kept:
            self._siblings.append(Statement(place, text, words, tuple(body), fault, confidential))
