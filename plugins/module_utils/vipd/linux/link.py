# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of one interface. ``links.py`` finds it out; both processes speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Optional

from ..wire.address import Address


@dataclass(frozen=True)
class Link:
    """``mac`` is empty for an interface without one.

    ``address`` (IPv4) and ``link_local`` (IPv6) are its primary addresses, None without any but VIPs. ``addresses`` are
    all that may be the source of a packet: no VIPs, no tentative ones. ``kind`` is the kernel's word for a virtual
    interface, and ``base`` the index of the one it stands on, or 0.
    """

    name: str
    index: int
    mac: bytes
    up: bool
    address: Optional[IPv4Address]
    link_local: Optional[IPv6Address] = None
    addresses: frozenset[Address] = frozenset()
    kind: str = ""
    base: int = 0
