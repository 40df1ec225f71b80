# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of several words that mean one thing each: a mail server, an optional name, a number that may be left out.

Look in ``values.py`` for single words and for what a value is, in ``link_values.py`` for interfaces and peers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .commands import Command
from .diagnostics import Findings, shown
from .lexer import Statement
from .number_values import Integer, Seconds
from .script_line import Script
from .values import BadValueError, Word, argument, extra
from .words import word

NFTABLES_DEFAULT = "keepalived"

_PORT = Integer(1, 65535)


@dataclass(frozen=True)
class Name:
    """The one name before a block's brace."""

    def read(self, statement: Statement, findings: Findings) -> str:
        if len(statement.arguments) != 1:
            raise BadValueError("needs one name before its '{'")
        return statement.arguments[0]

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class Line:
    """A line that is one word."""

    expected: str

    def read(self, statement: Statement, findings: Findings) -> str:
        extra(statement, 0, findings)
        return statement.keyword

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class HostPort:
    """``HOST [PORT]``."""

    port: int

    def read(self, statement: Statement, findings: Findings) -> tuple[str, int]:
        if not statement.arguments:
            raise BadValueError("has no value, expected a host name or address, and perhaps a port")
        extra(statement, 2, findings)
        host, *port = statement.arguments
        return host, _PORT.parse(port[0]) if port else self.port

    def write(self, value: tuple[str, int]) -> str:
        host, port = value
        return word(host) if port == self.port else f"{word(host)} {port}"


@dataclass(frozen=True)
class Option:
    """``[WORD]``: whether the keyword is there, and whether the word follows it."""

    word: str

    @property
    def expected(self) -> str:
        return f"{self.word} or nothing"

    def read(self, statement: Statement, findings: Findings) -> tuple[bool, bool]:
        extra(statement, 1, findings)
        if statement.arguments and statement.arguments[0] != self.word:
            raise BadValueError(f"is {shown(statement.arguments[0])}, expected {self.expected}")
        return True, bool(statement.arguments)

    def write(self, value: tuple[bool, bool]) -> str:
        return self.word if value[1] else ""


@dataclass(frozen=True)
class OptionalName:
    """``[NAME]``: ``default`` where none is given."""

    default: str

    def read(self, statement: Statement, findings: Findings) -> str:
        return Word().read(statement, findings) if statement.arguments else self.default

    def write(self, value: str) -> str:
        return "" if value == self.default else word(value)


@dataclass(frozen=True)
class OptionalInteger:
    """``[N]``: ``default`` where none is given."""

    number: Integer
    default: int

    def read(self, statement: Statement, findings: Findings) -> int:
        return self.number.read(statement, findings) if statement.arguments else self.default

    def write(self, value: int) -> str:
        return str(value)

    @property
    def expected(self) -> str:
        return f"{self.number.expected}, or nothing for {self.default}"


@dataclass(frozen=True)
class InitFile:
    """``[VALUE] [overwrite]``."""

    number: Integer

    def read(self, statement: Statement, findings: Findings) -> tuple[int, bool]:
        words = statement.arguments
        overwrite = words[-1:] == ("overwrite",)
        value = words[: len(words) - overwrite]
        extra(statement, 1 + overwrite, findings)
        return self.number.parse(value[0]) if value else 0, overwrite

    def write(self, value: tuple[Optional[int], bool]) -> str:
        number, overwrite = value
        return f"{number} overwrite" if overwrite else str(number)


@dataclass(frozen=True)
class Both:
    """One value for two fields."""

    of: Seconds

    def read(self, statement: Statement, findings: Findings) -> tuple[float, float]:
        value = self.of.read(statement, findings)
        return value, value

    def write(self, value: tuple[float, float]) -> str:
        return self.of.write(value[0])

    @property
    def expected(self) -> str:
        return self.of.expected


@dataclass(frozen=True)
class Words:
    """``WORD...``: one or more."""

    expected: str

    def read(self, statement: Statement, findings: Findings) -> tuple[str, ...]:
        if not statement.arguments:
            raise BadValueError(f"has no value, expected {self.expected}")
        return statement.arguments

    def write(self, value: tuple[str, ...]) -> str:
        return " ".join(map(word, value))


@dataclass(frozen=True)
class ParameterMatch:
    """``[initial|partial]``: bare, the parameters have to be exactly those given."""

    choices: tuple[str, ...] = ("initial", "partial")

    def read(self, statement: Statement, findings: Findings) -> str:
        if not statement.arguments:
            return "exact"
        text = argument(statement, "", findings)
        if text not in self.choices:
            raise BadValueError(f"is {shown(text)}, expected {' or '.join(self.choices)}, or nothing")
        return text

    def write(self, value: str) -> str:
        return "" if value == "exact" else value


@dataclass(frozen=True)
class DeletedScript:
    """``[COMMAND [USER [GROUP]]]``: what to run, and that DELETED is what is told."""

    def read(self, statement: Statement, findings: Findings) -> tuple[Optional[Command], bool]:
        return (Script().read(statement, findings) if statement.arguments else None), True

    def write(self, value: tuple[Optional[Command], bool]) -> str:
        command, _told = value
        return Script().write(command) if command is not None else ""
