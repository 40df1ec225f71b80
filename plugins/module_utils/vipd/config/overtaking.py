# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a failure can change who is master: a weight is there for that, and one may be too small.

Look in ``checks/tracking.py`` for what one node's file shows of weights.
"""

from __future__ import annotations

from collections.abc import Iterator

from .diagnostics import Findings
from .given import given
from .model import OWNER_PRIORITY, Place
from .virtual_router import Member


def failures_can_move_it(members: list[Member], findings: Findings) -> None:
    """A weight that leaves the best node the best does nothing."""
    if len(members) < 2 or any(member.instance.priority == OWNER_PRIORITY for member in members):
        return
    best, second = sorted(members, key=_at_best, reverse=True)[:2]
    for name, weight, place in _weights(best):
        left = _at_best(best) - abs(weight)
        if weight and left >= _at_best(second):
            message = (
                f"{best.title}: when {name} fails its priority is {left}, which is not below the {_at_best(second)}"
                f" of {second.place}"
            )
            remedy = f"use a weight beyond {_at_best(best) - _at_best(second)}, or 0 for a fault"
            findings.warning(place, message, remedy)


def _at_best(member: Member) -> int:
    """Its priority while all that it tracks is well."""
    return member.instance.priority + sum(max(0, weight) for _name, weight, _place in _weights(member))


def _weights(member: Member) -> Iterator[tuple[str, int, Place]]:
    """What is tracked with a weight, but for files: the number in a file can be anything."""
    config, tracks = member.config, member.instance.tracks
    for interface in tracks.interfaces:
        yield interface.name, -interface.weight if interface.reverse else interface.weight, interface.place
    for name in ("scripts", "processes"):
        defined = {one.name: one for one in getattr(config, name)}
        for track in getattr(tracks, name):
            one = defined.get(track.name)
            if one is not None:
                reverse = one.reverse if track.weight is None else track.reverse
                weight = given(track.weight, one.weight)
                yield track.name, -weight if reverse else weight, track.place
