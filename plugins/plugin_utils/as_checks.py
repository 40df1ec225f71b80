# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripts that instances track as ``…_checks`` says them, and which of these count in which instance.

Look next at ``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    NOWHERE,
    Config,
    TrackScript,
    VrrpScript,
)
from ansible_collections.lbha.pair.plugins.plugin_utils import as_variables
from ansible_collections.lbha.pair.plugins.plugin_utils.routers import Router
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import Sayings


def say_checks(routers: list[Router], configs: Mapping[str, Config], sayings: Sayings) -> dict[str, list[VrrpScript]]:
    """The checks of each host; other scripts are passed through."""
    tracked = [{host: one.tracks.scripts for host, one in router.instances.items()} for router in routers]
    checks = {host: _checks([one[host] for one in tracked], config) for host, config in configs.items()}
    sayings.share(
        "checks", {host: [as_variables.check(script) for script in scripts] for host, scripts in checks.items()}
    )
    for said, seen in zip(sayings.instances, tracked, strict=True):
        own = {host: _own_tracks(tracks, checks[host]) for host, tracks in seen.items()}
        sayings.excepting(said, "checks", {host: names for host, names in own.items() if names is not None})
    return checks


def _checks(tracked: list[tuple[TrackScript, ...]], config: Config) -> list[VrrpScript]:
    """What all instances of the host track alike is weighed where it is defined."""
    defined = {one.name: replace(one, place=NOWHERE) for one in config.scripts if _is_a_check(one)}
    if all(tracks == tracked[0] for tracks in tracked):
        return [_weighed(track, defined[track.name]) for track in tracked[0] if track.name in defined]
    names = dict.fromkeys(track.name for tracks in tracked for track in tracks)
    return [defined[name] for name in names if name in defined]


def _is_a_check(script: VrrpScript) -> bool:
    """A role wants the full path of a program; what keepalived looks for in its PATH is passed through."""
    return bool(script.command.argv) and script.command.argv[0].startswith("/")


def _weighed(track: TrackScript, script: VrrpScript) -> VrrpScript:
    return script if track.weight is None else replace(script, weight=track.weight, reverse=track.reverse)


def _own_tracks(tracks: tuple[TrackScript, ...], checks: list[VrrpScript]) -> list[Any] | None:
    """None where the instance tracks all checks as they are."""
    defined = {script.name: script for script in checks}
    found = [_weighed(track, defined[track.name]) for track in tracks if track.name in defined]
    if len(found) == len(tracks) and found == checks:
        return None
    return as_variables.track_scripts(tracks)
