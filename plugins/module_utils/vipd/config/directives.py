# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines before they are statements: comments, ``include``, ``@id``, ``$NAME=value``, ``~SEQ`` and ``~LST``.

A line is read again after each step that changes it, until none does; steps and lines are bounded. Reads no file
itself: ``Includes`` does. Look next at ``definitions.py``, ``repetition.py`` and ``files.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, Optional

from .definitions import TOO_LONG, Definitions, TooLongError, bound, definition, names_secret
from .diagnostics import Findings, shown
from .inclusion import NO_CHECKS, Checks, Includes, Inclusion, changed, include, include_check
from .lexer import LINE_BYTES_MAX, REMEMBERED_MAX, Line
from .place import Place
from .repetition import Head, Repetition, RepetitionError, head, repetition
from .words import WHITE_SPACE, without_comment

STEPS_MAX = 24  # that one line may need; a definition that needs more uses itself
MADE_LINES_MAX = 1 << 17  # that definitions of several lines and repetitions may add: 4 000 instances of 30 lines

_STEERING = re.compile(r"\A(?:[@~]|include)|\$")  # what may be more than a line of words
_SPECIAL = re.compile(r"[^\x01-\x7f]|[\\#!@~$]|include")  # what may be more, or less, than its words
_CONDITION = re.compile(r"@(?P<unless>\^?)(?P<id>[^ \t]*)(?:[ \t]+(?P<rest>.*))?")
_BYTE_ORDER_MARK = "\ufeff"


class _Raw(NamedTuple):
    """What a line of a file comes to by itself: the column of its text, and whether that stands there as it is here.

    ``steers``: it may be more than a line of words. ``fault``: why it cannot be read, in words.
    """

    column: int
    text: str
    verbatim: bool
    steers: bool
    fault: str


class _Begun(NamedTuple):
    """A definition whose last line has not come yet."""

    name: str
    place: Place
    lines: list[Line]


