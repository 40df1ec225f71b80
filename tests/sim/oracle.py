# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node should think of itself, worked out anew from what it was told: the core is not asked.

Source: keepalived.conf(5), not vipd/core; a mistake there must not be a mistake here. What a link counts as while it is
debounced is in ``debounce.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vipd.config.model import Config, Tracks, VrrpInstance, VrrpSyncGroup
from vipd.core.events import (
    ConfigLoaded,
    Event,
    FileRead,
    LinkChanged,
    MaintenanceChanged,
    ProcessesCounted,
    ScriptFinished,
)
from vipd.wire.address import Address

from .debounce import Debounce
from .giving import OFFER_PRIORITY, Giving
from .segment import PRIMARY, TRACKED
from .site import OWNER

# keepalived: what one file may do to a priority; the lower one is a fault.
FILE_RANGE = (-254, 253)


@dataclass(frozen=True)
class Verdict:
    """Of one tracked thing: an amount, a fault, or nothing known of what may be a fault."""

    amount: int = 0
    fault: bool = False
    unknown: bool = False


@dataclass
class View:
    """All that a node has been told since its daemon started. Times are those of the node's clock."""

    config: Config = field(default_factory=Config)
    links: Debounce = field(default_factory=Debounce)
    address: Address | None = None
    script_succeeds: bool | None = None
    file_says: int | None = None
    processes: int | None = None
    maintenance: bool = False
    giving: Giving = field(default_factory=Giving)
    starts_at: float | None = None
    starting: bool = False
    instances: dict[int, VrrpInstance] = field(default_factory=dict)
    priorities: dict[int, int] = field(default_factory=dict)
    priorities_before: dict[int, int] = field(default_factory=dict)
    told_at: float = -1.0

    def learn(self, event: Event, now: float) -> None:
        if isinstance(event, LinkChanged):
            self.links.told(event.interface, event.up, now)
            if event.interface == PRIMARY:
                self.address = event.address or event.link_local
        elif isinstance(event, ScriptFinished):
            self.script_succeeds = event.success
        elif isinstance(event, FileRead):
            self.file_says = event.value
        elif isinstance(event, ProcessesCounted):
            self.processes = event.count
        elif isinstance(event, MaintenanceChanged):
            self.maintenance = event.on
        elif isinstance(event, ConfigLoaded):
            self._load(event.config, now)
        self.weigh()
        self.priorities_before = self.priorities

    def elapse(self, now: float) -> bool:
        """Time has come to something; whether any delay has ended."""
        self.priorities_before = self.priorities
        ended = self.giving.elapse(now) | self.links.elapse(now)
        if self.starting and self.starts_at is not None and self.starts_at <= now:
            self.starting, ended = False, True
        if ended:
            self.weigh()
        return ended

    def _load(self, config: Config, now: float) -> None:
        self.config = config
        self.links.configure(config)
        self.instances = {one.virtual_router_id: one for one in config.instances}
        if self.starts_at is None:
            self.starts_at = now + config.global_defs.vrrp_startup_delay_s
            self.starting = config.global_defs.vrrp_startup_delay_s > 0

    def weigh(self) -> None:
        self.priorities = {vrid: self._priority(one) for vrid, one in self.instances.items()}

    def _priority(self, one: VrrpInstance) -> int:
        if one.priority == OWNER:
            return OWNER
        if one.virtual_router_id in self.giving.offers:
            return OFFER_PRIORITY
        return max(1, min(254, one.priority + sum(verdict.amount for verdict in self._verdicts(one))))

    # Who may be master

    def eligible(self, vrid: int) -> bool:
        """Nothing rules it out from being master."""
        return not self.maintenance and not self.faulty(vrid) and not self.undecided(vrid)

    def faulty(self, vrid: int) -> bool:
        """It, or another member of its sync group, has a fault; nobody has before the startup delay is over."""
        return not self.starting and any(map(self._fault_of_its_own, self.company(vrid)))

    def undecided(self, vrid: int) -> bool:
        """Something that may rule it out is not known yet."""
        return self.starting or any(
            verdict.unknown for member in self.company(vrid) for verdict in self._verdicts(self.instances[member])
        )

    def company(self, vrid: int) -> list[int]:
        """All members of its sync group; itself alone without one."""
        group = self.group_of(self.instances[vrid])
        if group is None:
            return [vrid]
        return [other for other, one in self.instances.items() if one.name in group.group]

    def group_of(self, one: VrrpInstance) -> VrrpSyncGroup | None:
        return next((group for group in self.config.sync_groups if one.name in group.group), None)

    def _fault_of_its_own(self, vrid: int) -> bool:
        no_address = self.address is None and self.instances[vrid].unicast_src_ip is None
        faults = [verdict.fault for verdict in self._verdicts(self.instances[vrid])]
        return not self.links.is_up(PRIMARY) or no_address or any(faults)

    # What is tracked

    def _verdicts(self, one: VrrpInstance) -> list[Verdict]:
        group = self.group_of(one)
        own = self._tracked(one.tracks, weighed=group is None or group.sync_group_tracking_weight)
        return own + (self._tracked(group.tracks, weighed=True) if group else [])

    def _tracked(self, tracks: Tracks, weighed: bool) -> list[Verdict]:
        """Without weights an interface is a fault, a file of weight 1 too, and what else has a weight is left out."""
        scripts = {script.name: script.weight for script in self.config.scripts}
        processes = {process.name: process.weight for process in self.config.processes}
        running = None if self.processes is None else self.processes >= 1
        judged = [(scripts[track.name], self.script_succeeds) for track in tracks.scripts]
        judged += [(processes[track.name], running) for track in tracks.processes]
        links = [(track.weight if weighed else 0, self.links.is_up(TRACKED)) for track in tracks.interfaces]
        found = [_judged(weight, good) for weight, good in judged if weighed or weight == 0]
        return found + [_judged(weight, up) for weight, up in links] + self._files(tracks, weighed)

    def _files(self, tracks: Tracks, weighed: bool) -> list[Verdict]:
        weights = {file.name: file.weight for file in self.config.files}
        found = [weights[track.name] for track in tracks.files]
        if not weighed:
            found = [0 for weight in found if abs(weight) <= 1]
        return [_file(weight, self.file_says) for weight in found]

    # What it holds, and whom it obeys

    def named(self, names: tuple[str, ...]) -> set[int]:
        """The VRIDs of these instances (none named: of all), and of the others of their sync groups."""
        chosen = [vrid for vrid, one in self.instances.items() if not names or one.name in names]
        return {member for vrid in chosen for member in self.company(vrid)}

    def vrid_of(self, address: Address) -> int | None:
        for vrid, one in self.instances.items():
            if any(vip.address == address for vip in one.virtual_ipaddress):
                return vrid
        return None

    def source(self, vrid: int) -> Address | None:
        """What its adverts come from."""
        return self.instances[vrid].unicast_src_ip or self.address


def _judged(weight: int, good: bool | None) -> Verdict:
    if weight == 0:
        return Verdict(fault=good is False, unknown=good is None)
    counts = good is True if weight > 0 else good is False
    return Verdict(weight if counts else 0)


def _file(weight: int, says: int | None) -> Verdict:
    if weight == 0:
        return Verdict(fault=bool(says), unknown=says is None)
    least, most = FILE_RANGE
    amount = weight * (says or 0)
    return Verdict(max(least, min(most, amount)), fault=amount <= least)
