# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``$NAME=value``: what a configuration defines, and what is put where ``$NAME`` or ``${NAME}`` stands.

A value is put in when the name is used, so it may name what is defined later. A value of several lines is put in
only where the name ends its line. Takes one step at a time: ``directives.py`` decides when it is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Optional, Protocol
from zlib import crc32  # not hashlib: that brings OpenSSL, 3 MB resident

from .lexer import LINE_BYTES_MAX, Line
from .place import Place

RANDOM_MAX = 32767  # keepalived's default for the larger bound of ${_RANDOM}

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_DEFINITION = re.compile(rf"\$(?P<name>{_NAME})=[ \t]*(?P<value>.*)")
_REFERENCE = re.compile(rf"\$(?:(?P<plain>{_NAME})(?=[ \t,)]|$)|{{(?P<braced>{_NAME})(?: +(?P<arguments>[^{{}}]*))?}})")
_SECRET_NAME = re.compile("pass|secret|key|pw", re.IGNORECASE)
# A shell may mean its own variable: what is quoted in a line that names a program is left to it.
_PROGRAM_LINE = re.compile(r"(?:\w*script|notify\w*|quorum_\w+|misc_path)[ \t]")


TOO_LONG = f"the line is longer than {LINE_BYTES_MAX} bytes, more than keepalived reads"


class TooLongError(ValueError):
    """What is defined would make the line longer than one may be."""


class Surroundings(Protocol):
    """What a configuration can ask of the machine that it is read on."""

    def directory(self, file: str) -> Optional[str]:
        """Where ``file`` is; None where there is no file."""

    def variable(self, name: str) -> Optional[str]:
        """Of the environment."""


class Unresolved(NamedTuple):
    """A reference that stays as it is; ``wrong``: what keepalived does with it is not what anybody meant."""

    message: str
    remedy: str
    wrong: bool


def definition(text: str) -> Optional[tuple[str, str]]:
    """The name and the value of a line that is a definition."""
    match = _DEFINITION.fullmatch(text)
    return (match["name"], match["value"]) if match else None


def names_secret(name: str) -> bool:
    """Whether what is defined under the name is to be kept out of every message."""
    return bool(_SECRET_NAME.search(name))


def bound(text: str, values: Mapping[str, str]) -> str:
    """``text`` with these names replaced and all others left."""
    return _REFERENCE.sub(lambda match: values.get(_name(match), match[0]), text)


def _name(match: re.Match[str]) -> str:
    return match["plain"] or match["braced"] or ""


class Definitions:
    """``${_RANDOM}`` gives the same on every reading, so that a reload by itself changes nothing."""

    def __init__(self, config_id: str, surroundings: Surroundings) -> None:
        self._config_id = config_id
        self._surroundings = surroundings
        self._numbers = 0
        self._values: dict[str, tuple[Line, ...]] = {}

    def define(self, name: str, value: tuple[Line, ...]) -> None:
        """Of several lines, a first one without text is none: that is how ``$NAME= \\`` begins them."""
        self._values[name] = value[1:] if len(value) > 1 and not value[0].text else value

    @contextmanager
    def repeated(self, values: Mapping[str, str], place: Place) -> Iterator[None]:
        """What a repetition counts is defined while it does, and then again what it was before."""
        before = {name: self._values[name] for name in values if name in self._values}
        self._values.update({name: (Line(place, value),) for name, value in values.items()})
        yield
        for name in values:
            self._values.pop(name, None)
        self._values.update(before)

    def replaced(self, text: str, file: str) -> tuple[str, tuple[Line, ...]]:
        """One step: each reference of ``text`` once; and the lines that follow, where the last value has several.

        Raises TooLongError as soon as it knows, however much there is to put in.
        """
        following: tuple[Line, ...] = ()
        room = LINE_BYTES_MAX - len(_REFERENCE.sub("", text))

        def put_in(match: re.Match[str]) -> str:
            nonlocal room
            replacement = value(match)
            room -= len(replacement.encode("utf-8", "surrogateescape"))
            if room < 0:
                raise TooLongError(TOO_LONG)
            return replacement

        def value(match: re.Match[str]) -> str:
            nonlocal following
            lines = self._values.get(_name(match), ())
            if len(lines) > 1 and match.end() == len(text):
                following = lines[1:]
            if len(lines) == 1 or following:
                return lines[0].text
            predefined = None if lines else self._predefined(match, file)
            return match[0] if predefined is None else predefined

        return _REFERENCE.sub(put_in, text), following

    def _predefined(self, match: re.Match[str], file: str) -> Optional[str]:
        name, arguments = _name(match), (match["arguments"] or "").split()
        if name == "_RANDOM":
            return self._random_number(arguments)
        if name == "_ENV":
            return self._surroundings.variable(arguments[0]) if len(arguments) == 1 else None
        if name == "_PWD":
            return self._surroundings.directory(file)
        return {"_INSTANCE": self._config_id, "_HASH": "#", "_BANG": "!"}.get(name)

    def _random_number(self, bounds: list[str]) -> Optional[str]:
        """From 0 or the first bound to RANDOM_MAX or the second."""
        if len(bounds) > 2 or not all(bound.isdecimal() and len(bound) < 10 for bound in bounds):
            return None
        low, high = (*map(int, bounds), *(0, RANDOM_MAX)[len(bounds) :])
        self._numbers += 1
        number = crc32(f"{self._config_id} {self._numbers}".encode("utf-8", "surrogatepass"))
        return str(low + number % (high - low + 1)) if low <= high else None

    def unresolved(self, text: str) -> Iterator[tuple[str, Unresolved]]:
        """Of a line that no step changes any more: each name, and what is to be said of it."""
        program = _PROGRAM_LINE.match(text)
        for match in _REFERENCE.finditer(text):
            before = text[: match.start()]
            quoted = before.count('"') % 2 == 1 or before.count("'") % 2 == 1
            wrong = bool(match["braced"]) and before.count('"') % 2 == 0  # its brace is that of a block to keepalived
            if _name(match) in self._values:
                message, remedy = "has several lines and does not end its line", "let nothing follow it"
            elif program and quoted:
                continue
            elif _name(match) in _PREDEFINED:
                message, remedy, wrong = "has no value here", _PREDEFINED[_name(match)], True
            else:
                message, remedy = "is not defined and stays as it is", "define it further up with $NAME=value"
            yield _name(match), Unresolved(message, remedy, wrong)


_PREDEFINED = {
    "_RANDOM": "write ${_RANDOM SMALLEST LARGEST}",
    "_ENV": "write ${_ENV NAME}, with a name that the environment has",
    "_PWD": "this text was not read from a file",
}
