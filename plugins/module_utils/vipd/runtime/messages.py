# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the VRRP process and the worker tell each other: frozen dataclasses, no behaviour.

``channel.py`` carries them. Events and effects of the core travel as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from ..config.model import Address, Config, Route, Rule, VirtualAddress
from ..core.effects import Log, RecordTransition, RunNotify
from ..core.events import (
    Event,
    FileRead,
    MaintenanceChanged,
    ProcessesCounted,
    ScriptFinished,
    YieldEnded,
    YieldRequested,
)
from ..linux.link import Link


@dataclass(frozen=True)
class PreparedItem:
    """Netlink messages that put something into the kernel and take it out again."""

    add: bytes
    delete: bytes


@dataclass(frozen=True)
class PreparedAddress(PreparedItem):
    """``frame`` announces it; empty where no neighbour can be told: loopback and tunnels."""

    frame: bytes = b""


# (interface, address) -> messages; valid as long as the interface keeps its index
PreparedAddresses = Mapping[tuple[str, VirtualAddress], PreparedAddress]


@dataclass(frozen=True)
class Listener:
    """What is received at one interface over one family. ``interface`` is the instances' word for where that is.

    A VMAC interface stands on another, and has a tap: a socket of another kind (``linux/vrrp_tap.py``).
    """

    interface: str
    is_tap: bool = False
    groups: frozenset[Address] = frozenset()
    vrids: frozenset[int] = frozenset()


# (interface, family) -> what to listen for; "" is any interface, for unicast
Listeners = Mapping[tuple[str, int], Listener]


@dataclass(frozen=True)
class Prepared:
    """Worker to VRRP process: everything that a takeover needs, encoded beforehand.

    ``config`` is the running configuration, or a new one; ``links`` are all that it names. The worker may say nothing
    for ``silence_s``; None is as long as it likes.
    """

    config: Config
    links: Mapping[str, Link]
    listeners: Listeners
    addresses: PreparedAddresses
    routes: Mapping[Route, PreparedItem]
    rules: Mapping[Rule, PreparedItem]
    silence_s: Optional[float] = None


@dataclass(frozen=True)
class Refused:
    """Worker to VRRP process: this host cannot do what the first configuration asks for; the log says why."""


@dataclass(frozen=True)
class SnapshotWanted:
    """Worker to VRRP process."""


@dataclass(frozen=True)
class SnapshotPart:
    """VRRP process to worker: some instances, packed (``snapshots.py``). The rest, and what it is for, follow."""

    instances: bytes


@dataclass(frozen=True)
class SnapshotTaken:
    """VRRP process to worker: all but the instances, which went before."""

    node: Mapping[str, Any]


@dataclass(frozen=True)
class Retired:
    """VRRP process to worker: a ``Prepared`` was taken in; what it no longer names is out of use."""


@dataclass(frozen=True)
class DumpWanted:
    """VRRP process to worker: a signal asked for ``what``, a name of ``signals.DUMPS``; instances went before."""

    what: str
    node: Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """VRRP process to worker, when a recording is wanted: what the core was told, and when."""

    at: float
    event: Event


@dataclass(frozen=True)
class ReloadWanted:
    """VRRP process to worker: SIGHUP came."""


@dataclass(frozen=True)
class Stopped:
    """VRRP process to worker: everything is released; run what is queued, then end."""


ToEngine = Union[
    Prepared,
    Refused,
    ScriptFinished,
    ProcessesCounted,
    FileRead,
    YieldRequested,
    YieldEnded,
    MaintenanceChanged,
    SnapshotWanted,
]
ToWorker = Union[
    Recorded,
    RunNotify,
    RecordTransition,
    Log,
    SnapshotPart,
    SnapshotTaken,
    DumpWanted,
    Retired,
    ReloadWanted,
    Stopped,
]
