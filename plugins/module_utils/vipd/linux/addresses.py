# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares the messages that add and remove VIPs. For the worker process.

``runtime/`` hands the bytes to the VRRP process, which sends them through ``rtnetlink.py`` when the state changes.
Numbers are those of <linux/if_addr.h>.
"""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Interface, ip_address
from typing import Optional

from ..config.network import VirtualAddress
from . import netlink
from .netlink import Attributes

_BODY = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, interface index
_U32 = struct.Struct("=I")
_LIFETIMES = struct.Struct("=IIII")  # preferred, valid, and two times that the kernel sets

NEW_ADDRESS, DELETE_ADDRESS = 20, 21
_ADDRESS, _LOCAL, _LABEL, _BROADCAST, _LIFETIME, _FLAGS, _PROTOCOL = 1, 2, 3, 4, 6, 8, 11
_NO_DETECTION, _HOME, _MANAGE_TEMPORARY, _NO_PREFIX_ROUTE, _AUTOJOIN = 0x02, 0x10, 0x100, 0x200, 0x400

SCOPES = {"global": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255}

# Who put an address there, as `ip -d address` shows it: keepalived's number of <linux/rtnetlink.h>.
PROTOCOL_KEEPALIVED = 0x12

_FOR_EVER = 0xFFFFFFFF
_HOST_LENGTH = {4: 32, 6: 128}


def encode_add(ifindex: int, vip: VirtualAddress) -> bytes:
    """The message that configures ``vip``; the kernel answers EEXIST when it is there already."""
    attributes = _ends(vip)
    broadcast = _broadcast(vip)
    if broadcast is not None:
        attributes.append((_BROADCAST, ip_address(broadcast).packed))
    if vip.label is not None and vip.address.version == 4:
        attributes.append((_LABEL, vip.label.encode() + b"\0"))
    preferred_s = _preferred_s(vip)
    if preferred_s != _FOR_EVER:
        attributes.append((_LIFETIME, _LIFETIMES.pack(preferred_s, _FOR_EVER, 0, 0)))
    attributes.append((_FLAGS, _U32.pack(_flags(vip))))
    attributes.append((_PROTOCOL, bytes([PROTOCOL_KEEPALIVED])))
    return netlink.encode(NEW_ADDRESS, netlink.CREATE | netlink.EXCL, _body(ifindex, vip), attributes)


def encode_delete(ifindex: int, vip: VirtualAddress) -> bytes:
    """The message that removes ``vip``, whatever its label; the kernel answers EADDRNOTAVAIL when it is not there."""
    return netlink.encode(DELETE_ADDRESS, 0, _body(ifindex, vip), _ends(vip))


def _body(ifindex: int, vip: VirtualAddress) -> bytes:
    family = socket.AF_INET if vip.address.version == 4 else socket.AF_INET6
    return _BODY.pack(family, _prefix_length(vip), 0, _scope(vip.scope), ifindex)


def _ends(vip: VirtualAddress) -> Attributes:
    """Our end, and the far one: the address itself where the interface has no peer."""
    far = ip_address(vip.peer.partition("/")[0]) if vip.peer else vip.address
    return [(_LOCAL, vip.address.packed), (_ADDRESS, far.packed)]


def _prefix_length(vip: VirtualAddress) -> int:
    """With a peer the prefix is the peer's, a host's unless it was said."""
    if not vip.peer:
        return vip.prefix_length
    _far, _slash, length = vip.peer.partition("/")
    return int(length) if length else _HOST_LENGTH[vip.address.version]


def _preferred_s(vip: VirtualAddress) -> int:
    """An IPv6 /128 is never chosen as the source of what this host sends, as keepalived has it."""
    if vip.preferred_lft_s is not None:
        return vip.preferred_lft_s
    return 0 if vip.address.version == 6 and _prefix_length(vip) == 128 else _FOR_EVER


def _flags(vip: VirtualAddress) -> int:
    """IPv6 without duplicate address detection: it would keep a VIP from answering for a second after a takeover."""
    flags = _NO_DETECTION if vip.address.version == 6 and not vip.dad else 0
    for wanted, flag in (
        (vip.home, _HOME),
        (vip.mngtmpaddr, _MANAGE_TEMPORARY),
        (vip.noprefixroute, _NO_PREFIX_ROUTE),
        (vip.autojoin, _AUTOJOIN),
    ):
        flags |= flag if wanted else 0
    return flags


def _scope(name: Optional[str]) -> int:
    if name is None:
        return SCOPES["global"]
    return int(name) if name.isdigit() else SCOPES[name]


def _broadcast(vip: VirtualAddress) -> Optional[str]:
    """Like keepalived and ip(8), none unless asked for; a /31, a /32 and IPv6 have none to compute."""
    if vip.address.version == 6:
        return None
    if vip.broadcast not in ("+", "-"):
        return vip.broadcast
    if vip.prefix_length > 30:
        return None
    network = IPv4Interface(f"{vip.address}/{vip.prefix_length}").network
    return str(network.broadcast_address if vip.broadcast == "+" else network.network_address)
