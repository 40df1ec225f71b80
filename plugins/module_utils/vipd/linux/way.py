# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a packet of this node gets to an address: to the node itself, to a neighbour, by a router, or not at all.

Asks the kernel's routing, and sends nothing. Source: rtnetlink(7).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from enum import Enum

from ..config.network import Address
from .netlink import Message, attribute, attributes
from .netlink_query import get_each

# Numbers of <linux/rtnetlink.h>
_GET_ROUTE = 26
_BODY = struct.Struct(
    "=BBBBBBBBI"
)  # family, lengths of destination and source, TOS, table, protocol, scope, type, flags
_DESTINATION, _GATEWAY, _VIA = 1, 5, 18
_LOCAL = 2
_TYPE_AT = 7  # of the body's fields
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


class Way(Enum):
    OURSELVES = "to this node itself"
    NEIGHBOUR = "straight to a neighbour"
    ROUTER = "by a router"
    NONE = "no way"


def ways_to(addresses: Collection[Address]) -> dict[Address, Way]:
    return dict(zip(addresses, map(_way, get_each(_GET_ROUTE, map(_question, addresses)))))


def _question(address: Address) -> bytes:
    body = _BODY.pack(_FAMILIES[address.version], address.max_prefixlen, 0, 0, 0, 0, 0, 0, 0)
    return body + attribute(_DESTINATION, address.packed)


def _way(answers: list[Message]) -> Way:
    if not answers:  # unreachable, prohibited
        return Way.NONE
    (answer,) = answers
    if _BODY.unpack_from(answer.body)[_TYPE_AT] == _LOCAL:
        return Way.OURSELVES
    about = attributes(answer.body[_BODY.size :])
    return Way.ROUTER if _GATEWAY in about or _VIA in about else Way.NEIGHBOUR
