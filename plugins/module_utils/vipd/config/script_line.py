# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that name a program or an account; what names a program is quoted and escaped as keepalived has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from .commands import Command, ScriptUser
from .diagnostics import Findings
from .lexer import Statement
from .values import BadValueError, extra
from .words import QuoteError, script_words, word

_PLAIN = re.compile(r"[A-Za-z0-9_./:,=%@+-]+")


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
class OwnedPath:
    """``PATH [USER [GROUP]]``."""

    def read(self, statement: Statement, findings: Findings) -> tuple[str, Optional[ScriptUser]]:
        if not statement.arguments:
            raise BadValueError("has no value, expected a path, and perhaps the user and the group that it belongs to")
        extra(statement, 3, findings)
        path, *owner = statement.arguments[:3]
        return path, ScriptUser(*owner) if owner else None

    def write(self, value: tuple[str, Optional[ScriptUser]]) -> str:
        path, owner = value
        return word(path) if owner is None else f"{word(path)} {Account().write(owner)}"


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


@dataclass(frozen=True)
class Argv:
    """``COMMAND``: without an account, which has a keyword of its own."""

    def read(self, statement: Statement, findings: Findings) -> tuple[str, ...]:
        return Script(account=False).read(statement, findings).argv

    def write(self, value: tuple[str, ...]) -> str:
        return Script(account=False).write(Command(value))


@dataclass(frozen=True)
class Quoted:
    """``TEXT``, within quotes and with escapes as in a script line, but not split again."""

    def read(self, statement: Statement, findings: Findings) -> str:
        try:
            words = script_words(statement.text)[1:]
        except QuoteError as error:
            raise BadValueError(f"cannot be read: {error}") from error
        if not words or not words[0] or "\0" in words[0]:
            raise BadValueError("has no value, expected text without NUL")
        if len(words) > 1:
            findings.warning(statement.place, f"{statement.keyword}: the text after the value is not used", "quote it")
        return words[0]

    def write(self, value: str) -> str:
        return _double_quoted(value)


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
