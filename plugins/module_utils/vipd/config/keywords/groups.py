# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of blocks that put instances or interfaces together: vrrp_sync_group, track_group, garp_group."""

from __future__ import annotations

from ..compound import Line, Name
from ..link_values import OneInterface
from ..model import GarpGroup, TrackGroup, VrrpSyncGroup
from ..number_values import SECONDS_MAX, Seconds
from ..script_line import Script
from ..table import Block, Items, Keyword, Repeated, acts, refuses, replaced, warns
from ..track_line import TRACK_FILE, TRACK_PROCESS, TRACK_SCRIPT, TrackInterfaceLine
from ..values import Boolean, Flag

_INTERVAL = Seconds(0.000001, SECONDS_MAX)
INSTANCES = Items(Line("the name of an instance"), words=True, needed=True)


def tracks() -> tuple[Keyword, ...]:
    """What an instance and a sync group track alike."""
    return (
        acts("track_interface", Items(TrackInterfaceLine()), "tracks.interfaces"),
        acts("track_script", Items(TRACK_SCRIPT), "tracks.scripts"),
        acts("track_process", Items(TRACK_PROCESS), "tracks.processes"),
        acts("track_file", Items(TRACK_FILE), "tracks.files"),
        *refuses("track_bfd"),
    )


def notifies() -> tuple[Keyword, ...]:
    """Whom an instance and a sync group tell alike."""
    return (
        acts("notify_master", Script(), "notify.master"),
        acts("notify_backup", Script(), "notify.backup"),
        acts("notify_fault", Script(), "notify.fault"),
        acts("notify_stop", Script(), "notify.stop"),
        acts("notify", Script(), "notify.any"),
        acts("notify_priority_changes", Boolean()),
        acts("smtp_alert", Boolean()),
    )


SYNC_GROUP = Block(
    (
        acts("group", INSTANCES),
        *tracks(),
        *notifies(),
        acts("sync_group_tracking_weight", Flag()),
        replaced("global_tracking", "track_* in the group", Flag(), "sync_group_tracking_weight"),
        *warns("notify_deleted"),
    ),
    stray="the names of its instances stand in group { }",
)

TRACK_GROUP = Block((acts("group", INSTANCES),))

GARP_GROUP = Block(
    (
        acts("garp_interval", _INTERVAL, "garp_interval_s"),
        acts("gna_interval", _INTERVAL, "gna_interval_s"),
        acts("interface", OneInterface(), "interfaces", alias=True),
        acts("interfaces", Items(Line("the name of an interface"), words=True, needed=True)),
    )
)

SYNC_GROUPS = Repeated(VrrpSyncGroup, SYNC_GROUP, Name(), "name")
TRACK_GROUPS = Repeated(TrackGroup, TRACK_GROUP, Name(), "name")
GARP_GROUPS = Repeated(GarpGroup, GARP_GROUP)
