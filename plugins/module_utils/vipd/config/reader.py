# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements to the fields of the model, block by block, as the table has them. Every finding is collected.

What keepalived then makes of a block as a whole is in ``complete.py``.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, Optional

from .complete import complete
from .compound import DeletedScript
from .diagnostics import Findings, shown
from .keywords.root import homes
from .lexer import Statement
from .parts import held, nested
from .script_line import Argv, Quoted, Script
from .table import Block, Items, Keyword, Repeated, Use
from .values import BadValueError, Value

QUOTING = "close its quotes, and let them hold more than a brace"
SUGGESTIONS_MAX = 50  # finding the nearest keyword is slow, and nobody reads the fifty-first

_QUOTED = (Script, Argv, DeletedScript, Quoted)  # they read their line themselves, quotes and all

_Said = tuple[object, ...]  # the kind of a block, and its text
Fields = dict[str, Any]  # by the table's names; what stands in several blocks is a list


class Reader:
    """One reading of one configuration."""

    def __init__(self, findings: Findings, homes: Callable[[str], tuple[str, ...]] = homes) -> None:
        """``homes`` names the blocks in which a misplaced keyword belongs."""
        self._findings = findings
        self._homes = homes
        self._suggestions_left = SUGGESTIONS_MAX
        # What was read without a finding, for a long file says the same again and again.
        self._lines: dict[int, dict[str, tuple[Keyword, Fields]]] = {}
        self._blocks: dict[_Said, Any] = {}

    def fields(self, body: Iterable[Statement], block: Block) -> dict[str, Any]:
        """What the block sets, by model field; what could not be read is not there."""
        found: Fields = {}
        first: dict[str, Statement] = {}
        known = self._lines.setdefault(id(block), {})
        for statement in body:
            if statement.body is None and statement.text in known:
                keyword, said = known[statement.text]
                self._once(statement, keyword, first)
                found.update(said)
            else:
                self._statement(statement, block, found, first)
        return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}

    def _statement(self, statement: Statement, block: Block, found: Fields, first: dict[str, Statement]) -> None:
        before = len(self._findings)
        keyword = self._keyword(statement, block)
        if keyword is None:
            return
        self._field(statement, keyword, found, first)
        if statement.body is None and len(self._findings) == before:
            said = {name: found[name] for name in keyword.fields}
            self._lines[id(block)][statement.text] = keyword, said

    def _field(self, statement: Statement, keyword: Keyword, found: Fields, first: dict[str, Statement]) -> None:
        value = keyword.value
        if isinstance(value, Items):
            found.setdefault(keyword.field, []).extend(self._items(statement, value))
        elif isinstance(value, Repeated):
            found.setdefault(keyword.field, []).extend(self._one(statement, value))
        elif isinstance(value, Block) and value.part:
            inner = {"place": statement.place, **self.fields(self._body(statement), value)}
            found.update({f"{value.part}.{name}": one for name, one in inner.items()})
        else:
            self._once(statement, keyword, first)
            if isinstance(value, Block):
                found.update(self.fields(self._body(statement), value))
            elif value is not None:
                self._value(statement, keyword, value, found)

    # Which keyword it is

    def _keyword(self, statement: Statement, block: Block) -> Optional[Keyword]:
        """The keyword if the model keeps it; what there is to say about it is said."""
        keyword = block.find(statement.keyword)
        if keyword is None:
            self._unknown(statement, block)
        elif statement.fault and not isinstance(keyword.value, _QUOTED):
            self._findings.error(statement.place, f"{keyword.name}: {statement.fault}", QUOTING)
        else:
            if keyword.instead:
                message = f"{keyword.name} is an old form"
                self._findings.warning(statement.place, message, f"write {keyword.instead} instead")
            elif keyword.use is not Use.ACTS and not _as_it_is(statement, keyword):
                self._not_acted_upon(statement, keyword)
            return keyword if keyword.kept else None
        return None

    def _not_acted_upon(self, statement: Statement, keyword: Keyword) -> None:
        if keyword.use is Use.REFUSES:
            message = f"{keyword.name} is not supported by this version of vipd"
            remedy = (
                f"only '{keyword.same_as[0]}' is" if keyword.same_as else "remove it, or run keepalived on this node"
            )
            self._findings.error(statement.place, message, remedy, ours=True)
            return
        self._findings.warning(statement.place, f"{keyword.name} is not acted upon by this version of vipd", ours=True)
        if isinstance(keyword.value, Block) and not keyword.kept:
            self._only_known(statement.body or (), keyword.value)

    def _only_known(self, body: tuple[Statement, ...], block: Block) -> None:
        """A block that is not acted upon is still read for misspelt keywords."""
        for statement in body:
            keyword = block.find(statement.keyword)
            if keyword is None:
                self._unknown(statement, block)
            elif isinstance(keyword.value, Block):
                self._only_known(statement.body or (), keyword.value)

    def _unknown(self, statement: Statement, block: Block) -> None:
        """The word is not repeated where it can be the password: behind a brace, or on a line of its own."""
        name = "" if statement.confidential or block.secret else f" {shown(statement.keyword)}"
        skipped = " (its block is not read)" if statement.body is not None else ""
        self._findings.error(statement.place, f"unknown keyword{name}{skipped}", self._suggestion(statement, block))

    def _suggestion(self, statement: Statement, block: Block) -> str:
        elsewhere = self._homes(statement.keyword)
        if elsewhere:
            return f"it belongs in {' or '.join(elsewhere)}"
        if not self._suggestions_left:
            return ""
        self._suggestions_left -= 1
        nearest = difflib.get_close_matches(statement.keyword[:64], block.names, 1)
        return f"did you mean {nearest[0]}?" if nearest else block.stray or "remove it, or give it its block"

    # What it says

    def _body(self, statement: Statement) -> tuple[Statement, ...]:
        if statement.body is None:
            self._findings.error(statement.place, f"{statement.keyword} has no block", "add '{' and '}'")
        return statement.body or ()

    def _one(self, statement: Statement, repeated: Repeated) -> list[Any]:
        """The object that a block becomes; none where it cannot be told what it is about."""
        if statement.body is None:
            self._body(statement)
            return []
        said = _said(statement, repeated)
        if said is None:
            return self._read(statement, statement.body, repeated)
        if said in self._blocks:
            same = self._blocks[said]
            return [type(same)(**{**held(same), "place": statement.place})]
        before = len(self._findings)
        read = self._read(statement, statement.body, repeated)
        if read and len(self._findings) == before:
            self._blocks[said] = read[0]
        return read

    def _read(self, statement: Statement, body: tuple[Statement, ...], repeated: Repeated) -> list[Any]:
        found: Fields = {"place": statement.place}
        try:
            if repeated.head is not None:
                found[repeated.head_field] = repeated.head.read(statement, self._findings)
        except BadValueError as error:
            self._findings.error(statement.place, f"{statement.keyword} {error}")
            return []
        if isinstance(repeated.body, Items):
            found[repeated.lines_field] = tuple(self._items(statement, repeated.body))
        else:
            found.update(self.fields(body, repeated.body))
        return [complete(repeated.kind, nested(found, repeated.kind), statement, self._findings)]

    def _once(self, statement: Statement, keyword: Keyword, first: dict[str, Statement]) -> None:
        """keepalived lets the last one count, but the first of two notify scripts: that is left to the author."""
        firsts = [first.setdefault(field, statement) for field in keyword.fields]
        earlier = [other for other in firsts if other is not statement]
        if not earlier:
            return
        message = f"{statement.keyword} was given before, in line {earlier[0].place.line}"
        if isinstance(keyword.value, _QUOTED):
            self._findings.error(statement.place, message, "remove one of the two")
        else:
            self._findings.warning(statement.place, f"{message}; this one counts", ours=True)

    def _value(self, statement: Statement, keyword: Keyword, value: Value, found: Fields) -> None:
        if statement.body is not None:
            self._findings.error(statement.place, f"{statement.keyword} takes no block", "remove the braces")
            return
        try:
            read = value.read(statement, self._findings)
        except BadValueError as error:
            self._findings.error(statement.place, f"{statement.keyword} {error}")
            return
        found.update(zip(keyword.fields, read if len(keyword.fields) > 1 else (read,)))

    def _items(self, statement: Statement, items: Items) -> list[Any]:
        found: list[Any] = []
        if statement.body == () and items.empty_is_wrong:
            self._findings.error(statement.place, f"{statement.keyword} is empty", items.empty_is_wrong)
        elif statement.body == ():
            self._findings.warning(statement.place, f"{statement.keyword} is empty", ours=not items.needed)
        for line in self._body(statement):
            if line.body is not None or line.fault:
                fault = line.fault or f"{shown(line.keyword)} takes no block"
                remedy = QUOTING if line.fault else "remove the braces"
                self._findings.error(line.place, f"{statement.keyword}: {fault}", remedy)
                continue
            try:
                found += [items.item.read(one, self._findings) for one in _lines(line, items)]
            except BadValueError as error:
                self._findings.error(line.place, f"{statement.keyword}: {error}")
        return found


def _said(statement: Statement, repeated: Repeated) -> Optional[_Said]:
    """What decides what a block is, but for its place; None where lines in it have places that somebody keeps.

    Thousands of real servers have the same check.
    """
    body = statement.body or ()
    if isinstance(repeated.body, Items) or any(line.body is not None for line in body):
        return None
    return (id(repeated), statement.text, *[line.text for line in body])


def _lines(line: Statement, items: Items) -> list[Statement]:
    """The line; where words are listed, a line for each."""
    return [Statement(line.place, word, (word,)) for word in line.words] if items.words else [line]


def _as_it_is(statement: Statement, keyword: Keyword) -> bool:
    """Whether the keyword asks for what vipd does anyway."""
    return statement.body is None and " ".join(statement.arguments) in keyword.same_as