class Directives:
    """Turns files into lines. Definitions live as long as the whole reading: an include may make them."""

    def __init__(self, config_id: str, includes: Includes, findings: Findings) -> None:
        self._config_id = config_id
        self._includes = includes
        self._findings = findings
        self._definitions = Definitions(config_id, includes)
        self._begun: Optional[_Begun] = None
        self._checks: Checks = NO_CHECKS
        self._file = ""
        self._steps = 0
        self._made = 0

    def lines(self, text: str, file: str) -> Iterator[Line]:
        """What ``include_check`` says holds for a file and what it includes, and not for what includes it."""
        outer, self._file = (self._file, self._checks), file
        for number, raw in enumerate(self._unmarked(text, file).split("\n"), start=1):
            column, words, verbatim, steers, fault = _by_itself(raw)
            if fault:
                self._findings.error(Place(file, number), fault, "shorten it, or remove what is no text")
            line = Line(Place(file, number, column), words, True, verbatim)
            if self._begun is not None:
                self._continue(self._begun, line, raw.rstrip("\r"))
            elif steers:
                yield from self._read(line, raw.rstrip("\r"))
            elif words:
                yield line
        if self._begun is not None:
            self._findings.warning(self._begun.place, "the file ends within this definition")
            self._end(self._begun)
        self._file, self._checks = outer

    def _unmarked(self, text: str, file: str) -> str:
        if text.startswith(_BYTE_ORDER_MARK):
            message = "a byte order mark precedes the first word, and keepalived does not know that word then"
            self._findings.warning(Place(file, 1, 1), message, "save the file as UTF-8 without one")
        return text[len(_BYTE_ORDER_MARK) :] if text.startswith(_BYTE_ORDER_MARK) else text

    # Definitions of several lines

    def _continue(self, begun: _Begun, line: Line, raw: str) -> None:
        """The last one is empty, or no backslash continues it; one that holds only a comment is passed over."""
        if not raw:
            message = "an empty line ends the definition that the line before it continues"
            self._findings.warning(
                line.place, message, "take the empty line out, or the backslash before it", ours=True
            )
        if line.text:
            begun.lines.append(line._replace(text=line.text.rstrip("\\" + WHITE_SPACE)))
        if not raw or (line.text and not _continued(line.text, raw)):
            self._end(begun)

    def _end(self, begun: _Begun) -> None:
        self._begun = None
        self._define(begun.name, tuple(begun.lines))

    def _define(self, name: str, lines: tuple[Line, ...]) -> None:
        self._definitions.define(name, lines)
        if names_secret(name):
            for line in lines:
                self._findings.conceal(line.text)

    # One line

    def _read(self, line: Line, raw: str = "") -> Iterator[Line]:
        """``raw`` is the line as it stands in the file, where it does."""
        line = self._conditional(line)
        named = definition(line.text)
        repeated = head(line.text)
        if named and _continued(line.text, raw):
            self._begin(named[0], line._replace(text=named[1].rstrip("\\" + WHITE_SPACE)), in_file=bool(raw))
        elif not line.active:
            yield line
        elif named:
            self._define(named[0], (line._replace(text=named[1]),))
        elif repeated:
            yield from self._repeat(repeated, line)
        elif line.text:
            yield from self._put_in(line)

    def _conditional(self, line: Line) -> Line:
        """Strip ``@id``: the line counts where the configuration id is that one, ``@^id`` where it is not."""
        match = _CONDITION.fullmatch(line.text)
        if match is None:
            return line
        rest = match["rest"] or ""
        active = bool(rest) and (match["id"] == self._config_id) != bool(match["unless"])
        return line._replace(place=line.place.after(len(line.text) - len(rest)), text=rest, active=active)

    def _begin(self, name: str, first: Line, in_file: bool) -> None:
        if first.active and in_file:
            self._begun = _Begun(name, first.place, [first])
            return
        message = "keepalived reads the other lines of this definition for themselves"
        remedy = "begin it on a line of its own" if first.active else "put the @id before each of its lines"
        self._findings.error(first.place, message, remedy)

    def _put_in(self, line: Line) -> Iterator[Line]:
        """One step of what is defined; where that changes nothing, the line is as it will be."""
        try:
            replaced, following = self._definitions.replaced(line.text, self._file)
        except TooLongError as error:
            self._findings.error(line.place, str(error), "put less into one definition")
            return
        if replaced == line.text and not following:
            yield from self._final(line)
            return
        if self._steps == STEPS_MAX:
            self._findings.error(line.place, "a definition that is used here uses itself", "give it another name")
            return
        yield from self._again(without_comment(replaced), line.place)
        for one in following:
            if self._makes_a_line(line.place):
                yield from self._again(one.text, one.place)

    def _again(self, text: str, place: Place) -> Iterator[Line]:
        self._steps += 1
        yield from self._read(Line(place, text, verbatim=False))
        self._steps -= 1

    def _makes_a_line(self, place: Place) -> bool:
        """Whether one more may be made; said once that it may not."""
        self._made += 1
        if self._made == MADE_LINES_MAX + 1:
            message = f"definitions and repetitions make more than {MADE_LINES_MAX} lines of this configuration"
            self._findings.error(place, message, "the rest of them is not read")
        return self._made <= MADE_LINES_MAX

    def _repeat(self, found: Head, line: Line) -> Iterator[Line]:
        named = f"~{found.kind}"
        try:
            names, turns = self._turns(found)
        except RepetitionError as error:
            self._findings.error(line.place, f"{named} {error}")
            return
        if not found.rest:
            return
        for values in turns:
            if not self._makes_a_line(line.place):
                return
            values_by_name = dict(zip(names, values))
            with self._definitions.repeated(values_by_name, line.place):
                yield from self._again(bound(found.rest, values_by_name), line.place)

    def _turns(self, found: Head) -> Repetition:
        if found.inside is None:
            raise RepetitionError("has no parentheses, expected (NAME, …) and then the text to repeat")
        if self._steps == STEPS_MAX:
            raise RepetitionError(f"is within {STEPS_MAX} others, or repeats itself")
        if found.kind == "LST" and "${" in found.inside:
            raise RepetitionError("has a brace that keepalived takes for a group of values: write $NAME without braces")
        inside = found.inside
        try:
            for _step in range(STEPS_MAX):
                inside, _following = self._definitions.replaced(inside, self._file)
        except TooLongError as error:
            raise RepetitionError(f"cannot be read: {error}") from error
        return repetition(found.kind, inside)

    # What a line comes to

    def _final(self, line: Line) -> Iterator[Line]:
        for name, unresolved in self._definitions.unresolved(line.text):
            say = self._findings.error if unresolved.wrong else self._findings.warning
            called = "a name" if line.confidential else shown(f"${name}")
            say(line.place, f"{called} {unresolved.message}", unresolved.remedy)
        included, options = include(line.text), include_check(line.text)
        if included:
            yield from self._include(Inclusion(included[0], self._file, line.place, included[1] | self._checks))
            return
        if options is not None:
            self._checks = changed(self._checks, options, line.place, self._findings)
        yield line

    def _include(self, inclusion: Inclusion) -> Iterator[Line]:
        for included in self._includes.enter(inclusion, self._findings):
            yield from self.lines(included.text, included.name)


@lru_cache(REMEMBERED_MAX)
def _by_itself(raw: str) -> _Raw:
    """The line without its comment; without text, if it cannot be read. Most lines of a long file stand in it often."""
    if len(raw) <= LINE_BYTES_MAX and not _SPECIAL.search(raw):
        return _Raw(len(raw) - len(raw.lstrip(WHITE_SPACE)) + 1, raw.strip(WHITE_SPACE), True, steers=False, fault="")
    raw = raw.rstrip("\r")
    fault = _unreadable(raw)
    if fault:
        return _Raw(0, "", verbatim=True, steers=False, fault=fault)
    start = len(raw) - len(raw.lstrip(WHITE_SPACE))
    text = without_comment(raw)
    return _Raw(start + 1, text, raw.startswith(text, start), bool(_STEERING.search(text)), "")


def _continued(text: str, raw: str) -> bool:
    r"""Whether the line after it belongs to it: a ``\`` at the end of what counts, or of its comment."""
    return text.endswith("\\") or raw.endswith("\\")


def _unreadable(line: str) -> str:
    """What keeps a line from being one, in words; empty if nothing does."""
    if len(line) <= LINE_BYTES_MAX and line.isascii() and "\0" not in line:
        return ""
    try:
        length = len(line.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return "the line is not text"
    if length > LINE_BYTES_MAX:
        return TOO_LONG
    return "the line contains a NUL byte" if "\0" in line else ""
