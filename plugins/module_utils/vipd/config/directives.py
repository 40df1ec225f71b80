# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines before they are statements: comments, ``include``, ``@id``, ``$NAME=value``.

Reads no file itself: ``Includes`` does. What keepalived has and vipd has not yet (repetition with
``~SEQ`` and ``~LST``, definitions over several lines, predefined names) is an error, never skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from .diagnostics import Findings, shown
from .lexer import LINE_BYTES_MAX, WHITE_SPACE, Line, without_comment
from .model import Place

SUBSTITUTIONS_MAX = 16  # a definition may use another; deeper than this it uses itself

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_INCLUDE = re.compile(r"include(?P<strict>[rmwba]?)[ \t]+(?P<pattern>.+)")
_CONDITION = re.compile(r"@(?P<unless>\^?)(?P<id>[^ \t]*)(?:[ \t]+(?P<rest>.*))?")
_DEFINITION = re.compile(rf"\$(?P<name>{_NAME})=[ \t]*(?P<value>.*)")
_REFERENCE = re.compile(rf"\$(?:(?P<plain>{_NAME})(?=[ \t,)]|$)|{{(?P<braced>{_NAME})(?: [^}}]*)?}})")
_PREDEFINED = frozenset(("_PWD", "_INSTANCE", "_RANDOM", "_ENV", "_HASH", "_BANG"))


class IncludedFile(NamedTuple):
    name: str
    text: str


class Includes(Protocol):
    """Where included text comes from."""

    def enter(self, pattern: str, place: Place, findings: Findings) -> Iterator[IncludedFile]:
        """Each file that ``pattern`` names, in order; a relative one starts at the file that includes it.

        Reports what cannot be understood, and nothing for a pattern without a match.
        """


class Directives:
    """Turns files into lines. Definitions live as long as the whole reading: an include may make them."""

    def __init__(self, config_id: str, includes: Includes, findings: Findings) -> None:
        self._config_id = config_id
        self._includes = includes
        self._findings = findings
        self._definitions: dict[str, str] = {}
        self._within_definition = False

    def lines(self, text: str, file: str) -> Iterator[Line]:
        for number, raw in enumerate(text.split("\n"), start=1):
            yield from self._line(raw.rstrip("\r"), Place(file, number))

    def _line(self, raw: str, place: Place) -> Iterator[Line]:
        fault = _unreadable(raw)
        if fault:
            self._findings.error(place, fault)
            return
        whole = without_comment(raw)
        text, active = self._condition(whole)
        start = len(raw) - len(raw.lstrip(WHITE_SPACE)) + len(whole) - len(text)
        place, verbatim = Place(place.file, place.line, start + 1), raw.startswith(text, start)
        if self._within_definition:
            self._within_definition = text.endswith("\\")
        elif text and not active:
            yield Line(place, text, active=False, verbatim=verbatim)
        elif text and not self._defines(text, place):
            yield from self._expand(text, place, verbatim)

    def _condition(self, text: str) -> tuple[str, bool]:
        """Strip ``@id``: the line counts where the configuration id is that one, ``@^id`` where it is not."""
        match = _CONDITION.fullmatch(text)
        if match is None:
            return text, True
        return match["rest"] or "", (match["id"] == self._config_id) != bool(match["unless"])

    def _defines(self, text: str, place: Place) -> bool:
        match = _DEFINITION.fullmatch(text)
        if match is None:
            return False
        if text.endswith("\\"):
            self._within_definition = True
            self._findings.error(place, "a definition over several lines is not supported by this version of vipd")
        self._definitions[match["name"]] = match["value"]
        return True

    def _expand(self, text: str, place: Place, verbatim: bool) -> Iterator[Line]:
        if text.startswith(("~SEQ", "~LST")):
            self._findings.error(place, f"{text[:4]} is not supported by this version of vipd", "write the lines out")
            return
        substituted = self._substitute(text, place)
        include = _INCLUDE.fullmatch(substituted)
        if include is None:
            yield Line(place, substituted, verbatim=verbatim and substituted == text)
        else:
            yield from self._include(include["pattern"].strip(WHITE_SPACE), bool(include["strict"]), place)

    def _include(self, pattern: str, strict: bool, place: Place) -> Iterator[Line]:
        """Like keepalived, let a plain ``include`` match nothing: a directory of fragments may be empty."""
        found = False
        for included in self._includes.enter(pattern, place, self._findings):
            found = True
            yield from self.lines(included.text, included.name)
        if strict and not found:
            self._findings.error(place, f"include {shown(pattern)} matches no file that can be included")

    def _substitute(self, text: str, place: Place) -> str:
        for _depth in range(SUBSTITUTIONS_MAX):
            replaced = _REFERENCE.sub(lambda match: self._replacement(match, place), text)
            if replaced == text:
                return text
            text = without_comment(replaced)
            if _unreadable(text):
                break
        self._findings.error(place, f"the definitions used here do not end, or give more than {LINE_BYTES_MAX} bytes")
        return ""

    def _replacement(self, match: re.Match[str], place: Place) -> str:
        """What nothing defines stays as it is: a script may mean its own variable."""
        name = match["plain"] or match["braced"]
        if name in self._definitions:
            return self._definitions[name]
        if name in _PREDEFINED:
            self._findings.error(place, f"${name} is not supported by this version of vipd", "write its value")
            return name
        return match[0]


def _unreadable(line: str) -> str:
    """What keeps a line from being one, in words; empty if nothing does."""
    try:
        length = len(line.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return "the line is not text"
    if length > LINE_BYTES_MAX:
        return f"the line is longer than {LINE_BYTES_MAX} bytes, more than keepalived reads"
    return "the line contains a NUL byte" if "\0" in line else ""
