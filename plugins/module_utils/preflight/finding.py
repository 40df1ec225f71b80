# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found, and what a node shall run. The nouns of this package; nothing here looks at a node."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Callable, Union

Address = Union[IPv4Address, IPv6Address]
Interface = Union[IPv4Interface, IPv6Interface]
# A program's exit status and what it said; None where there is no such program.
Run = Callable[..., "tuple[int, str] | None"]

ERROR = "error"
WARNING = "warning"
INFO = "info"


@dataclass(frozen=True)
class Finding:
    """``check`` names the question that was asked."""

    check: str
    severity: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Router:
    """One instance that the node shall run. ``peers`` is empty where adverts are multicast."""

    interface: str
    vrid: int
    addresses: tuple[Interface, ...]
    peers: tuple[Address, ...] = ()

    @property
    def vips(self) -> tuple[Address, ...]:
        return tuple(one.ip for one in self.addresses)
