# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node should think of itself, worked out anew from what it was told: the core is not asked.

Source: keepalived.conf(5), not vipd/core/tracking.py; a mistake there must not be a mistake here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vipd.config.model import Config, VrrpInstance
from vipd.core.events import ConfigLoaded, Event, LinkChanged, ScriptFinished
from vipd.wire.address import Address

from .site import OWNER, PRIMARY, TRACKED


@dataclass
class View:
    """All that a node has been told since its daemon started."""

    config: Config = field(default_factory=Config)
    links_up: dict[str, bool] = field(default_factory=dict)
    script_succeeds: bool | None = None
    instances: dict[int, VrrpInstance] = field(default_factory=dict)
    priorities: dict[int, int] = field(default_factory=dict)
    told_at: float = -1.0

    def learn(self, event: Event, now: float) -> None:
        self.told_at = now
        if isinstance(event, LinkChanged):
            self.links_up[event.interface] = event.up
        elif isinstance(event, ScriptFinished):
            self.script_succeeds = event.success
        elif isinstance(event, ConfigLoaded):
            self.config = event.config
        self.instances = {one.virtual_router_id: one for one in self.config.instances}
        self.priorities = {vrid: self._priority(one) for vrid, one in self.instances.items()}

    def _priority(self, one: VrrpInstance) -> int:
        if one.priority == OWNER:
            return OWNER
        amount = one.priority
        for weight, good in self._tracked(one):
            if (weight > 0 and good) or (weight < 0 and good is False):
                amount += weight
        return max(1, min(254, amount))

    def eligible(self, vrid: int) -> bool:
        """Nothing rules it out from being master."""
        return not self.faulty(vrid) and not self.undecided(vrid)

    def faulty(self, vrid: int) -> bool:
        return not self.links_up.get(PRIMARY, False) or any(good is False for good in self._deciding(vrid))

    def undecided(self, vrid: int) -> bool:
        """A script that may rule it out has not run yet."""
        return any(good is None for good in self._deciding(vrid))

    def _deciding(self, vrid: int) -> list[bool | None]:
        return [good for weight, good in self._tracked(self.instances[vrid]) if weight == 0]

    def _tracked(self, one: VrrpInstance) -> list[tuple[int, bool | None]]:
        scripts = {script.name: script.weight for script in self.config.scripts}
        tracked = [(scripts[track.name], self.script_succeeds) for track in one.tracks.scripts]
        return tracked + [(track.weight, self.links_up.get(TRACKED, False)) for track in one.tracks.interfaces]

    def vrid_of(self, address: Address) -> int | None:
        for vrid, one in self.instances.items():
            if any(vip.address == address for vip in one.virtual_ipaddress):
                return vrid
        return None

    def must_respect(self, vrid: int, priority: int) -> bool:
        """Whether a living master of this priority keeps the node waiting."""
        return priority >= self.priorities[vrid] or self.instances[vrid].nopreempt
