# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow a keyword: one class per kind of value, each reading it and writing it again.

``read`` takes the statement and gives what the model holds, or raises BadValueError with what was expected;
``write`` gives the text that reads back as the same. Neither knows which keyword it serves.
Words stand here; look next at ``number_values.py`` and ``address_values.py``, at ``script_line.py`` and the other
``*_line.py`` for what is more than a word, and at ``keywords/``, the table that uses them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional, Protocol

from .diagnostics import Findings, shown
from .lexer import Statement
from .words import word

AUTH_PASS_BYTES_MAX = 8  # RFC 2338 5.3.10: the authentication data field

ON = ("on", "true", "yes")
OFF = ("off", "false", "no")


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
    """One word, whatever it is; ``expected`` is what a message calls it."""

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
