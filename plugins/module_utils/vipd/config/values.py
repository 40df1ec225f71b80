# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow a keyword: one class per kind of value, each reading it and writing it again.

``read`` takes the statement and gives what the model holds, or raises BadValueError with what was expected;
``write`` gives the text that reads back as the same. Neither knows which keyword it serves.
Look next at ``keywords.py``, the table that uses them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .diagnostics import Findings, shown
from .lexer import QuoteError, Statement, script_words, word
from .model import Command, ScriptUser

INTERFACE_NAME_MAX = 15  # IFNAMSIZ less its NUL; address labels share it
AUTH_PASS_BYTES_MAX = 8  # RFC 2338 5.3.10: the authentication data field
WEIGHT_MAX = 253  # 254 would reach from the lowest usable priority to the highest

_PLAIN = re.compile(r"[A-Za-z0-9_./:,=%@+-]+")
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
class Word:
    expected: str = "a word"

    def read(self, statement: Statement, findings: Findings) -> str:
        return _argument(statement, self.expected, findings)

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class OneOf:
    """Never repeats what it found: next to ``auth_type`` that may be the password."""

    choices: tuple[str, ...]

    def read(self, statement: Statement, findings: Findings) -> str:
        text = _argument(statement, " or ".join(self.choices), findings)
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
        return self.parse(_argument(statement, self.expected, findings))

    def parse(self, text: str) -> int:
        if not _NUMBER.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        number = int(text)
        if not self.low <= number <= self.high:
            raise BadValueError(f"is {number}, expected {self.expected}")
        return number

    def write(self, value: int) -> str:
        return str(value)

    @property
    def expected(self) -> str:
        return f"a number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Seconds:
    """``whole`` says why decimals are out, where they are."""

    low: float
    high: float
    whole: str = ""

    def read(self, statement: Statement, findings: Findings) -> float:
        text = _argument(statement, self.expected, findings)
        if not _DECIMAL.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        seconds = float(text)
        if not self.low <= seconds <= self.high or (self.whole and not seconds.is_integer()):
            raise BadValueError(f"is {text}, expected {self.expected}")
        return seconds

    def write(self, value: float) -> str:
        return _decimal(value)

    @property
    def expected(self) -> str:
        unit = f"whole seconds{self.whole}" if self.whole else "seconds"
        return f"{unit} from {_decimal(self.low)} to {_decimal(self.high)}"


@dataclass(frozen=True)
class Interface:
    def read(self, statement: Statement, findings: Findings) -> str:
        return interface_name(_argument(statement, "the name of an interface", findings))

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
class Account:
    """``USER [GROUP]``."""

    def read(self, statement: Statement, findings: Findings) -> ScriptUser:
        if not statement.arguments:
            raise BadValueError("has no value, expected a user and perhaps a group")
        extra(statement, 2, findings)
        return ScriptUser(*statement.arguments[:2])

    def write(self, value: ScriptUser) -> str:
        return " ".join(word(name) for name in (value.user, value.group) if name is not None)


@dataclass(frozen=True)
class Secret:
    """A password: its value appears in no diagnostic."""

    def read(self, statement: Statement, findings: Findings) -> str:
        secret = _argument(statement, "a password", findings)
        content = secret.encode("utf-8", "surrogateescape")
        if not content:
            raise BadValueError("is empty, expected a password")
        if len(content) <= AUTH_PASS_BYTES_MAX:
            return secret
        findings.warning(
            statement.place,
            f"{statement.keyword} is truncated to {AUTH_PASS_BYTES_MAX} bytes",
            "the rest protects nothing: no more fits into an advert",
        )
        return content[:AUTH_PASS_BYTES_MAX].decode("utf-8", "surrogateescape")

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class Script:
    """``COMMAND [USER [GROUP]]``; a command with parameters stands in quotes and is split once more."""

    account: bool = True

    def read(self, statement: Statement, findings: Findings) -> Command:
        try:
            command, *rest = script_words(statement.text)[1:] or ("",)
            argv = script_words(command)
        except QuoteError as error:
            raise BadValueError(f"cannot be read: {error}") from error
        if "\0" in "".join(argv):
            raise BadValueError("contains a NUL byte, which no command can")
        if not argv or not argv[0]:
            raise BadValueError("has no value, expected a command")
        if len(rest) > (2 if self.account else 0):
            findings.warning(
                statement.place,
                f"{statement.keyword}: text after the command is not used",
                "put the command and its parameters in double quotes",
            )
        return Command(argv, ScriptUser(*rest[:2]) if rest and self.account else None)

    def write(self, value: Command) -> str:
        command = _double_quoted(" ".join(map(_parameter, value.argv)))
        if value.user is None or not self.account:
            return command
        names = (value.user.user, value.user.group)
        return " ".join((command, *(_parameter(name, _double_quoted) for name in names if name is not None)))


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


def _argument(statement: Statement, expected: str, findings: Findings) -> str:
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
        )


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _single_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _double_quoted(text: str) -> str:
    return '"' + "".join(map(_in_double_quotes, text)) + '"'


def _parameter(text: str, quoted: Callable[[str], str] = _single_quoted) -> str:
    """A word of a script line; those of its command are split twice and so quoted twice, once each way."""
    return text if _PLAIN.fullmatch(text) else quoted(text)


def _in_double_quotes(character: str) -> str:
    """Quotes, dollars and control characters as escapes: keepalived looks for them before it unescapes."""
    if character == "\\":
        return "\\\\"
    if character in '"$' or ord(character) < 0x20 or ord(character) == 0x7F:
        return f"\\{ord(character):03o}"
    return character
