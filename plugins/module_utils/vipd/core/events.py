# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened: the only way anything enters the core. Past tense, frozen, no behaviour.

Look next at ``effects.py`` (what comes out) and ``router.py`` (which takes these).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Optional, Union

from ..config.model import Config
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
    """An interface as it is now; ``address`` is its primary IPv4 address, VIPs not counted."""

    interface: str
    up: bool
    address: Optional[IPv4Address]


@dataclass(frozen=True)
class AddressRemoved:
    """Another program took an address off ``interface``."""

    interface: str
    address: IPv4Address


@dataclass(frozen=True)
class ScriptFinished:
    """One run of a vrrp_script; ``detail`` says how it ended, for people."""

    name: str
    success: bool
    detail: str = ""


@dataclass(frozen=True)
class StopRequested:
    """The operator or systemd asked the daemon to stop."""


Event = Union[
    ConfigLoaded,
    AdvertReceived,
    PacketRejected,
    DeadlineReached,
    LinkChanged,
    AddressRemoved,
    ScriptFinished,
    StopRequested,
]
