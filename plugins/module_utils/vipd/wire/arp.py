# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gratuitous ARP and ARP probes (RFC 5227): tells where an address lives now, or asks who has it.

The announcement's form is keepalived's: a broadcast *request* whose sender and target are the announced address. Those
frames are encoded when the configuration is loaded and sent by ``linux/frame_socket.py``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from .errors import Reason, WireError

BROADCAST = b"\xff" * 6
REQUEST = 1

_NOBODY = IPv4Address(0)
_UNKNOWN_MAC = bytes(6)

_ETHERTYPE_ARP = 0x0806
_ETHERNET_IPV4 = struct.pack("!HHBB", 1, 0x0800, 6, 4)
_FRAME = struct.Struct("!6s6sH6sH6s4s6s4s")


@dataclass(frozen=True)
class Arp:
    """An ARP packet in its Ethernet frame; addresses of Ethernet are six octets."""

    destination: bytes
    source: bytes
    operation: int
    sender_mac: bytes
    sender: IPv4Address
    target_mac: bytes
    target: IPv4Address


def encode_gratuitous(mac: bytes, address: IPv4Address) -> bytes:
    """The whole Ethernet frame that announces ``address`` at ``mac``."""
    return encode(Arp(BROADCAST, mac, REQUEST, mac, address, BROADCAST, address))


def encode_probe(mac: bytes, address: IPv4Address) -> bytes:
    """The frame that asks who has ``address``, without a sender: nobody learns from it (RFC 5227 section 2.1.1)."""
    return encode(Arp(BROADCAST, mac, REQUEST, mac, _NOBODY, _UNKNOWN_MAC, address))


def encode(arp: Arp) -> bytes:
    return _FRAME.pack(
        arp.destination,
        arp.source,
        _ETHERTYPE_ARP,
        _ETHERNET_IPV4,
        arp.operation,
        arp.sender_mac,
        arp.sender.packed,
        arp.target_mac,
        arp.target.packed,
    )


def decode(frame: bytes) -> Arp:
    """The inverse of :func:`encode`, Ethernet padding ignored; raises :class:`WireError` and nothing else."""
    if len(frame) < _FRAME.size:
        raise WireError(Reason.TRUNCATED, f"{len(frame)} octets, an ARP frame has {_FRAME.size}")
    fields = _FRAME.unpack_from(frame)
    destination, source, ethertype, hardware, operation, sender_mac, sender, target_mac, target = fields
    if ethertype != _ETHERTYPE_ARP or hardware != _ETHERNET_IPV4:
        raise WireError(Reason.NOT_ARP, f"ethertype {ethertype:#06x}, expected ARP for IPv4 over Ethernet")
    return Arp(destination, source, operation, sender_mac, IPv4Address(sender), target_mac, IPv4Address(target))
