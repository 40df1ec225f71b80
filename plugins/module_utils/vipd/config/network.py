# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a configuration puts into the kernel: addresses, routes, rules. The kernel's view of them is ``linux/``'s.

Source: keepalived.conf(5), "Static routes/addresses/rules"; ip-address(8), ip-route(8), ip-rule(8).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Optional, Union

from .place import NOWHERE, Place

Address = Union[IPv4Address, IPv6Address]

NAME_MAX = 15  # of an interface: IFNAMSIZ less its NUL


@dataclass(frozen=True)
class VirtualAddress:
    """One line of ``virtual_ipaddress``, ``virtual_ipaddress_excluded`` or ``static_ipaddress``.

    ``dev`` None means the instance's interface (its VMAC interface where it has one). ``broadcast`` is an address, or
    ``+`` (host bits set) or ``-`` (host bits clear) as in ip(8). ``peer`` is an address with or without a prefix
    length. ``dad`` is keepalived's ``-nodad``: without it duplicate address detection is left out. ``preferred_lft_s``
    None means that nothing was said: for ever, and 0 for an IPv6 /128.
    """

    address: Address
    prefix_length: int = 32
    dev: Optional[str] = None
    broadcast: Optional[str] = None
    scope: Optional[str] = None
    label: Optional[str] = None
    peer: Optional[str] = None
    home: bool = False
    dad: bool = False
    mngtmpaddr: bool = False
    noprefixroute: bool = False
    autojoin: bool = False
    preferred_lft_s: Optional[int] = None
    no_track: bool = False
    track_group: Optional[str] = None
    use_vmac: bool = False
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix_length}"


@dataclass(frozen=True)
class NextHop:
    """One ``nexthop`` of a multipath route; ``weight`` counts from 1."""

    via: Optional[Address] = None
    dev: Optional[str] = None
    weight: Optional[int] = None
    onlink: bool = False


@dataclass(frozen=True)
class Route:
    """One line of ``virtual_routes`` or ``static_routes``.

    ``destination`` is ``ADDRESS/LENGTH`` or ``default``; ``kind`` is unicast, blackhole and so on; ``family`` is 4
    or 6; ``table``, ``protocol`` and ``scope`` are names or numbers as written; ``metrics`` are the named numbers of
    ip-route(8) (mtu, advmss, ...) in the order in which they were given; ``tos`` is a name or number as written.
    ``placement`` is add (only where there is none alike) or append (after those alike).
    """

    destination: str
    family: int = 4
    kind: str = "unicast"
    via: Optional[Address] = None
    dev: Optional[str] = None
    source: Optional[Address] = None
    table: Optional[str] = None
    metric: Optional[int] = None
    protocol: Optional[str] = None
    scope: Optional[str] = None
    tos: Optional[str] = None
    onlink: bool = False
    metrics: tuple[tuple[str, str], ...] = ()
    nexthops: tuple[NextHop, ...] = ()
    no_track: bool = False
    track_group: Optional[str] = None
    placement: Optional[str] = None
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return self.destination if self.kind == "unicast" else f"{self.kind} {self.destination}"


@dataclass(frozen=True)
class Rule:
    """One line of ``virtual_rules`` or ``static_rules``; prefixes, names and numbers as written.

    ``action`` is lookup, goto, nop, blackhole, prohibit or unreachable; ``table`` belongs to lookup, ``goto`` (a
    preference) to goto. ``selectors`` are the other pairs of ip-rule(8) (``fwmark``, ``iif``, ``sport``, ...).
    """

    family: int = 4
    source: Optional[str] = None
    destination: Optional[str] = None
    inverted: bool = False
    selectors: tuple[tuple[str, str], ...] = ()
    preference: Optional[int] = None
    action: str = "lookup"
    table: Optional[str] = None
    goto: Optional[int] = None
    no_track: bool = False
    track_group: Optional[str] = None
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        parts = [f"from {self.source}" if self.source else "", f"to {self.destination}" if self.destination else ""]
        parts += [f"{name} {value}" for name, value in self.selectors]
        return " ".join(part for part in parts if part) or "all"
