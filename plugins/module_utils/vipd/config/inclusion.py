# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``include``, its variants and ``include_check``: what is asked for, and what is insisted on.

Reads no file: ``files.py`` does. Source: keepalived.conf(5), where ``readable`` is what the program calls ``read``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple, Optional, Protocol

from .definitions import Surroundings
from .diagnostics import Findings, shown
from .place import Place
from .words import WHITE_SPACE

_INCLUDE = re.compile(r"include(?P<variant>[rmwba]?)[ \t]+(?P<pattern>.+)")
_INCLUDE_CHECK = re.compile(r"include_check(?P<options>(?:[ \t]+[^ \t{}\"]+)*)")


class IncludeCheck(Enum):
    """What is an error; the values are the words of ``include_check``.

    MATCH: no file, where there is no wildcard; WILDCARD: no file; BRACE: no file for one of the alternatives.
    Each of them, as READABLE: something that is not read.
    """

    READABLE = "read"
    MATCH = "match"
    WILDCARD = "wildcard_match"
    BRACE = "brace_match"


Checks = frozenset[IncludeCheck]

NO_CHECKS: Checks = frozenset()
ALL_CHECKS: Checks = frozenset(IncludeCheck)
_VARIANTS: dict[str, Checks] = {
    "": NO_CHECKS,
    "r": frozenset((IncludeCheck.READABLE,)),
    "m": frozenset((IncludeCheck.MATCH,)),
    "w": frozenset((IncludeCheck.WILDCARD,)),
    "b": frozenset((IncludeCheck.BRACE,)),
    "a": ALL_CHECKS,
}


class Inclusion(NamedTuple):
    """An ``include`` at ``place``; ``file`` is what it is relative to: another one, where a definition was put in."""

    pattern: str
    file: str
    place: Place
    checks: Checks


class IncludedFile(NamedTuple):
    name: str
    text: str


class Includes(Surroundings, Protocol):
    """Where included text comes from."""

    def enter(self, inclusion: Inclusion, findings: Findings) -> Iterator[IncludedFile]:
        """Each file that the pattern names, in order. Reports what is missing or cannot be read."""


def include(text: str) -> Optional[tuple[str, Checks]]:
    """The pattern of an ``include`` line, and what its variant insists on."""
    match = _INCLUDE.fullmatch(text)
    return (match["pattern"].strip(WHITE_SPACE), _VARIANTS[match["variant"]]) if match else None


def include_check(text: str) -> Optional[list[str]]:
    """The options of an ``include_check`` line."""
    match = _INCLUDE_CHECK.fullmatch(text)
    return match["options"].split() if match else None


def changed(checks: Checks, options: list[str], place: Place, findings: Findings) -> Checks:
    """``checks`` after ``options``: none ask for all; a sign adds or takes away from there on, no sign begins anew."""
    if not options:
        return ALL_CHECKS
    wanted = checks if options[0][0] in "+-" else NO_CHECKS
    taken = False
    for option in options:
        taken = option[0] == "-" if option[0] in "+-" else taken
        check = _check(option.lstrip("+-"))
        if check is None:
            expected = ", ".join(each.value for each in IncludeCheck)
            findings.error(place, f"include_check has the unknown option {shown(option)}, expected some of {expected}")
        else:
            wanted = wanted - {check} if taken else wanted | {check}
    return wanted


def _check(name: str) -> Optional[IncludeCheck]:
    return {"readable": IncludeCheck.READABLE, **{check.value: check for check in IncludeCheck}}.get(name)
