# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be tracked, and who tracks it: scripts, processes, files, interfaces.

A definition says how the thing is judged and what weight it has by default; a track line of an instance or group may
give a weight of its own. Source: keepalived.conf(5), vrrp_script, vrrp_track_process, vrrp_track_file, track_*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from .commands import Command
from .place import NOWHERE, Place


@dataclass(frozen=True)
class VrrpScript:
    """A ``vrrp_script`` block; ``timeout_s`` None means one interval."""

    name: str
    command: Command
    interval_s: float = 1.0
    timeout_s: Optional[float] = None
    weight: int = 0
    reverse: bool = False
    rise: int = 1
    fall: int = 1
    init_fail: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class VrrpTrackProcess:
    """A ``vrrp_track_process`` block: at least ``quorum`` and at most ``quorum_max`` processes run ``process``.

    ``param_match``: None compares all parameters when some are given, ``partial`` the first ones, ``initial`` the first
    ones and of the last its beginning; with either and no parameters given, there must be none. ``fork_delay_s`` and
    ``terminate_delay_s`` hold back a change for the better or the worse; ``full_command`` compares /proc/PID/cmdline's
    path instead of the name in /proc/PID/comm.
    """

    name: str
    process: tuple[str, ...]
    param_match: Optional[str] = None
    weight: int = 0
    reverse: bool = False
    quorum: int = 1
    quorum_max: Optional[int] = None
    fork_delay_s: float = 0.0
    terminate_delay_s: float = 0.0
    full_command: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class VrrpTrackFile:
    """A ``vrrp_track_file`` (``track_file``) block: the number in ``file``, times the weight, is added to the priority.

    ``init_file`` None leaves the file alone; a number is written into it at start, over an existing one when
    ``overwrite``.
    """

    name: str
    file: str
    weight: int = 1
    reverse: bool = False
    init_file: Optional[int] = None
    overwrite: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class TrackInterface:
    """``weight`` 0: interface down means FAULT."""

    name: str
    weight: int = 0
    reverse: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class TrackScript:
    """``weight`` None takes the script's own weight and direction."""

    name: str
    weight: Optional[int] = None
    reverse: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class TrackProcess:
    """``weight`` None takes the definition's own weight and direction."""

    name: str
    weight: Optional[int] = None
    reverse: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class TrackFile:
    """``weight`` None takes the definition's own; weight 0: a number other than 0 in the file means FAULT."""

    name: str
    weight: Optional[int] = None
    reverse: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Tracks:
    """Everything that an instance, or a sync group, tracks."""

    interfaces: tuple[TrackInterface, ...] = ()
    scripts: tuple[TrackScript, ...] = ()
    processes: tuple[TrackProcess, ...] = ()
    files: tuple[TrackFile, ...] = ()


TRACKS_NOTHING = Tracks()
