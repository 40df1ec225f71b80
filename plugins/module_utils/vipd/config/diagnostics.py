# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a finding is told to a person: where, what was found, what was expected, what to do.

A secret never enters a diagnostic, and neither does a character that a terminal would act upon:
what is repeated from a file goes through ``shown``, and everything through ``printable``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Optional

from .model import Place

SHOWN_MAX = 48  # characters of the file that a message repeats: enough to recognise, never a flood
PATH_MAX = 4096  # a path is of no use when it is cut
SECRET_MIN = 4  # characters; hiding a shorter one would hide half of every message, and it protects nothing

_SECRET_WORD = re.compile(r"""[^\s"'{}]+""")


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Diagnostic:
    """``ours``: keepalived -t says nothing of it."""

    severity: Severity
    place: Place
    message: str
    remedy: str = ""
    ours: bool = False

    def __str__(self) -> str:
        text = f"{self.place}: {self.severity.value}: {self.message}"
        return f"{text}; {self.remedy}" if self.remedy else text


class ConfigError(Exception):
    """The configuration could not be read at all."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class Secrets:
    """Words that no message may repeat."""

    def __init__(self) -> None:
        self._words: set[str] = set()

    def add(self, text: str) -> None:
        """Each word of ``text``, and how a message would begin it."""
        for word in _SECRET_WORD.findall(text):
            if len(word) >= SECRET_MIN:
                self._words.update((printable(word), printable(word[:SHOWN_MAX])))

    def update(self, other: Secrets) -> None:
        self._words |= other._words

    def hidden(self, diagnostic: Diagnostic) -> Diagnostic:
        """The same with ``***`` for each."""
        if not self._words:
            return diagnostic
        message, remedy = (_SECRET_WORD.sub(self._mask, text) for text in (diagnostic.message, diagnostic.remedy))
        return replace(diagnostic, message=message, remedy=remedy)

    def _mask(self, match: re.Match[str]) -> str:
        word = match[0].rstrip(".,;:")
        return match[0] if self._words.isdisjoint((word, match[0])) else f"***{match[0][len(word) :]}"


class Findings:
    """Collects diagnostics while a configuration is read or checked. What is concealed appears in none of them."""

    def __init__(self, ours: bool = False) -> None:
        """``ours`` is what holds of a finding unless it says so itself."""
        self._ours = ours
        self._diagnostics: list[Diagnostic] = []
        self.secrets = Secrets()

    def __len__(self) -> int:
        """How many there are so far; the same one may be among them twice."""
        return len(self._diagnostics)

    def conceal(self, text: str) -> None:
        """From now on and in what was found before, the words of ``text`` are shown as ``***``."""
        self.secrets.add(text)

    def error(self, place: Place, message: str, remedy: str = "", *, ours: Optional[bool] = None) -> None:
        self._add(Severity.ERROR, place, message, remedy, ours)

    def warning(self, place: Place, message: str, remedy: str = "", *, ours: Optional[bool] = None) -> None:
        self._add(Severity.WARNING, place, message, remedy, ours)

    def info(self, place: Place, message: str, remedy: str = "", *, ours: Optional[bool] = None) -> None:
        self._add(Severity.INFO, place, message, remedy, ours)

    def _add(self, severity: Severity, place: Place, message: str, remedy: str, ours: Optional[bool]) -> None:
        whose = self._ours if ours is None else ours
        self._diagnostics.append(Diagnostic(severity, place, printable(message), printable(remedy), whose))

    def and_those_of(self, other: Findings) -> Findings:
        self._diagnostics += other._diagnostics
        self.secrets.update(other.secrets)
        return self

    def in_order(self) -> tuple[Diagnostic, ...]:
        """By place, each once; what was found first at one stays first."""
        found = dict.fromkeys(map(self.secrets.hidden, self._diagnostics))
        return tuple(sorted(found, key=lambda diagnostic: diagnostic.place))


def shown(text: str, longest: int = SHOWN_MAX) -> str:
    """``text`` in quotes, cut to a bearable length, and printable."""
    return f"'{printable(text if len(text) <= longest else text[:longest] + '...')}'"


def printable(text: str) -> str:
    """``text`` with what a terminal could act upon, or not show, as escapes."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
