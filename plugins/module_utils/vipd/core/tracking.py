# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything tracked, weighed: from what is tracked to an instance's priority and faults.

Counts and adds; never runs a script and never looks at a link. The results go to ``instance.py``.
Source: keepalived.conf(5), track_script, track_interface, track_process, track_file, vrrp_sync_group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ..config.model import OWNER_PRIORITY, Address, TrackFile, TrackInterface, TrackProcess, Tracks, TrackScript
from .events import LinkChanged
from .results import Results
from .settings import Settings

# What one file may add at most, and what it must take off to be a fault (keepalived: 253 and -254).
FILE_MOST = 253
FILE_FAULT = -254

# The weight that a track_file has when nobody gave it one.
FILE_DEFAULT_WEIGHT = 1

OF_ANOTHER = " of its sync group is in FAULT"  # stands in a fault that is another member's


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
    address: Optional[Address]
    faults: tuple[str, ...] = ()
    undecided: Optional[str] = None
    adjustments: tuple[Adjustment, ...] = ()


def weigh(settings: Settings, links: Mapping[str, LinkChanged], results: Results, running: bool = False) -> Health:
    """Weigh everything an instance tracks. ``running``: it has begun to speak from its source address."""
    tracked = [*_tracked(settings.tracks, links, results, settings.weights_count)]
    tracked += _tracked(settings.group_tracks, links, results, weights_count=True)
    address, faults = _source(settings, links, running)
    faults += _deafness(settings, results)
    faults += [item.reason for item in tracked if item.fault]
    adjustments = [Adjustment(item.amount, item.reason) for item in tracked if item.amount]
    return Health(
        priority=effective_priority(settings.priority, adjustments),
        address=address,
        faults=tuple(faults),
        undecided=next((item.reason for item in tracked if item.undecided), None),
        adjustments=tuple(adjustments),
    )


def effective_priority(base: int, adjustments: list[Adjustment]) -> int:
    """The base and all adjustments, held to 1..254; the owner's 255 stays as it is."""
    if base == OWNER_PRIORITY:
        return OWNER_PRIORITY
    return max(1, min(254, base + sum(item.amount for item in adjustments)))


def names(tracks: Tracks) -> Iterator[tuple[str, str]]:
    """(kind, name) of everything tracked, for whoever must know which news concern whom."""
    yield from (("interface", track.name) for track in tracks.interfaces)
    yield from (("script", track.name) for track in tracks.scripts)
    yield from (("process", track.name) for track in tracks.processes)
    yield from (("file", track.name) for track in tracks.files)


# The interface and the source address


def _source(settings: Settings, links: Mapping[str, LinkChanged], running: bool) -> tuple[Optional[Address], list[str]]:
    """Where adverts come from, and what is wrong with that, or with the way out."""
    faults = [] if settings.destinations else ["no unicast_peer is configured, and unicast never multicasts"]
    if not settings.interface:
        return _source_anywhere(settings, links, faults)
    link = links.get(settings.interface)
    if link is None:
        return settings.source, [*faults, f"interface {settings.interface} does not exist"]
    if not link.up and settings.track_primary:
        faults.append(f"interface {settings.interface} is down")
    if settings.source is not None:
        if not _has(link, settings.source) and (settings.track_source or not running):
            faults.append(f"interface {settings.interface} does not have the source address {settings.source}")
        return settings.source, faults
    address: Optional[Address] = link.address if settings.family == 4 else link.link_local
    if address is None:
        kind = "IPv4 address" if settings.family == 4 else "IPv6 link-local address"
        faults.append(f"interface {settings.interface} has no {kind}")
    return address, faults


def _deafness(settings: Settings, results: Results) -> list[str]:
    """A node that hears no master would become one beside it."""
    own = ((interface, settings.family) for interface in (settings.interface, settings.address_interface))
    deaf = next((interface for interface, family in own if (interface, family) in results.deaf_places), None)
    return [] if deaf is None else [f"there is no socket on {deaf or 'any interface'}: the log says why"]


