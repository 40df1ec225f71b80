# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IP addresses of both families, and their octets."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Union

Address = Union[IPv4Address, IPv6Address]

IPV4_LENGTH = 4

# Where adverts go.
GROUP = IPv4Address("224.0.0.18")
GROUP6 = IPv6Address("ff02::12")

# An advert names at most 255 addresses, and a segment has few routers: enough for both, small enough to forget.
_REMEMBERED_ADDRESSES = 512


# Adverts repeat the same addresses for years; making an address costs as much as the rest of decoding.
@lru_cache(maxsize=_REMEMBERED_ADDRESSES)
def unpack(octets: bytes) -> Address:
    """The address that is written in four octets, or in sixteen; the inverse of its ``packed``."""
    return IPv4Address(octets) if len(octets) == IPV4_LENGTH else IPv6Address(octets)
