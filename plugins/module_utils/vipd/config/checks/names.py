# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is named twice, and what is named and not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..diagnostics import Findings
from ..model import Config, Place, VrrpInstance, VrrpSyncGroup

_DEFINED = (
    ("vrrp_script", "scripts"),
    ("vrrp_track_process", "processes"),
    ("track_file", "files"),
    ("vrrp_instance", "instances"),
    ("vrrp_sync_group", "sync_groups"),
    ("track_group", "track_groups"),
)
_TRACKED = (
    ("track_script", "scripts", "vrrp_script"),
    ("track_process", "processes", "vrrp_track_process"),
    ("track_file", "files", "track_file"),
)


def title(one: VrrpInstance | VrrpSyncGroup) -> str:
    return f"{'vrrp_instance' if isinstance(one, VrrpInstance) else 'vrrp_sync_group'} {one.name}"


def trackers(config: Config) -> Iterator[VrrpInstance | VrrpSyncGroup]:
    """Whoever may track something."""
    yield from config.instances
    yield from config.sync_groups


def names_are_unique(config: Config, findings: Findings) -> None:
    for kind, field in _DEFINED:
        repeated(kind, ((one.name, one.place) for one in getattr(config, field)), findings)
    repeated("interface_up_down_delays:", ((one.interface, one.place) for one in config.interface_delays), findings)


def repeated(kind: str, named: Iterable[tuple[object, Place]], findings: Findings, ours: bool = False) -> None:
    """keepalived takes the first, or both."""
    first: dict[object, Place] = {}
    for name, place in named:
        if name in first:
            message = f"{kind} {name} was given before, at {first[name]}"
            findings.error(place, message, "remove or rename one of the two", ours=ours)
        first.setdefault(name, place)


def what_is_tracked_is_defined(config: Config, findings: Findings) -> None:
    for tracker in trackers(config):
        interfaces = ((track.name, track.place) for track in tracker.tracks.interfaces)
        repeated(f"{title(tracker)}: track_interface", interfaces, findings)
        for keyword, field, block in _TRACKED:
            _tracked(tracker, keyword, (getattr(tracker.tracks, field), getattr(config, field), block), findings)


def _tracked(
    tracker: VrrpInstance | VrrpSyncGroup, keyword: str, names: tuple[Any, Any, str], findings: Findings
) -> None:
    tracks, definitions, block = names
    defined = {one.name: one for one in definitions}
    repeated(f"{title(tracker)}: {keyword}", ((track.name, track.place) for track in tracks), findings)
    for track in tracks:
        one = defined.get(track.name)
        if one is None:
            message = f"{title(tracker)} tracks {track.name}, which no {block} defines"
            findings.error(track.place, message, "define it, or remove it here", ours=False)
        elif block == "vrrp_script" and one.place.file == track.place.file and one.place.line > track.place.line:
            message = f"{title(tracker)} tracks {track.name}, which is defined later"
            remedy = "keepalived would not track it: define it further up"
            findings.warning(track.place, message, remedy, ours=False)


def track_groups_are_defined(config: Config, findings: Findings) -> None:
    groups = {group.name for group in config.track_groups}
    for kind in ("static_ipaddress", "static_routes", "static_rules"):
        for line in getattr(config, kind):
            if line.track_group is not None and line.track_group not in groups:
                message = f"{kind}: there is no track_group {line.track_group}"
                findings.error(line.place, message, "define it, or remove it here", ours=False)


def groups_have_members(config: Config, findings: Findings) -> None:
    instances = {instance.name for instance in config.instances}
    for kind, groups in (("vrrp_sync_group", config.sync_groups), ("track_group", config.track_groups)):
        for group in groups:
            for name in sorted(set(group.group) - instances):
                message = f"{kind} {group.name} names {name}, which no vrrp_instance is"
                findings.error(group.place, message, "define it, or remove it here", ours=False)
            for name in sorted({name for name in group.group if group.group.count(name) > 1}):
                message = f"{kind} {group.name} names {name} twice"
                findings.error(group.place, message, "remove one of the two", ours=False)
