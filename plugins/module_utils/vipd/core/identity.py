# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who an instance is on the wire: which one of this node's an advert is for, and which one stays over a reload.

An interface, a family and a VRID are nearly always enough. Where several instances share them, whom they speak to tells
them apart; ``config/checks/protocol.py`` refuses what this cannot. Source: keepalived.conf(5) and its reload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Optional

from ..wire.vrrp import ReceivedAdvert
from .instance import Instance
from .settings import Settings

Place = tuple[str, int, int]  # interface, family, VRID


def place(settings: Settings) -> Place:
    return settings.interface, settings.family, settings.vrid


class Listeners:
    """The instances by what they listen for."""

    def __init__(self, instances: Iterable[Instance] = ()) -> None:
        self._at: dict[Place, list[Instance]] = {}
        ones = list(instances)
        for one in ones:
            self._at.setdefault(place(one.settings), []).append(one)
        for one in ones:
            anywhere = self._at.get(("", one.settings.family, one.settings.vrid))
            if anywhere is not None and one.settings.unicast and one.settings.interface:
                anywhere.append(one)  # what is heard on any interface may be for this one

    def recipient(self, interface: str, received: ReceivedAdvert) -> Optional[Instance]:
        """Whom an advert that came in there is for. An instance that is alone judges that itself."""
        ones = self._at.get((interface, received.source.version, received.advert.vrid), ())
        if len(ones) == 1:
            return ones[0]
        return next((one for one in ones if _is_meant(one, interface, received)), None)


def _is_meant(one: Instance, interface: str, received: ReceivedAdvert) -> bool:
    settings = one.settings
    if settings.interface != interface:
        return False
    if settings.unicast:
        return settings.source in (None, received.destination) and received.source in settings.peers
    return received.destination in settings.destinations


def survivors(before: Iterable[Instance], wanted: Mapping[str, Settings]) -> dict[str, Instance]:
    """Who was there before, by the name that it has from now on: a reload may rename it and it stays the same."""
    free: dict[Place, list[Instance]] = {}
    for one in before:
        free.setdefault(place(one.settings), []).append(one)
    found: dict[str, Instance] = {}
    for is_same in (_speaks_alike, _is_named_alike, _is_anybody):
        for name, settings in wanted.items():
            ones = () if name in found else free.get(place(settings), ())
            match = next((one for one in ones if is_same(one.settings, settings)), None)
            if match is not None:
                found[name] = match
                free[place(settings)].remove(match)
    return found


def _speaks_alike(before: Settings, after: Settings) -> bool:
    return (before.source, before.destinations) == (after.source, after.destinations)


def _is_named_alike(before: Settings, after: Settings) -> bool:
    return before.name == after.name


def _is_anybody(_before: Settings, _after: Settings) -> bool:
    """Nearly always it is the only one there, and speaks to others from now on."""
    return True
