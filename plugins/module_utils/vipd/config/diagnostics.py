# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a finding is told to a person: where, what was found, what was expected, what to do.

A secret never enters a diagnostic, and neither does a character that a terminal would act upon:
what is repeated from a file goes through ``shown``, and everything through ``printable``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import Enum

from .model import Place

SHOWN_MAX = 48  # characters of the file that a message repeats: enough to recognise, never a flood
PATH_MAX = 4096  # a path is of no use when it is cut


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Diagnostic:
    severity: Severity
    place: Place
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.severity.value}: {self.message}"
        return f"{text}; {self.remedy}" if self.remedy else text


class ConfigError(Exception):
    """The configuration could not be read at all."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class Findings:
    """Collects diagnostics while a configuration is read or checked."""

    def __init__(self) -> None:
        self._diagnostics: list[Diagnostic] = []

    def error(self, place: Place, message: str, remedy: str = "") -> None:
        self._diagnostics.append(Diagnostic(Severity.ERROR, place, printable(message), printable(remedy)))

    def warning(self, place: Place, message: str, remedy: str = "") -> None:
        self._diagnostics.append(Diagnostic(Severity.WARNING, place, printable(message), printable(remedy)))

    def in_order(self) -> tuple[Diagnostic, ...]:
        """By place; what was found first at one stays first."""
        return tuple(sorted(self._diagnostics, key=lambda found: astuple(found.place)))


def shown(text: str, longest: int = SHOWN_MAX) -> str:
    """``text`` in quotes, cut to a bearable length, and printable."""
    return f"'{printable(text if len(text) <= longest else text[:longest] + '...')}'"


def printable(text: str) -> str:
    """``text`` with what a terminal could act upon, or not show, as escapes."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
