# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares the messages that add and remove VIPs. For the worker process.

``runtime/`` hands the bytes to the VRRP process, which sends them through ``rtnetlink.py`` when the state changes.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Interface
from typing import Any, Optional

from ..config.network import VirtualAddress

try:
    from pyroute2.netlink import NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST
    from pyroute2.netlink.rtnl import RTM_DELADDR, RTM_NEWADDR
    from pyroute2.netlink.rtnl.ifaddrmsg import (
        IFA_F_HOMEADDRESS,
        IFA_F_MANAGETEMPADDR,
        IFA_F_MCAUTOJOIN,
        IFA_F_NODAD,
        IFA_F_NOPREFIXROUTE,
        ifaddrmsg,
    )
except ImportError:  # on a controller, which imports this for its tests alone; a node's zipapp holds pyroute2
    pass

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
        attributes.append(("IFA_BROADCAST", broadcast))
    if vip.label is not None and vip.address.version == 4:
        attributes.append(("IFA_LABEL", vip.label))
    preferred_s = _preferred_s(vip)
    if preferred_s != _FOR_EVER:
        lifetimes = {"ifa_preferred": preferred_s, "ifa_valid": _FOR_EVER, "cstamp": 0, "tstamp": 0}
        attributes.append(("IFA_CACHEINFO", lifetimes))
    attributes.append(("IFA_FLAGS", _flags(vip)))
    attributes.append(("IFA_PROTO", PROTOCOL_KEEPALIVED))
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
    return _encode(RTM_NEWADDR, flags, ifindex, vip, attributes)


def encode_delete(ifindex: int, vip: VirtualAddress) -> bytes:
    """The message that removes ``vip``, whatever its label; the kernel answers EADDRNOTAVAIL when it is not there."""
    return _encode(RTM_DELADDR, NLM_F_REQUEST | NLM_F_ACK, ifindex, vip, _ends(vip))


def _encode(kind: int, flags: int, ifindex: int, vip: VirtualAddress, attributes: list[tuple[str, Any]]) -> bytes:
    message = ifaddrmsg()
    message["header"] = {"type": kind, "flags": flags, "sequence_number": 0, "pid": 0}
    message["family"] = socket.AF_INET if vip.address.version == 4 else socket.AF_INET6
    message["prefixlen"] = _prefix_length(vip)
    message["scope"] = _scope(vip.scope)
    message["index"] = ifindex
    message["attrs"] = attributes
    message.encode()
    return bytes(message.data)


def _ends(vip: VirtualAddress) -> list[tuple[str, Any]]:
    """Our end, and the far one: the address itself where the interface has no peer."""
    far = vip.peer.partition("/")[0] if vip.peer else str(vip.address)
    return [("IFA_LOCAL", str(vip.address)), ("IFA_ADDRESS", far)]


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
    flags: int = IFA_F_NODAD if vip.address.version == 6 and not vip.dad else 0
    for wanted, flag in (
        (vip.home, IFA_F_HOMEADDRESS),
        (vip.mngtmpaddr, IFA_F_MANAGETEMPADDR),
        (vip.noprefixroute, IFA_F_NOPREFIXROUTE),
        (vip.autojoin, IFA_F_MCAUTOJOIN),
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
