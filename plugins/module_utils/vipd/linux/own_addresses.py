# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of this node that are its own, and not VIPs that a VRRP daemon put there: for ``vipctl check --here``.

Looks once and blocks meanwhile; ``links.py`` is what a daemon watches addresses with. Numbers are those of
<linux/if_addr.h>.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection

from ..wire.address import Address, unpack
from .addresses import PROTOCOL_KEEPALIVED
from .netlink import attributes
from .netlink_query import dump

_BODY = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, interface index
_GET_ADDRESS = 22
_FAR, _LOCAL, _PROTOCOL = 1, 2, 11


def own_addresses(vips: Collection[Address]) -> frozenset[Address]:
    """All but those in a VRRP daemon's name; before Linux 5.18 no name is kept, and none of ``vips`` is counted."""
    found: dict[Address, int] = {}
    for message in dump(_GET_ADDRESS, bytes(_BODY.size)):
        family, *_others = _BODY.unpack_from(message.body)
        about = attributes(message.body[_BODY.size :])
        if family in (socket.AF_INET, socket.AF_INET6):
            found[unpack(about.get(_LOCAL) or about[_FAR])] = about.get(_PROTOCOL, b"\0")[0]
    named = any(found.values())
    return frozenset(
        address
        for address, protocol in found.items()
        if protocol != PROTOCOL_KEEPALIVED and (named or address not in vips)
    )
