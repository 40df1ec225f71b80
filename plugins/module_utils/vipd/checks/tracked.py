# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a configuration tracks, whoever does: what nobody tracks is not run, counted or read."""

from __future__ import annotations

from ..config.model import Config, Tracks


def all_tracks(config: Config) -> list[Tracks]:
    """The tracks of every instance and sync group."""
    return [
        *(instance.tracks for instance in config.instances),
        *(group.tracks for group in config.sync_groups),
    ]
