# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of track_interface, track_script, track_process and track_file: a name and perhaps a weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional, Union

from .address_values import interface_name
from .diagnostics import Findings, shown
from .lexer import Statement
from .number_values import FILE_WEIGHT_MAX, WEIGHT_MAX, Integer, Weight
from .tracked import TrackFile, TrackInterface, TrackProcess, TrackScript
from .values import BadValueError, direction, extra
from .words import word

Tracked = Union[TrackScript, TrackProcess, TrackFile]


@dataclass(frozen=True)
class TrackInterfaceLine:
    """``IF [weight N [reverse]]``."""

    def read(self, statement: Statement, findings: Findings) -> TrackInterface:
        weight, way = _tracked(statement, findings, Integer(-WEIGHT_MAX, WEIGHT_MAX), ("reverse",))
        return TrackInterface(interface_name(statement.keyword), weight or 0, way == "reverse", statement.place)

    def write(self, value: TrackInterface) -> str:
        if not value.weight and not value.reverse:
            return word(value.name)
        return f"{word(value.name)} weight {Weight().write((value.weight, value.reverse))}"


@dataclass(frozen=True)
class Undirected:
    """A weight without a direction: that of what is tracked applies, once all definitions are read."""

    track: Tracked

    def directed(self, reverse: bool) -> Tracked:
        return replace(self.track, reverse=reverse)


@dataclass(frozen=True)
class TrackLine:
    """``NAME [weight N [reverse|noreverse]]``."""

    kind: type[Tracked]
    weight_max: int = WEIGHT_MAX

    def read(self, statement: Statement, findings: Findings) -> Union[Tracked, Undirected]:
        number = Integer(-self.weight_max, self.weight_max)
        weight, way = _tracked(statement, findings, number, ("reverse", "noreverse"))
        track = self.kind(statement.keyword, weight, way == "reverse", statement.place)
        return Undirected(track) if weight is not None and not way else track

    def write(self, value: Union[Tracked, Undirected]) -> str:
        track = value.track if isinstance(value, Undirected) else value
        if track.weight is None:
            return word(track.name)
        text = f"{word(track.name)} weight {Weight().write((track.weight, track.reverse))}"
        return text if track.reverse or isinstance(value, Undirected) else f"{text} noreverse"


TRACK_SCRIPT = TrackLine(TrackScript)
TRACK_PROCESS = TrackLine(TrackProcess, FILE_WEIGHT_MAX)
TRACK_FILE = TrackLine(TrackFile, FILE_WEIGHT_MAX)


def _tracked(
    statement: Statement, findings: Findings, number: Integer, directions: tuple[str, ...]
) -> tuple[Optional[int], str]:
    """The weight, None where none is given, and the direction, empty where none is given."""
    if not statement.arguments:
        return None, ""
    option, *rest = statement.arguments
    if option != "weight":
        raise BadValueError(f"{shown(statement.keyword)} has the unknown option {shown(option)}, expected weight")
    if not rest:
        raise BadValueError(f"the weight of {shown(statement.keyword)} has no value")
    extra(statement, 3, findings)
    try:
        return number.parse(rest[0]), direction(rest[1:], directions)
    except BadValueError as error:
        raise BadValueError(f"the weight of {shown(statement.keyword)} {error}") from None
