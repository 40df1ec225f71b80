# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VRRP advertisements, versions 2 and 3, alone and with what their IP header says.

::

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |Version| Type  | Virtual Rtr ID|   Priority    | Count IP Addrs|
    |   Auth Type   |   Adver Int   |          Checksum             |  version 2, RFC 3768 section 5: seconds
    |  Rsvd |     Max Adver Int     |          Checksum             |  version 3, RFC 9568 section 5: centiseconds
    |                     IP Address (1) ... (n)                    |
    |              Authentication Data (8 octets, always)           |  version 2 only (RFC 2338)

Here bytes are judged by form alone. ``core/`` decides whether an advert counts: version, TTL, destination, password,
interval and VIP list depend on the configuration. CARP shares protocol 112, the group and the first octet, 0x21; its
36-octet message never has the length that its fourth octet then promises, so it is refused as ``bad_length``.
What the checksum covers is in ``coverage.py``, the IPv4 header in ``ipv4.py``; IPv6 raw sockets neither take nor give
a header.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address

from . import ipv4
from .address import GROUP, GROUP6, IPV4_LENGTH, Address, unpack
from .coverage import Checksum, form_seen, with_form
from .errors import Reason, WireError
from .ipv4 import PROTOCOL, TTL

__all__ = [
    "AUTH_DATA_LENGTH",
    "AUTH_NONE",
    "AUTH_PASS",
    "GROUP",
    "GROUP6",
    "PROTOCOL",
    "TTL",
    "Advert",
    "Checksum",
    "Reason",
    "ReceivedAdvert",
    "WireError",
    "decode",
    "decode_message",
    "decode_packet",
    "encode",
    "encode_packet",
]

AUTH_NONE = 0
AUTH_PASS = 1
AUTH_DATA_LENGTH = 8

_ADVERTISEMENT = 1
_FIXED = struct.Struct("!BBBBHH")
# For each version: how many centiseconds one unit of the interval field is, and the largest field.
_INTERVAL = {2: (100, 255), 3: (1, 4095)}

# A segment's 255 VRIDs, each with the two adverts it usually hears: its master's and the goodbye. The length is that of
# twenty IPv6 addresses, keepalived's limit: what strangers make this process remember stays below 2 MB.
_REMEMBERED_ADVERTS = 512
_LONGEST_REMEMBERED = 8 + 20 * 16


@dataclass(frozen=True)
class Advert:
    """``advert_int_cs`` is centiseconds in both versions; ``auth_data`` is exactly eight octets, zero in version 3."""

    version: int
    vrid: int
    priority: int
    advert_int_cs: int
    addresses: tuple[Address, ...]
    auth_type: int = AUTH_NONE
    auth_data: bytes = field(default=bytes(AUTH_DATA_LENGTH), repr=False)


@dataclass(frozen=True)
class ReceivedAdvert:
    """An advert with what its IP header said; ``ttl`` is the hop limit of IPv6."""

    source: Address
    destination: Address
    ttl: int
    advert: Advert
    checksum: Checksum


def encode(advert: Advert, source: Address, destination: Address, form: Checksum = Checksum.PSEUDO_HEADER) -> bytes:
    """The VRRP message: what follows the IP header. ``form`` matters in version 3 over IPv4 alone.

    Raises ValueError on an advert that no packet can say.
    """
    _require_consistent(advert, source, destination)
    message = _fixed(advert) + b"".join(address.packed for address in advert.addresses) + _authentication(advert)
    return with_form(message, source.packed + destination.packed, form)


def decode(payload: bytes, source: Address, destination: Address) -> tuple[Advert, Checksum]:
    """The inverse of :func:`encode`, and the form of checksum seen; raises :class:`WireError` and nothing else."""
    return _decode(payload, source.packed + destination.packed)


def encode_packet(
    source: IPv4Address,
    advert: Advert,
    destination: IPv4Address = GROUP,
    ttl: int = TTL,
    form: Checksum = Checksum.PSEUDO_HEADER,
) -> bytes:
    """The whole IPv4 packet."""
    return ipv4.encode(source, destination, ttl, encode(advert, source, destination, form))


def decode_packet(packet: bytes) -> ReceivedAdvert:
    """An IPv4 packet as a raw socket gives it."""
    ends, ttl, message = ipv4.decode(packet)
    return _received(message, ends, ttl)


def decode_message(payload: bytes, source: Address, destination: Address, hop_limit: int) -> ReceivedAdvert:
    """What an IPv6 raw socket gives: the message, and the header's fields as ancillary data."""
    return _received(payload, source.packed + destination.packed, hop_limit)


def _received(payload: bytes, ends: bytes, ttl: int) -> ReceivedAdvert:
    """A master repeats its advert for years: the same octets are the same advert."""
    return _remembered(payload, ends, ttl) if len(payload) <= _LONGEST_REMEMBERED else _read(payload, ends, ttl)


