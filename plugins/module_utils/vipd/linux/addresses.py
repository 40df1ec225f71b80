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

from ..config.model import VirtualAddress

try:
    from pyroute2.netlink import NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST
    from pyroute2.netlink.rtnl import RTM_DELADDR, RTM_NEWADDR
    from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
except ImportError:  # on a controller, which imports this for its tests alone; a node's zipapp holds pyroute2
    pass

SCOPES = {"global": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255}

# Who put an address there, as `ip -d address` shows it: keepalived's number of <linux/rtnetlink.h>.
PROTOCOL_KEEPALIVED = 0x12


def encode_add(ifindex: int, vip: VirtualAddress) -> bytes:
    """The message that configures ``vip``; the kernel answers EEXIST when it is there already."""
    attributes: list[tuple[str, Any]] = [("IFA_LOCAL", str(vip.address)), ("IFA_ADDRESS", str(vip.address))]
    broadcast = _broadcast(vip)
    if broadcast is not None:
        attributes.append(("IFA_BROADCAST", broadcast))
    if vip.label is not None:
        attributes.append(("IFA_LABEL", vip.label))
    attributes.append(("IFA_PROTO", PROTOCOL_KEEPALIVED))
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
    return _encode(RTM_NEWADDR, flags, ifindex, vip, attributes)


def encode_delete(ifindex: int, vip: VirtualAddress) -> bytes:
    """The message that removes ``vip``, whatever its label; the kernel answers EADDRNOTAVAIL when it is not there."""
    attributes = [("IFA_LOCAL", str(vip.address)), ("IFA_ADDRESS", str(vip.address))]
    return _encode(RTM_DELADDR, NLM_F_REQUEST | NLM_F_ACK, ifindex, vip, attributes)


def _encode(kind: int, flags: int, ifindex: int, vip: VirtualAddress, attributes: list[tuple[str, Any]]) -> bytes:
    message = ifaddrmsg()
    message["header"] = {"type": kind, "flags": flags, "sequence_number": 0, "pid": 0}
    message["family"] = socket.AF_INET
    message["prefixlen"] = vip.prefix_length
    message["scope"] = _scope(vip.scope)
    message["index"] = ifindex
    message["attrs"] = attributes
    message.encode()
    return bytes(message.data)


def _scope(name: Optional[str]) -> int:
    if name is None:
        return SCOPES["global"]
    return int(name) if name.isdigit() else SCOPES[name]


def _broadcast(vip: VirtualAddress) -> Optional[str]:
    """Like keepalived and ip(8), none unless asked for; a /31 and a /32 have none to compute."""
    if vip.broadcast not in ("+", "-"):
        return vip.broadcast
    if vip.prefix_length > 30:
        return None
    network = IPv4Interface(f"{vip.address}/{vip.prefix_length}").network
    return str(network.broadcast_address if vip.broadcast == "+" else network.network_address)
