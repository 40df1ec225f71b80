# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration as frozen dataclasses: what ``parse`` makes, ``render`` writes, the core obeys.

A model never refers to sockets, files or time. Two models are equal when they ask for the same
behaviour: places in the file take no part in equality. ``None`` means "not given"; the effective
value then comes from :class:`GlobalDefs` or keepalived's default (see ``GlobalDefs.garp``).
Field names are keepalived's keywords; units end names. Source: keepalived.conf(5).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Optional


@dataclass(frozen=True)
class Place:
    """Where something stands: ``file:line`` (lines count from 1; 0 means the file as a whole)."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Place("<none>", 0)
OWNER_PRIORITY = 255  # RFC 9568 5.2.4: the node that owns the addresses


@dataclass(frozen=True)
class ScriptUser:
    """The account a script runs as; without ``group``, the account's own."""

    user: str
    group: Optional[str] = None


@dataclass(frozen=True)
class Command:
    """A program and its arguments; run without a shell."""

    argv: tuple[str, ...]
    user: Optional[ScriptUser] = None


@dataclass(frozen=True)
class GarpSettings:
    """When gratuitous ARP is sent; ``None`` inherits (instance <- global_defs <- default)."""

    master_delay_s: Optional[float] = None
    master_repeat: Optional[int] = None
    master_refresh_s: Optional[float] = None
    master_refresh_repeat: Optional[int] = None
    lower_prio_delay_s: Optional[float] = None
    lower_prio_repeat: Optional[int] = None


@dataclass(frozen=True)
class GlobalDefs:
    router_id: Optional[str] = None
    script_user: Optional[ScriptUser] = None
    enable_script_security: bool = False
    garp: GarpSettings = GarpSettings()


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
class VirtualAddress:
    """One line of ``virtual_ipaddress``; ``dev`` None means the instance's interface.

    ``broadcast`` is an address, or ``+`` (host bits set) or ``-`` (host bits clear) as in ip(8).
    """

    address: IPv4Address
    prefix_length: int = 32
    dev: Optional[str] = None
    broadcast: Optional[str] = None
    scope: Optional[str] = None
    label: Optional[str] = None
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix_length}"


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
class VrrpInstance:
    """A ``vrrp_instance`` block. ``auth_pass`` holds at most eight bytes: what goes on the wire."""

    name: str
    interface: str
    virtual_router_id: int
    state: str = "BACKUP"
    priority: int = 100
    advert_int_s: float = 1.0
    auth_pass: Optional[str] = field(default=None, repr=False)
    virtual_ipaddress: tuple[VirtualAddress, ...] = ()
    nopreempt: bool = False
    dont_track_primary: bool = False
    track_interface: tuple[TrackInterface, ...] = ()
    track_script: tuple[TrackScript, ...] = ()
    notify_master: Optional[Command] = None
    notify_backup: Optional[Command] = None
    notify_fault: Optional[Command] = None
    notify_stop: Optional[Command] = None
    notify: Optional[Command] = None
    garp: GarpSettings = GarpSettings()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Config:
    global_defs: GlobalDefs = GlobalDefs()
    scripts: tuple[VrrpScript, ...] = ()
    instances: tuple[VrrpInstance, ...] = ()