def _read(payload: bytes, ends: bytes, ttl: int) -> ReceivedAdvert:
    advert, form = _decode(payload, ends)
    middle = len(ends) // 2
    return ReceivedAdvert(unpack(ends[:middle]), unpack(ends[middle:]), ttl, advert, form)


_remembered = lru_cache(maxsize=_REMEMBERED_ADVERTS)(_read)


def _decode(payload: bytes, ends: bytes) -> tuple[Advert, Checksum]:
    """``ends`` are the octets of source and destination; their family is that of the VIPs."""
    if len(payload) < _FIXED.size:
        raise WireError(Reason.TRUNCATED, f"{len(payload)} octets, a VRRP header has {_FIXED.size}")
    version_type, vrid, priority, count, interval_field, _checksum = _FIXED.unpack_from(payload)
    version, kind, width = version_type >> 4, version_type & 0x0F, len(ends) // 2
    if version not in _INTERVAL or (version == 2 and width != IPV4_LENGTH):
        raise _wrong_version(version, width)
    if kind != _ADVERTISEMENT:
        raise WireError(Reason.BAD_TYPE, f"VRRP packet type {kind}, expected 1 (advertisement)")
    if vrid == 0:
        raise WireError(Reason.BAD_VRID, "virtual router ID 0, expected 1 to 255")
    if count == 0:
        raise WireError(Reason.NO_ADDRESSES, "no virtual address, expected at least one")
    end = _FIXED.size + width * count
    length = end + (AUTH_DATA_LENGTH if version == 2 else 0)
    if len(payload) != length:
        raise WireError(Reason.BAD_LENGTH, f"{len(payload)} octets, {count} addresses make {length}")
    form = form_seen(payload, ends)
    addresses = tuple([unpack(payload[at : at + width]) for at in range(_FIXED.size, end, width)])
    if version == 3:
        return Advert(3, vrid, priority, _interval_cs(3, interval_field & 0x0FFF), addresses), form
    auth_type = interval_field >> 8
    if auth_type not in (AUTH_NONE, AUTH_PASS):
        raise WireError(Reason.BAD_AUTH_TYPE, f"authentication type {auth_type}, expected 0 (none) or 1 (PASS)")
    interval_cs = _interval_cs(2, interval_field & 0xFF)
    return Advert(2, vrid, priority, interval_cs, addresses, auth_type, payload[end:]), form


def _wrong_version(version: int, width: int) -> WireError:
    if width == IPV4_LENGTH:
        return WireError(Reason.BAD_VERSION, f"VRRP version {version}, expected 2 or 3")
    return WireError(Reason.BAD_VERSION, f"VRRP version {version} over IPv6, expected 3")


def _interval_cs(version: int, interval: int) -> int:
    """Zero would make every backup take over at once (RFC 9568, erratum 8301)."""
    if interval == 0:
        raise WireError(Reason.BAD_INTERVAL, f"advertisement interval 0, expected 1 to {_INTERVAL[version][1]}")
    return interval * _INTERVAL[version][0]


def _fixed(advert: Advert) -> bytes:
    first, interval_field = advert.version << 4 | _ADVERTISEMENT, _interval_field(advert)
    try:
        return _FIXED.pack(first, advert.vrid, advert.priority, len(advert.addresses), interval_field, 0)
    except struct.error:
        raise ValueError(
            f"VRID {advert.vrid}, priority {advert.priority}, {len(advert.addresses)} addresses: an octet each"
        ) from None


def _require_consistent(advert: Advert, source: Address, destination: Address) -> None:
    families = {address.version for address in (source, destination, *advert.addresses)}
    if len(families) != 1:
        raise ValueError(f"an advert from {source} to {destination} lists {advert.addresses}: families must not mix")
    if advert.version not in _INTERVAL or (advert.version == 2 and families != {4}):
        raise ValueError(f"VRRP version {advert.version} over IPv{source.version}, expected 2 (IPv4 alone) or 3")


def _interval_field(advert: Advert) -> int:
    unit_cs, largest = _INTERVAL[advert.version]
    interval, rest = divmod(advert.advert_int_cs, unit_cs)
    if rest or not 1 <= interval <= largest:
        raise ValueError(
            f"interval {advert.advert_int_cs} cs, VRRP version {advert.version} says 1 to {largest} times {unit_cs} cs"
        )
    return advert.auth_type << 8 | interval if advert.version == 2 else interval


def _authentication(advert: Advert) -> bytes:
    if len(advert.auth_data) != AUTH_DATA_LENGTH:
        raise ValueError(f"authentication data is {len(advert.auth_data)} octets long, expected {AUTH_DATA_LENGTH}")
    if advert.version == 2:
        return advert.auth_data
    if advert.auth_type != AUTH_NONE or any(advert.auth_data):
        raise ValueError("VRRP version 3 has no authentication")
    return b""
