# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened: the only way anything enters the core. Past tense, frozen, no behaviour.

Look next at ``effects.py`` (what comes out) and ``router.py`` (which takes these).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Optional, Union

from ..config.model import Address, Config, Route, Rule
from ..wire.vrrp import ReceivedAdvert


@dataclass(frozen=True)
class ConfigLoaded:
    """A configuration that parsed and passed its checks: the first one, or a reload."""

    config: Config


@dataclass(frozen=True)
class AdvertReceived:
    """A well-formed advert; whether it counts is for the core to say."""

    interface: str
    received: ReceivedAdvert


@dataclass(frozen=True)
class PacketRejected:
    """Bytes that are no VRRP advert; ``reason`` is a ``WireError.reason``."""

    interface: str
    reason: str


@dataclass(frozen=True)
class DeadlineReached:
    """The time that ``next_deadline()`` named has come."""


@dataclass(frozen=True)
class LinkChanged:
    """An interface as it is now.

    ``address`` is its primary IPv4 address and ``link_local`` its IPv6 one, VIPs not counted; ``addresses`` are all
    that may be the source of a packet (tentative ones are not there yet).
    """

    interface: str
    up: bool
    address: Optional[IPv4Address]
    link_local: Optional[IPv6Address] = None
    addresses: frozenset[Address] = frozenset()


@dataclass(frozen=True)
class SocketsMissing:
    """Where no advert can come in or leave, by interface ("" for any) and family; replaces what was told before."""

    places: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class AddressRemoved:
    """Another program took an address off ``interface``."""

    interface: str
    address: Address


@dataclass(frozen=True)
class AddressLost:
    """An address of ours is not on ``interface``, and nobody meant that.

    It went with another that we removed, or with the interface, which was made anew.
    """

    interface: str
    address: Address


@dataclass(frozen=True)
class AddressRefused:
    """The kernel does not let this node have an address on ``interface``; ``why`` is its answer, in words."""

    interface: str
    address: Address
    why: str


@dataclass(frozen=True)
class RouteRemoved:
    """Another program, or an interface that went down, removed a route of ours."""

    route: Route


@dataclass(frozen=True)
class RuleRemoved:
    """Another program removed a rule of ours."""

    rule: Rule


@dataclass(frozen=True)
class ScriptFinished:
    """One run of a vrrp_script; ``detail`` says how it ended, for people."""

    name: str
    success: bool
    detail: str = ""


@dataclass(frozen=True)
class ProcessesCounted:
    """How many processes match a vrrp_track_process now, its delays already waited for."""

    name: str
    count: int


@dataclass(frozen=True)
class FileRead:
    """The number in a vrrp_track_file; a missing file and one without a number count as 0."""

    name: str
    value: int


@dataclass(frozen=True)
class YieldRequested:
    """An operator wants these instances (none named: all) to give their addresses away, and then to back off.

    ``back_off_s`` None is: until told. With ``force`` they let go at once, whether anybody else is there or not.
    """

    instances: tuple[str, ...] = ()
    back_off_s: Optional[float] = None
    force: bool = False


@dataclass(frozen=True)
class YieldEnded:
    """These instances (none named: all) take part as before."""

    instances: tuple[str, ...] = ()


@dataclass(frozen=True)
class MaintenanceChanged:
    """The node is to keep out of elections, or to take part again.

    Without ``force`` a node that is master of something goes on with it, and takes part.
    """

    on: bool
    force: bool = False


@dataclass(frozen=True)
class StopRequested:
    """The operator or systemd asked the daemon to stop."""


Event = Union[
    ConfigLoaded,
    AdvertReceived,
    PacketRejected,
    DeadlineReached,
    LinkChanged,
    SocketsMissing,
    AddressRemoved,
    AddressLost,
    AddressRefused,
    RouteRemoved,
    RuleRemoved,
    ScriptFinished,
    ProcessesCounted,
    FileRead,
    YieldRequested,
    YieldEnded,
    MaintenanceChanged,
    StopRequested,
]
