# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers that may follow a keyword: counts, seconds, weights, and the version of VRRP, each within its bounds.

What ``read`` and ``write`` are for is said in ``values.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from .diagnostics import Findings, shown
from .lexer import Statement
from .values import BadValueError, argument, direction, extra

FILE_WEIGHT_MAX = 254  # a file or process may be worth one more, as keepalived has it
SECONDS_MAX = 4294  # keepalived counts microseconds in 32 bits
COUNT_MAX = 2**31 - 1
WEIGHT_MAX = 253  # 254 would reach from the lowest usable priority to the highest

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,6})?")


@dataclass(frozen=True)
class Integer:
    """A whole number within its bounds, both included."""

    low: int
    high: int

    def read(self, statement: Statement, findings: Findings) -> int:
        return self.parse(argument(statement, self.expected, findings))

    def parse(self, text: str) -> int:
        if not _NUMBER.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        number = int(text)
        if not self.low <= number <= self.high:
            raise BadValueError(f"is {number}, expected {self.expected}")
        return number

    def write(self, value: int) -> str:
        return str(value)

    @cached_property
    def expected(self) -> str:
        return f"a number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Seconds:
    """``whole`` says why decimals are out, where they are."""

    low: float
    high: float
    whole: str = ""

    def read(self, statement: Statement, findings: Findings) -> float:
        return self.parse(argument(statement, self.expected, findings))

    def parse(self, text: str) -> float:
        if not _DECIMAL.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        seconds = float(text)
        if not self.low <= seconds <= self.high or (self.whole and not seconds.is_integer()):
            raise BadValueError(f"is {text}, expected {self.expected}")
        return seconds

    def write(self, value: float) -> str:
        return _decimal(value)

    @cached_property
    def expected(self) -> str:
        unit = f"whole seconds{self.whole}" if self.whole else "seconds"
        return f"{unit} from {_decimal(self.low)} to {_decimal(self.high)}"


@dataclass(frozen=True)
class Version:
    """That of VRRP."""

    expected = "2 or 3"

    def read(self, statement: Statement, findings: Findings) -> int:
        text = argument(statement, self.expected, findings)
        if text not in ("2", "3"):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        return int(text)

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class Weight:
    """``N [reverse]``, as a pair for the model's ``weight`` and ``reverse``."""

    number: Integer = Integer(-WEIGHT_MAX, WEIGHT_MAX)

    def read(self, statement: Statement, findings: Findings) -> tuple[int, bool]:
        if not statement.arguments:
            raise BadValueError(f"has no value, expected {self.number.expected}")
        extra(statement, 2, findings)
        return self.number.parse(statement.arguments[0]), direction(statement.arguments[1:], ("reverse",)) == "reverse"

    def write(self, value: tuple[int, bool]) -> str:
        weight, reverse = value
        return f"{weight} reverse" if reverse else str(weight)


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