def _source_anywhere(
    settings: Settings, links: Mapping[str, LinkChanged], faults: list[str]
) -> tuple[Optional[Address], list[str]]:
    """Without an interface only the source is known; the kernel's routes find the way."""
    source = settings.source
    if source is None:
        faults.append("neither an interface nor a unicast_src_ip is configured")
    elif settings.track_source and not any(_has(link, source) for link in links.values()):
        faults.append(f"no interface has the source address {source}")
    return source, faults


def _has(link: LinkChanged, address: Address) -> bool:
    return address in link.addresses or address in (link.address, link.link_local)


# What is tracked beyond


@dataclass(frozen=True)
class _Weighed:
    """What one tracked thing does: a fault, nothing known yet, or an amount."""

    reason: str
    fault: bool = False
    undecided: bool = False
    amount: int = 0


def _tracked(
    tracks: Tracks, links: Mapping[str, LinkChanged], results: Results, weights_count: bool
) -> Iterator[_Weighed]:
    """Where weights do not count, interfaces and files of default weight are decided as with weight 0, others left out.

    Source: keepalived's vrrp_sync_group without sync_group_tracking_weight.
    """
    for interface in tracks.interfaces:
        yield _interface(interface if weights_count else replace(interface, weight=0), links)
    for judged in _judged(tracks, results):
        if weights_count or judged.weight == 0:
            yield judged.weighed()
    for track in tracks.files:
        weighed = _file(track, results, weights_count)
        if weighed is not None:
            yield weighed


@dataclass(frozen=True)
class _Judged:
    """Good or not; ``good`` is None while it is not known."""

    good: Optional[bool]
    weight: int
    reverse: bool
    reason: str

    def weighed(self) -> _Weighed:
        """A positive weight counts while good, a negative one while not; reverse flips the sign.

        With weight 0, reverse makes the good case the fault.
        """
        if self.weight:
            counts = self.good is (self.weight > 0)
            return _Weighed(self.reason, amount=(-self.weight if self.reverse else self.weight) if counts else 0)
        return _Weighed(self.reason, fault=self.good is self.reverse, undecided=self.good is None)


def _interface(track: TrackInterface, links: Mapping[str, LinkChanged]) -> _Weighed:
    link = links.get(track.name)
    up = link is not None and link.up
    return _Judged(up, track.weight, track.reverse, f"interface {track.name} is {'up' if up else 'down'}").weighed()


def _judged(tracks: Tracks, results: Results) -> Iterator[_Judged]:
    for script in tracks.scripts:
        ran = results.scripts[script.name]
        weight, reverse = _weight(script, ran.config.weight, ran.config.reverse)
        yield _Judged(ran.up, weight, reverse, f"script {script.name} {ran.detail}")
    for process in tracks.processes:
        counted = results.processes[process.name]
        weight, reverse = _weight(process, counted.config.weight, counted.config.reverse)
        yield _Judged(counted.up, weight, reverse, f"process {process.name} {counted.detail}")


def _file(track: TrackFile, results: Results, weights_count: bool) -> Optional[_Weighed]:
    """The number times the weight; without a weight, any number but 0 is a fault."""
    read = results.files[track.name]
    weight, reverse = _weight(track, read.config.weight, read.config.reverse)
    reason = f"file {track.name} {read.detail}"
    if not weights_count:
        if abs(weight) > FILE_DEFAULT_WEIGHT:
            return None
        weight = 0
    if read.value is None:
        return _Weighed(reason, undecided=weight == 0)
    if weight == 0:
        return _Weighed(reason, fault=read.value != 0)
    amount = read.value * (-weight if reverse else weight)
    return _Weighed(reason, fault=amount <= FILE_FAULT, amount=max(FILE_FAULT, min(FILE_MOST, amount)))


def _weight(track: TrackScript | TrackProcess | TrackFile, weight: int, reverse: bool) -> tuple[int, bool]:
    """The track line's own, else that of what it names."""
    return (weight, reverse) if track.weight is None else (track.weight, track.reverse)
