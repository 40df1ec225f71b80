# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tracked: weights that do nothing, checks that come too late to count."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Findings
from ..given import given
from ..model import OWNER_PRIORITY, Config, Place, Tracks, VrrpInstance
from .names import title

# A check that fails late may be meant, to sit out a restart; this much later than a crash is noticed most likely not.
SLOW_CHECK_FACTOR = 10


def weighted(tracks: Tracks, config: Config) -> Iterator[tuple[str, Place]]:
    """What has a weight, its own or that of its definition."""
    for interface in tracks.interfaces:
        if interface.weight:
            yield interface.name, interface.place
    for name in ("scripts", "processes", "files"):
        weights = {one.name: one.weight for one in getattr(config, name)}
        for track in getattr(tracks, name):
            if given(track.weight, weights.get(track.name)):
                yield track.name, track.place


def owners_have_no_weights(config: Config, findings: Findings) -> None:
    """Priority 255 says that the node owns the addresses: keepalived never changes it."""
    for instance in config.instances:
        if instance.priority != OWNER_PRIORITY:
            continue
        for name, place in weighted(instance.tracks, config):
            message = f"{title(instance)}: the weight of {name} has no effect on priority {OWNER_PRIORITY}"
            findings.warning(place, message, "use a lower priority, or weight 0", ours=False)


def members_have_no_weights(config: Config, findings: Findings) -> None:
    """Members of a group that differ in priority would pull it to and fro."""
    members = {
        name: group.name for group in config.sync_groups if not group.sync_group_tracking_weight for name in group.group
    }
    for instance in config.instances:
        for name, place in weighted(instance.tracks, config) if instance.name in members else ():
            message = f"{title(instance)}: the weight of {name} does not count in {members[instance.name]}"
            remedy = "track it in the vrrp_sync_group, or add sync_group_tracking_weight there"
            findings.warning(place, message, remedy, ours=False)


def nothing_is_tracked_twice(config: Config, findings: Findings) -> None:
    """By an instance and by its group; its own interface an instance tracks anyway."""
    groups = {name: group for group in config.sync_groups for name in group.group}
    for instance in config.instances:
        group = groups.get(instance.name)
        if group is None:
            continue
        inherited = {track.name for track in group.tracks.interfaces}
        for track in instance.tracks.interfaces:
            if track.name in inherited:
                message = f"{title(instance)}: {track.name} is tracked by vrrp_sync_group {group.name} too"
                findings.warning(track.place, message, "remove one of the two", ours=False)
        for track in () if instance.dont_track_primary else group.tracks.interfaces:
            if track.name == instance.interface:
                message = (
                    f"{title(instance)}: its interface {track.name} is tracked by vrrp_sync_group {group.name} too"
                )
                findings.warning(track.place, message, "remove it from the group", ours=False)


def checks_are_in_time(config: Config, findings: Findings) -> None:
    """A crash is noticed within the down timer; what is looked at more seldom than that is no part of a failover."""
    scripts = {script.name: script for script in config.scripts}
    for instance in config.instances:
        budget_s = _crash_noticed_s(instance, config)
        for track in instance.tracks.scripts:
            script = scripts.get(track.name)
            if script is None:
                continue
            if script.interval_s > budget_s or script.interval_s * script.fall > SLOW_CHECK_FACTOR * budget_s:
                late_s = script.interval_s * script.fall
                message = f"{title(instance)}: {track.name} needs up to {late_s:g} s to fail, a crash {budget_s:g} s"
                findings.info(track.place, message, "shorten its interval, or lower fall")


def _crash_noticed_s(instance: VrrpInstance, config: Config) -> float:
    adverts = given(instance.down_timer_adverts, config.global_defs.vrrp_down_timer_adverts)
    return round((adverts + 1) * instance.advert_int_s, 2)
