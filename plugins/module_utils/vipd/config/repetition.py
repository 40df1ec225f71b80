# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``~SEQ(name, first, step, last)`` and ``~LST(name, value, …)``: what the rest of a line is repeated for.

Only reads what stands between the parentheses; ``directives.py`` repeats the line. Source: keepalived.conf(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Optional

TURNS_MAX = 1 << 16  # of one repetition: more than there are hosts in a /16 is a slip of the pen

_HEAD = re.compile(r"~(?P<kind>SEQx?|LST)(?![A-Za-z0-9])[ \t]*(?:\((?P<inside>[^)]*)\)(?P<rest>.*))?")
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(
    "(?P<sign>[+-]?)(?:0[xX](?P<hex>[0-9A-Fa-f]{1,8})|0(?P<octal>[0-7]{1,11})|(?P<decimal>0|[1-9][0-9]{0,9}))"
)
_GROUPED = re.compile(r"\{(?P<names>[^{}]*)\}(?P<values>(?:,\{[^{}]*\}|,[^{},]*)+)")


class RepetitionError(ValueError):
    """``str`` says what is wrong with it, as the end of a sentence."""


class Head(NamedTuple):
    """The beginning of a line that is repeated; ``inside`` None: the parentheses are not there."""

    kind: str
    inside: Optional[str]
    rest: str


class Repetition(NamedTuple):
    """``turns`` gives the values of ``names``, one tuple a turn."""

    names: tuple[str, ...]
    turns: Iterator[tuple[str, ...]]


def head(text: str) -> Optional[Head]:
    match = _HEAD.match(text)
    return Head(match["kind"], match["inside"], (match["rest"] or "").strip(" \t")) if match else None


def repetition(kind: str, inside: str) -> Repetition:
    """Raises RepetitionError."""
    words = re.sub(r"[ \t]*([,{}])[ \t]*", r"\1", inside.strip(" \t"))
    if re.search(r"[ \t]", words):
        raise RepetitionError("has a value with a space in it")
    return _listed(words) if kind == "LST" else _counted(words.split(","), hexadecimal=kind == "SEQx")


def _counted(words: list[str], hexadecimal: bool) -> Repetition:
    if not 2 <= len(words) <= 4:
        raise RepetitionError("needs a name and one to three numbers, (NAME, FIRST, STEP, LAST)")
    numbers = [_number(word) for word in words[1:]]
    last = numbers[-1]
    first = numbers[0] if len(numbers) > 1 else -1 if last < 0 else 1
    step = numbers[1] if len(numbers) > 2 else -1 if last < first else 1
    if step == 0 or (last - first) * step < 0:
        raise RepetitionError(f"never gets from {first} to {last} in steps of {step}")
    if hexadecimal and min(first, last) < 0:
        raise RepetitionError("counts below zero, which ~SEQx cannot")
    turns = range(first, last + (1 if step > 0 else -1), step)
    if len(turns) > TURNS_MAX:
        raise RepetitionError(f"has {len(turns)} turns, more than {TURNS_MAX}")
    return Repetition(_names(words[:1]), ((f"{number:x}" if hexadecimal else str(number),) for number in turns))


def _number(word: str) -> int:
    """As in C: 0x begins hexadecimal digits and 0 octal ones."""
    match = _NUMBER.fullmatch(word)
    if match is None:
        raise RepetitionError("has something that is not a number where one is needed")
    digits, base = next((match[name], base) for name, base in _BASES.items() if match[name])
    return int(f"{match['sign']}{digits}", base)


_BASES = {"hex": 16, "octal": 8, "decimal": 10}


def _listed(words: str) -> Repetition:
    """``name,a,b`` or ``{name,name},{a,b},{c,d}``."""
    grouped = _GROUPED.fullmatch(words)
    if grouped is None and ("{" in words or "}" in words):
        raise RepetitionError("has braces where they have no meaning: write ({NAME,NAME},{VALUE,VALUE},…)")
    name, comma, values = words.partition(",")
    if not comma:
        raise RepetitionError("needs a name and at least one value, (NAME, VALUE, …)")
    if grouped is None:
        return Repetition(_names([name]), ((value,) for value in values.split(",")))
    names = _names(grouped["names"].split(","))
    turns = [group.strip("{}").split(",") for group in re.findall(r",(\{[^{}]*\}|[^{},]*)", grouped["values"])]
    if any(len(turn) != len(names) for turn in turns):
        raise RepetitionError(f"needs {len(names)} values in each pair of braces, one for each name")
    return Repetition(names, iter([tuple(turn) for turn in turns]))


def _names(words: list[str]) -> tuple[str, ...]:
    if not all(map(_NAME.fullmatch, words)):
        raise RepetitionError("needs a name of letters, digits and _ first")
    return tuple(words)
