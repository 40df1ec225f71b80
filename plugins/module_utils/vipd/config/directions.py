# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tracked thing with a weight of its own but no direction takes the direction of its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable

from .model import Config
from .track_line import Undirected

# Tracks and Config call them alike.
_DEFINED = ("scripts", "processes", "files")


def directed(config: Config) -> Config:
    """With a direction for each track; what ``parse`` read may leave it open."""
    return _changed(config, lambda track, reverse: track.directed(reverse) if isinstance(track, Undirected) else track)


def undirected(config: Config) -> Config:
    """For ``render``: no direction where the definition says the same."""
    return _changed(config, lambda track, reverse: track if track.reverse or reverse else Undirected(track))


def _changed(config: Config, change: Callable[[Any, bool], Any]) -> Config:
    reverse = {name: {one.name for one in getattr(config, name) if one.reverse} for name in _DEFINED}
    return replace(
        config,
        instances=tuple(_with_tracks(one, reverse, change) for one in config.instances),
        sync_groups=tuple(_with_tracks(one, reverse, change) for one in config.sync_groups),
    )


def _with_tracks(one: Any, reverse: Mapping[str, set[str]], change: Callable[[Any, bool], Any]) -> Any:
    if not (one.tracks.scripts or one.tracks.processes or one.tracks.files):
        return one
    changed = {
        name: tuple(change(track, _name(track) in reverse[name]) for track in getattr(one.tracks, name))
        for name in _DEFINED
    }
    return replace(one, tracks=replace(one.tracks, **changed))


def _name(track: Any) -> str:
    name: str = track.track.name if isinstance(track, Undirected) else track.name
    return name
