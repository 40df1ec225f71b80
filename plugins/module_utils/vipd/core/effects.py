# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done: the only way anything leaves the core. Imperative, frozen, in order.

The runtime carries effects out in the order given; ``runtime/interpreter.py`` is the one place
that does, and it refuses an effect it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from ..config.model import Address, Command, Route, Rule, VirtualAddress
from ..wire.vrrp import TTL, Advert, Checksum


@dataclass(frozen=True)
class SendAdvert:
    """Send ``advert`` from ``source`` to each of ``destinations``: the group alone, or the unicast peers.

    ``interface`` is where the packets leave (a VMAC interface where there is one); empty: the kernel's routes say it.
    ``checksum`` matters in version 3 over IPv4 alone.
    """

    interface: str
    source: Address
    advert: Advert
    destinations: tuple[Address, ...]
    ttl: int = TTL
    checksum: Checksum = Checksum.PSEUDO_HEADER


@dataclass(frozen=True)
class AddAddresses:
    """``interface`` is where VIPs without a ``dev`` of their own go: the VMAC interface where there is one."""

    interface: str
    addresses: tuple[VirtualAddress, ...]


@dataclass(frozen=True)
class RemoveAddresses:
    """``interface`` as in :class:`AddAddresses`."""

    interface: str
    addresses: tuple[VirtualAddress, ...]


@dataclass(frozen=True)
class AnnounceAddresses:
    """Send gratuitous ARP, or unsolicited neighbour advertisements, ``repeat`` times for each address."""

    interface: str
    addresses: tuple[VirtualAddress, ...]
    repeat: int


@dataclass(frozen=True)
class AddRoutes:
    """Into the tables that they name."""

    routes: tuple[Route, ...]


@dataclass(frozen=True)
class RemoveRoutes:
    """Those that are gone already are no failure."""

    routes: tuple[Route, ...]


@dataclass(frozen=True)
class AddRules:
    """With the preferences that they were prepared with."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class RemoveRules:
    """As with routes."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class RunNotify:
    """Something happened that the operator's programs, pipes and mailboxes are told, after what happened before it.

    ``kind`` is INSTANCE or GROUP. ``state`` is one of MASTER, BACKUP, FAULT, STOP, DELETED, or an event of a master or
    backup that stays what it is: MASTER_RX_LOWER_PRI, MASTER_PRIORITY, BACKUP_PRIORITY. ``commands`` are run in this
    order; ``fifo`` writes a line to the notify pipes, ``mail`` sends an alert. Source: keepalived.conf(5).
    """

    instance: str
    state: str
    commands: tuple[Command, ...]
    kind: str = "INSTANCE"
    priority: int = 0
    fifo: bool = True
    mail: bool = False


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
    AddRoutes,
    RemoveRoutes,
    AddRules,
    RemoveRules,
    RunNotify,
    RecordTransition,
    Log,
]
