# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPv4 packet around a VRRP message, as a raw socket with IP_HDRINCL sends and receives it."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

from .checksum import with_checksum
from .errors import Reason, WireError

PROTOCOL = 112  # VRRP; over IPv6 it is the next header
TTL = 255

_HEADER = struct.Struct("!BBHHHBBH8s")
_CHECKSUM_AT = 10
_TOS_INTERNETWORK_CONTROL = 0xC0


def encode(source: IPv4Address, destination: IPv4Address, ttl: int, message: bytes) -> bytes:
    """The whole packet. Identification 0 asks the kernel for the next one (raw(7), IP_HDRINCL)."""
    header = _HEADER.pack(
        0x45,
        _TOS_INTERNETWORK_CONTROL,
        _HEADER.size + len(message),
        0,
        0,
        ttl,
        PROTOCOL,
        0,
        source.packed + destination.packed,
    )
    return with_checksum(header, _CHECKSUM_AT) + message


def decode(packet: bytes) -> tuple[bytes, int, bytes]:
    """The octets of source and destination, the TTL, and the message; the kernel has verified the header's checksum.

    Options may make the header longer than 20 octets; what follows the total length is Ethernet padding.
    """
    if len(packet) < _HEADER.size:
        raise WireError(Reason.TRUNCATED, f"{len(packet)} octets, an IPv4 header has {_HEADER.size}")
    version_ihl, _tos, total_length, _identification, _fragment, ttl, protocol, _checksum, addresses = (
        _HEADER.unpack_from(packet)
    )
    header_length = (version_ihl & 0x0F) * 4
    if version_ihl >> 4 != 4 or header_length < _HEADER.size:
        raise WireError(Reason.NOT_IPV4, f"first octet {version_ihl:#04x}, an IPv4 header starts with 0x45 to 0x4f")
    if protocol != PROTOCOL:
        raise WireError(Reason.NOT_VRRP, f"IPv4 protocol {protocol}, VRRP is {PROTOCOL}")
    if total_length > len(packet):
        raise WireError(Reason.TRUNCATED, f"{len(packet)} octets of an IPv4 packet of {total_length}")
    return addresses, ttl, packet[header_length:total_length]
