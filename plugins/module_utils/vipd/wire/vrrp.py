# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VRRPv2 advertisements (RFC 3768 section 5; authentication data of RFC 2338), alone and inside their IPv4 packet.

::

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |Version| Type  | Virtual Rtr ID|   Priority    | Count IP Addrs|
    |   Auth Type   |   Adver Int   |          Checksum             |
    |                     IP Address (1) ... (n)                    |
    |              Authentication Data (8 octets, always)           |

Here bytes are judged by form alone. ``core/`` decides whether an advert counts: TTL, destination, password, interval
and VIP list depend on the configuration. CARP shares protocol 112, the group and the first octet, 0x21; its 36-octet
message never has the length that its fourth octet then promises, so it is refused as ``bad_length``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address

from .checksum import checksum, is_valid
from .errors import Reason, WireError

__all__ = [
    "AUTH_DATA_LENGTH",
    "AUTH_NONE",
    "AUTH_PASS",
    "GROUP",
    "PROTOCOL",
    "Advert",
    "Reason",
    "ReceivedAdvert",
    "WireError",
    "decode",
    "decode_packet",
    "encode",
    "encode_packet",
]

PROTOCOL = 112
GROUP = IPv4Address("224.0.0.18")
AUTH_NONE = 0
AUTH_PASS = 1
AUTH_DATA_LENGTH = 8

_VERSION_2_ADVERTISEMENT = 0x21
_FIXED = struct.Struct("!BBBBBBH")
_CHECKSUM_OFFSET = 6

_IPV4 = struct.Struct("!BBHHHBBH4s4s")
_IPV4_CHECKSUM_OFFSET = 10
_TOS_INTERNETWORK_CONTROL = 0xC0
_TTL = 255

# An advert names at most 255 addresses, and a segment has few routers: enough for both, small enough to forget.
_REMEMBERED_ADDRESSES = 512


@dataclass(frozen=True)
class Advert:
    """``advert_int_s`` is whole seconds, as on the wire; ``auth_data`` is exactly eight octets."""

    vrid: int
    priority: int
    advert_int_s: int
    addresses: tuple[IPv4Address, ...]
    auth_type: int = AUTH_NONE
    auth_data: bytes = field(default=bytes(AUTH_DATA_LENGTH), repr=False)


@dataclass(frozen=True)
class ReceivedAdvert:
    """An advert with what its IPv4 header said."""

    source: IPv4Address
    destination: IPv4Address
    ttl: int
    advert: Advert


def encode(advert: Advert) -> bytes:
    """The VRRP message: what follows the IPv4 header."""
    if len(advert.auth_data) != AUTH_DATA_LENGTH:
        raise ValueError(f"authentication data is {len(advert.auth_data)} octets long, expected {AUTH_DATA_LENGTH}")
    fixed = _FIXED.pack(
        _VERSION_2_ADVERTISEMENT,
        advert.vrid,
        advert.priority,
        len(advert.addresses),
        advert.auth_type,
        advert.advert_int_s,
        0,
    )
    message = fixed + b"".join(address.packed for address in advert.addresses) + advert.auth_data
    return _with_checksum(message, _CHECKSUM_OFFSET)


def decode(payload: bytes) -> Advert:
    """The inverse of :func:`encode`; raises :class:`WireError` and nothing else."""
    if len(payload) < _FIXED.size:
        raise WireError(Reason.TRUNCATED, f"{len(payload)} octets, a VRRP header has {_FIXED.size}")
    version_type, vrid, priority, count, auth_type, advert_int_s, _checksum = _FIXED.unpack_from(payload)
    auth_offset = _FIXED.size + 4 * count
    if version_type != _VERSION_2_ADVERTISEMENT:
        raise _not_an_advertisement(version_type)
    if vrid == 0:
        raise WireError(Reason.BAD_VRID, "virtual router ID 0, expected 1 to 255")
    if count == 0:
        raise WireError(Reason.NO_ADDRESSES, "no virtual address, expected at least one")
    if len(payload) != auth_offset + AUTH_DATA_LENGTH:
        raise WireError(
            Reason.BAD_LENGTH,
            f"{len(payload)} octets, {count} addresses make {auth_offset + AUTH_DATA_LENGTH}",
        )
    if not is_valid(payload):
        raise WireError(Reason.BAD_CHECKSUM, "the checksum does not match the message")
    if auth_type not in (AUTH_NONE, AUTH_PASS):
        raise WireError(Reason.BAD_AUTH_TYPE, f"authentication type {auth_type}, expected 0 (none) or 1 (PASS)")
    addresses = tuple(_address(payload[at : at + 4]) for at in range(_FIXED.size, auth_offset, 4))
    return Advert(vrid, priority, advert_int_s, addresses, auth_type, payload[auth_offset:])


def encode_packet(source: IPv4Address, advert: Advert, destination: IPv4Address = GROUP) -> bytes:
    """The whole IPv4 packet. Identification 0 asks the kernel for the next one (raw(7), IP_HDRINCL)."""
    message = encode(advert)
    header = _IPV4.pack(
        0x45,
        _TOS_INTERNETWORK_CONTROL,
        _IPV4.size + len(message),
        0,
        0,
        _TTL,
        PROTOCOL,
        0,
        source.packed,
        destination.packed,
    )
    return _with_checksum(header, _IPV4_CHECKSUM_OFFSET) + message


def decode_packet(packet: bytes) -> ReceivedAdvert:
    """An IPv4 packet as a raw socket gives it: the kernel has verified the header's checksum.

    Options may make the header longer than 20 octets; what follows the total length is Ethernet padding.
    """
    if len(packet) < _IPV4.size:
        raise WireError(Reason.TRUNCATED, f"{len(packet)} octets, an IPv4 header has {_IPV4.size}")
    version_ihl, _tos, total_length, _identification, _fragment, ttl, protocol, _checksum, source, destination = (
        _IPV4.unpack_from(packet)
    )
    header_length = (version_ihl & 0x0F) * 4
    if version_ihl >> 4 != 4 or header_length < _IPV4.size:
        raise WireError(Reason.NOT_IPV4, f"first octet {version_ihl:#04x}, an IPv4 header starts with 0x45 to 0x4f")
    if protocol != PROTOCOL:
        raise WireError(Reason.NOT_VRRP, f"IPv4 protocol {protocol}, VRRP is {PROTOCOL}")
    if total_length > len(packet):
        raise WireError(Reason.TRUNCATED, f"{len(packet)} octets of an IPv4 packet of {total_length}")
    advert = decode(packet[header_length:total_length])
    return ReceivedAdvert(_address(source), _address(destination), ttl, advert)


def _not_an_advertisement(version_type: int) -> WireError:
    version, kind = version_type >> 4, version_type & 0x0F
    if version != 2:
        return WireError(Reason.BAD_VERSION, f"VRRP version {version}, expected 2")
    return WireError(Reason.BAD_TYPE, f"VRRP packet type {kind}, expected 1 (advertisement)")


def _with_checksum(message: bytes, offset: int) -> bytes:
    return message[:offset] + checksum(message).to_bytes(2, "big") + message[offset + 2 :]


# Adverts repeat the same addresses for years; making an IPv4Address costs as much as the rest of decoding.
@lru_cache(maxsize=_REMEMBERED_ADDRESSES)
def _address(packed: bytes) -> IPv4Address:
    return IPv4Address(packed)
