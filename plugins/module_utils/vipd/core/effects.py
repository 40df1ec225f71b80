# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done: the only way anything leaves the core. Imperative, frozen, in order.

The runtime carries effects out in the order given; ``runtime/interpreter.py`` is the one place
that does, and it refuses an effect it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Union

from ..config.model import Command, VirtualAddress
from ..wire.vrrp import Advert


@dataclass(frozen=True)
class SendAdvert:
    """Multicast ``advert`` on ``interface`` from ``source``."""

    interface: str
    source: IPv4Address
    advert: Advert


@dataclass(frozen=True)
class AddAddresses:
    """``interface`` is where VIPs without a ``dev`` of their own go."""

    interface: str
    addresses: tuple[VirtualAddress, ...]


@dataclass(frozen=True)
class RemoveAddresses:
    interface: str
    addresses: tuple[VirtualAddress, ...]


@dataclass(frozen=True)
class AnnounceAddresses:
    """Send gratuitous ARP, ``repeat`` times for each address."""

    interface: str
    addresses: tuple[VirtualAddress, ...]
    repeat: int


@dataclass(frozen=True)
class RunNotify:
    """Run the operator's notify commands, in this order, after those of earlier transitions."""

    instance: str
    state: str
    commands: tuple[Command, ...]


@dataclass(frozen=True)
class RecordTransition:
    """An instance changed state; ``reason`` is a clause a person can read."""

    instance: str
    before: str
    after: str
    priority: int
    reason: str


@dataclass(frozen=True)
class Log:
    """``level`` is ``info`` or ``warning``."""

    level: str
    text: str


Effect = Union[
    SendAdvert,
    AddAddresses,
    RemoveAddresses,
    AnnounceAddresses,
    RunNotify,
    RecordTransition,
    Log,
]
