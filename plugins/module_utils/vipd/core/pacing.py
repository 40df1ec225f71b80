# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast announcements leave an interface: the rest of a set waits its turn.

Takes effects and gives back those that may go at once; what waits is given out when its time has come, and never after
the address has gone. Source: keepalived.conf(5), vrrp_garp_interval, vrrp_gna_interval, garp_group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ..config.model import Config, VirtualAddress
from .deadline import earliest
from .effects import AnnounceAddresses, Effect, RemoveAddresses

_Place = tuple[str, VirtualAddress]  # the interface of the effect, the address


@dataclass
class _Lane:
    """One interface or garp_group, one family: its gap, when it is free again, and how often each address waits."""

    gap_s: float
    free_at: float = 0.0
    waiting: dict[_Place, int] = field(default_factory=dict)

    def next(self) -> Optional[float]:
        return self.free_at if self.waiting else None

    def take(self, now: float) -> Effect:
        """The first in the line goes to its end until it has had all its turns."""
        (interface, vip), turns = next(iter(self.waiting.items()))
        del self.waiting[interface, vip]
        if turns > 1:
            self.waiting[interface, vip] = turns - 1
        self.free_at = now + self.gap_s
        return AnnounceAddresses(interface, (vip,), 1)


class Pacer:
    """All lanes of a node. Without a configured gap it is not active, and effects may pass as they are."""

    def __init__(self) -> None:
        self._config = Config()
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self.is_active = False

    def configure(self, config: Config) -> None:
        """What waits under the old configuration is given up: the second set makes up for it."""
        if config.global_defs == self._config.global_defs and config.garp_groups == self._config.garp_groups:
            return
        self._config, self._lanes = config, {}
        node = config.global_defs
        gaps = [node.vrrp_garp_interval_s, node.vrrp_gna_interval_s]
        gaps += [gap or 0.0 for group in config.garp_groups for gap in (group.garp_interval_s, group.gna_interval_s)]
        self.is_active = any(gaps)

    def next(self) -> Optional[float]:
        return earliest(*(lane.next() for lane in self._lanes.values()))

    def pace(self, effects: list[Effect], now: float) -> list[Effect]:
        """The effects, without the announcements that have to wait, and those whose time has come."""
        paced: list[Effect] = []
        for effect in effects:
            if isinstance(effect, AnnounceAddresses):
                paced += self._announce(effect, now)
            else:
                paced.append(effect)
                if isinstance(effect, RemoveAddresses):
                    self._forget(effect)
        return paced + self._due(now)

    def _due(self, now: float) -> list[Effect]:
        return [lane.take(now) for lane in self._lanes.values() if lane.waiting and lane.free_at <= now]

    def _announce(self, effect: AnnounceAddresses, now: float) -> list[Effect]:
        at_once = []
        for vip in effect.addresses:
            lane = self._lane(vip.dev or effect.interface, vip.address.version)
            if not lane.gap_s:
                at_once.append(vip)
            else:
                place = (effect.interface, vip)
                lane.waiting[place] = max(effect.repeat, lane.waiting.get(place, 0))
        passed: list[Effect] = []
        if at_once:
            passed.append(AnnounceAddresses(effect.interface, tuple(at_once), effect.repeat))
        return passed + self._due(now)

    def _lane(self, interface: str, family: int) -> _Lane:
        """Interfaces of one garp_group share a lane, which is named after the first of them."""
        gap_s, name = self._gap(interface, family)
        return self._lanes.setdefault((name, family), _Lane(gap_s))

    def _gap(self, interface: str, family: int) -> tuple[float, str]:
        for group in self._config.garp_groups:
            if interface in group.interfaces:
                gap_s = group.garp_interval_s if family == 4 else group.gna_interval_s
                return gap_s or 0.0, group.interfaces[0]
        node = self._config.global_defs
        return node.vrrp_garp_interval_s if family == 4 else node.vrrp_gna_interval_s, interface

    def _forget(self, effect: RemoveAddresses) -> None:
        for lane in self._lanes.values():
            for vip in effect.addresses:
                lane.waiting.pop((effect.interface, vip), None)
