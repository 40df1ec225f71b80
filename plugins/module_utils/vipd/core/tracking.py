# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripts and interfaces, weighed: from what is tracked to an instance's priority and faults.

Counts and adds; never runs a script and never looks at a link. The results go to ``instance.py``.
Source: keepalived.conf(5), vrrp_script, track_script and track_interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Optional

from ..config.model import OWNER_PRIORITY, TrackInterface, TrackScript, VrrpInstance, VrrpScript
from .events import LinkChanged


class ScriptResult:
    """The standing of one vrrp_script: up, down, or not known before its first run.

    ``rise`` successes in a row bring it up and ``fall`` failures in a row take it down, but the
    very first run decides at once, unless ``init_fail`` made it start down.
    """

    def __init__(self, config: VrrpScript) -> None:
        self.config = config
        self.up: Optional[bool] = False if config.init_fail else None
        self.detail = "has not run yet"
        self._contrary_runs = 0

    def finished(self, success: bool, detail: str) -> None:
        """Take in one run."""
        self.detail = detail
        if success == self.up:
            self._contrary_runs = 0
            return
        self._contrary_runs += 1
        needed = self.config.rise if success else self.config.fall
        if self.up is None or self._contrary_runs >= needed:
            self.up = success
            self._contrary_runs = 0


@dataclass(frozen=True)
class Adjustment:
    """What one tracked thing does to the priority now; ``reason`` is a clause."""

    amount: int
    reason: str


@dataclass(frozen=True)
class Health:
    """All that tracking says of an instance at one moment.

    ``undecided`` names a check that could be a fault and has not run yet.
    """

    priority: int
    address: Optional[IPv4Address]
    faults: tuple[str, ...] = ()
    undecided: Optional[str] = None
    adjustments: tuple[Adjustment, ...] = ()


def weigh(
    instance: VrrpInstance,
    links: Mapping[str, LinkChanged],
    scripts: Mapping[str, ScriptResult],
) -> Health:
    """Weigh everything an instance tracks."""
    link = links.get(instance.interface)
    address = link.address if link else None
    tracked = [_interface(track, links) for track in instance.tracks.interfaces]
    tracked += [_script(track, scripts[track.name]) for track in instance.tracks.scripts]

    faults = _primary_faults(instance, link)
    faults += [item.reason for item in tracked if item.weight == 0 and item.good is False]
    undecided = [item.reason for item in tracked if item.weight == 0 and item.good is None]
    adjustments = [item.adjustment() for item in tracked if item.weight != 0]
    return Health(
        priority=effective_priority(instance.priority, adjustments),
        address=address,
        faults=tuple(faults),
        undecided=undecided[0] if undecided else None,
        adjustments=tuple(item for item in adjustments if item.amount),
    )


def effective_priority(base: int, adjustments: list[Adjustment]) -> int:
    """The base and all adjustments, held to 1..254; the owner's 255 stays as it is."""
    if base == OWNER_PRIORITY:
        return OWNER_PRIORITY
    return max(1, min(254, base + sum(item.amount for item in adjustments)))


@dataclass(frozen=True)
class _Tracked:
    """One tracked thing, in its own direction: ``good`` is None while it is not known."""

    good: Optional[bool]
    weight: int
    reverse: bool
    reason: str

    def adjustment(self) -> Adjustment:
        """A positive weight counts while good, a negative one while not; reverse flips the sign."""
        counts = self.good is (self.weight > 0)
        sign = -1 if self.reverse else 1
        return Adjustment(sign * self.weight if counts else 0, self.reason)


def _primary_faults(instance: VrrpInstance, link: Optional[LinkChanged]) -> list[str]:
    if link is None:
        return [f"interface {instance.interface} does not exist"]
    faults = []
    if not link.up and not instance.dont_track_primary:
        faults.append(f"interface {instance.interface} is down")
    if link.address is None:
        faults.append(f"interface {instance.interface} has no IPv4 address")
    return faults


def _interface(track: TrackInterface, links: Mapping[str, LinkChanged]) -> _Tracked:
    link = links.get(track.name)
    up = link is not None and link.up
    reason = f"interface {track.name} is {'up' if up else 'down'}"
    return _Tracked(_good(up, track.weight, track.reverse), track.weight, track.reverse, reason)


def _script(track: TrackScript, result: ScriptResult) -> _Tracked:
    weight, reverse = track.weight, track.reverse
    if weight is None:
        weight, reverse = result.config.weight, result.config.reverse
    reason = f"script {track.name} {result.detail}"
    return _Tracked(_good(result.up, weight, reverse), weight, reverse, reason)


def _good(up: Optional[bool], weight: int, reverse: bool) -> Optional[bool]:
    """With weight 0, ``reverse`` makes a success the fault; with a weight it flips only the sign."""
    return not up if weight == 0 and reverse and up is not None else up
