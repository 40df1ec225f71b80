# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow the keywords of a checker: status codes, expressions, digests, hexadecimal data.

Each class reads a statement and writes it again, like those of ``values.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .diagnostics import Findings, shown
from .lexer import Statement
from .number_values import Integer
from .service_values import first_word, one_of
from .values import BadValueError, argument, extra

_CODE = Integer(100, 999)
_RANGE = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")
_HEX = re.compile(r"[0-9A-Fa-f \t]+")
_MD5 = re.compile(r"[0-9A-Fa-f]{32}")
_HEX_OR_ANY = re.compile(r"[0-9A-Fa-fXx \t]+")


@dataclass(frozen=True)
class StatusCodes:
    """``CODE[-CODE] …``."""

    def read(self, statement: Statement, findings: Findings) -> tuple[tuple[int, int], ...]:
        first_word(statement, "a status code")
        return tuple(self._range(text) for text in statement.arguments)

    def _range(self, text: str) -> tuple[int, int]:
        match = _RANGE.fullmatch(text)
        if match is None:
            raise BadValueError(f"is {shown(text)}, expected a status code or two with - between")
        low, high = _CODE.parse(match[1]), _CODE.parse(match[2] or match[1])
        if low > high:
            raise BadValueError(f"is {shown(text)}, expected the lower code first")
        return low, high

    def write(self, value: tuple[tuple[int, int], ...]) -> str:
        return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in value)


@dataclass(frozen=True)
class Choices:
    """``WORD …``, each one of ``choices``."""

    choices: tuple[str, ...]

    def read(self, statement: Statement, findings: Findings) -> tuple[str, ...]:
        first_word(statement, "a word")
        return tuple(one_of(text, self.choices, "an option") for text in statement.arguments)

    def write(self, value: tuple[str, ...]) -> str:
        return " ".join(value)


@dataclass(frozen=True)
class Pair:
    """``START MAX``."""

    number: Integer

    def read(self, statement: Statement, findings: Findings) -> tuple[int, int]:
        extra(statement, 2, findings)
        if len(statement.arguments) < 2:
            raise BadValueError(f"needs two numbers, each {self.number.expected}")
        return self.number.parse(statement.arguments[0]), self.number.parse(statement.arguments[1])

    def write(self, value: tuple[int, int]) -> str:
        return "{} {}".format(*value)


@dataclass(frozen=True)
class Hexadecimal:
    """``HEX …``; ``any_digit``: x stands for any digit; ``needed`` False: may be left out."""

    any_digit: bool = False
    needed: bool = True

    def read(self, statement: Statement, findings: Findings) -> str:
        text = " ".join(statement.arguments)
        if not text and not self.needed:
            return ""
        if not (_HEX_OR_ANY if self.any_digit else _HEX).fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected hexadecimal digits")
        return "".join(octet.zfill(2) for octets in text.split() for octet in _octets(octets)).lower()

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Digest:
    """``MD5``: 32 hexadecimal digits, as genhash prints them."""

    def read(self, statement: Statement, findings: Findings) -> str:
        text = argument(statement, "an MD5 digest", findings)
        if not _MD5.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected an MD5 digest of 32 hexadecimal digits")
        return text

    def write(self, value: str) -> str:
        return value


def _octets(digits: str) -> list[str]:
    """Two digits an octet; an odd one at the end is an octet of its own."""
    return [digits[at : at + 2] for at in range(0, len(digits), 2)]
