# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow a keyword: one class per kind of value, each reading it and writing it again.

``read`` takes the statement and gives what the model holds, or raises BadValueError with what was expected;
``write`` gives the text that reads back as the same. Neither knows which keyword it serves.
Look next at ``script_line.py`` and the other ``*_line.py`` for what is more than a word, and at ``keywords/``, the
table that uses them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Any, Optional, Protocol

from .diagnostics import Findings, shown
from .lexer import Statement
from .network import Address
from .words import word

INTERFACE_NAME_MAX = 15  # IFNAMSIZ less its NUL; address labels share it
AUTH_PASS_BYTES_MAX = 8  # RFC 2338 5.3.10: the authentication data field
FILE_WEIGHT_MAX = 254  # a file or process may be worth one more, as keepalived has it
SECONDS_MAX = 4294  # keepalived counts microseconds in 32 bits
COUNT_MAX = 2**31 - 1
WEIGHT_MAX = 253  # 254 would reach from the lowest usable priority to the highest

ON = ("on", "true", "yes")
OFF = ("off", "false", "no")

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,6})?")
_INTERFACE = re.compile(rf"[^\s/]{{1,{INTERFACE_NAME_MAX}}}")


class BadValueError(ValueError):
    """``str`` says what is wrong, as the end of a sentence that begins with the keyword."""


class Value(Protocol):
    def read(self, statement: Statement, findings: Findings) -> Any:
        """What the model holds. Raises BadValueError."""

    def write(self, value: Any) -> str:
        """The text after the keyword; empty where the keyword says it all."""


@dataclass(frozen=True)
class Flag:
    """A keyword that needs no value; ``sets`` is what its presence means."""

    sets: bool = True

    def read(self, statement: Statement, findings: Findings) -> bool:
        extra(statement, 0, findings)
        return self.sets

    def write(self, value: bool) -> str:
        return ""


@dataclass(frozen=True)
class Boolean:
    """``[on|off]``: also true, yes, false and no; nothing at all means on.

    ``bare``: keepalived 2.2 reads no value here and takes ``off`` for on.
    """

    bare: bool = False

    def read(self, statement: Statement, findings: Findings) -> bool:
        if not statement.arguments:
            return True
        extra(statement, 1, findings)
        text = statement.arguments[0]
        if text not in ON and text not in OFF:
            raise BadValueError(f"is {shown(text)}, expected {', '.join((*ON, *OFF))} or nothing")
        if self.bare and text in OFF:
            message = f"{statement.keyword} {text} is on in keepalived 2.2 and off in later ones"
            findings.warning(statement.place, message, "remove the line", ours=True)
        return text in ON

    def write(self, value: bool) -> str:
        return "" if value else "off"


@dataclass(frozen=True)
class Word:
    expected: str = "a word"

    def read(self, statement: Statement, findings: Findings) -> str:
        return argument(statement, self.expected, findings)

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class OneOf:
    """Never repeats what it found: next to ``auth_type`` that may be the password."""

    choices: tuple[str, ...]

    def read(self, statement: Statement, findings: Findings) -> str:
        text = argument(statement, " or ".join(self.choices), findings)
        if text not in self.choices:
            raise BadValueError(f"has a value that is not {' or '.join(self.choices)}")
        return text

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Integer:
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
    """``2`` or ``3``."""

    def read(self, statement: Statement, findings: Findings) -> int:
        text = argument(statement, "2 or 3", findings)
        if text not in ("2", "3"):
            raise BadValueError(f"is {shown(text)}, expected 2 or 3")
        return int(text)

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class IpAddress:
    """``family`` and ``multicast`` narrow what is expected; None and False: any."""

    family: Optional[int] = None
    multicast: bool = False

    def read(self, statement: Statement, findings: Findings) -> Address:
        text = argument(statement, self.expected, findings)
        address = address_of(text)
        if self.family not in (None, address.version) or (self.multicast and not address.is_multicast):
            raise BadValueError(f"is {address}, expected {self.expected}")
        return address

    def write(self, value: Address) -> str:
        return str(value)

    @cached_property
    def expected(self) -> str:
        kind = f"IPv{self.family}" if self.family else "IP"
        return f"{'a multicast' if self.multicast else 'an'} {kind} address"


@dataclass(frozen=True)
class Interface:
    def read(self, statement: Statement, findings: Findings) -> str:
        return interface_name(argument(statement, "the name of an interface", findings))

    def write(self, value: str) -> str:
        return word(value)


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


@dataclass(frozen=True)
class Secret:
    """A password: its value appears in no diagnostic. Of one longer than ``bytes_max`` only the start counts."""

    bytes_max: Optional[int] = AUTH_PASS_BYTES_MAX

    def read(self, statement: Statement, findings: Findings) -> str:
        secret = argument(statement, "a password", findings)
        content = secret.encode("utf-8", "surrogateescape")
        if not content:
            raise BadValueError("is empty, expected a password")
        if self.bytes_max is None or len(content) <= self.bytes_max:
            return secret
        findings.warning(
            statement.place,
            f"{statement.keyword} is truncated to {self.bytes_max} bytes",
            "the rest protects nothing: no more fits into an advert",
        )
        return content[: self.bytes_max].decode("utf-8", "surrogateescape")

    def write(self, value: str) -> str:
        return word(value)


def direction(words: Sequence[str], choices: Sequence[str]) -> str:
    """What follows a weight: one of ``choices``, or nothing."""
    if words and words[0] not in choices:
        raise BadValueError(f"has the unknown option {shown(words[0])}, expected {' or '.join(choices)}")
    return words[0] if words else ""


def interface_name(text: str) -> str:
    if not _INTERFACE.fullmatch(text):
        raise BadValueError(
            f"is {shown(text)}, expected the name of an interface (at most {INTERFACE_NAME_MAX} characters)"
        )
    return text


def address_of(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise BadValueError(f"is {shown(text)}, expected an IP address") from None


def address_label(text: str) -> str:
    if not text or len(text.encode("utf-8", "surrogateescape")) > INTERFACE_NAME_MAX:
        raise BadValueError(f"label is {shown(text)}, expected 1 to {INTERFACE_NAME_MAX} bytes")
    return text


def argument(statement: Statement, expected: str, findings: Findings) -> str:
    if not statement.arguments:
        raise BadValueError(f"has no value, expected {expected}")
    extra(statement, 1, findings)
    return statement.arguments[0]


def extra(statement: Statement, wanted: int, findings: Findings) -> None:
    """Never repeats the text: it may be the rest of a password."""
    if len(statement.arguments) > wanted:
        findings.warning(
            statement.place,
            f"{statement.keyword}: the text after the value is not used",
            "a comment starts with # or !; a value with spaces stands in double quotes",
            ours=True,
        )


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
