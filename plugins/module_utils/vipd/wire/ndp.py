# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unsolicited neighbour advertisements (RFC 4861 section 7.2.6): gratuitous ARP's counterpart for IPv6.

The form is keepalived's: to all nodes, from the announced address itself, with the override flag, so that neighbours
replace what they remember. Frames are encoded when the configuration is loaded, as those of ``arp.py`` are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address

from .checksum import is_valid, pseudo_header, with_checksum
from .errors import Reason, WireError

ALL_NODES = IPv6Address("ff02::1")
ALL_NODES_MAC = bytes.fromhex("333300000001")

_ETHERTYPE_IPV6 = 0x86DD
_ICMPV6 = 58
_HOP_LIMIT = 255  # a smaller one has crossed a router: to be discarded (section 7.1.2)
_VERSION_6 = 6 << 28
_NEIGHBOUR_ADVERTISEMENT = 136
_ROUTER, _SOLICITED, _OVERRIDE = 1 << 31, 1 << 30, 1 << 29
_TARGET_LINK_LAYER_ADDRESS = (2, 1)  # the option's type, and its length in units of eight octets

_HEADERS = struct.Struct("!6s6sHIHBB32s")  # Ethernet and IPv6; the two addresses as one field
_MESSAGE = struct.Struct("!BBHI16sBB6s")
_CHECKSUM_AT = 2
_FRAME_LENGTH = _HEADERS.size + _MESSAGE.size


@dataclass(frozen=True)
class NeighbourAdvertisement:
    """A neighbour advertisement in its Ethernet frame: ``target`` is at ``target_mac``; MACs are six octets."""

    destination_mac: bytes
    source_mac: bytes
    source: IPv6Address
    destination: IPv6Address
    target: IPv6Address
    target_mac: bytes
    router: bool
    solicited: bool
    override: bool


def encode_unsolicited(mac: bytes, address: IPv6Address, router: bool) -> bytes:
    """The whole Ethernet frame that announces ``address`` at ``mac``; ``router``: whether this host forwards."""
    return encode(
        NeighbourAdvertisement(
            destination_mac=ALL_NODES_MAC,
            source_mac=mac,
            source=address,
            destination=ALL_NODES,
            target=address,
            target_mac=mac,
            router=router,
            solicited=False,
            override=True,
        )
    )


def encode(advertisement: NeighbourAdvertisement) -> bytes:
    ends = advertisement.source.packed + advertisement.destination.packed
    headers = _HEADERS.pack(
        advertisement.destination_mac,
        advertisement.source_mac,
        _ETHERTYPE_IPV6,
        _VERSION_6,
        _MESSAGE.size,
        _ICMPV6,
        _HOP_LIMIT,
        ends,
    )
    message = _MESSAGE.pack(
        _NEIGHBOUR_ADVERTISEMENT,
        0,
        0,
        _flags(advertisement),
        advertisement.target.packed,
        *_TARGET_LINK_LAYER_ADDRESS,
        advertisement.target_mac,
    )
    return headers + with_checksum(message, _CHECKSUM_AT, pseudo_header(ends, _ICMPV6, _MESSAGE.size))


def decode(frame: bytes) -> NeighbourAdvertisement:
    """The inverse of :func:`encode`, Ethernet padding ignored; raises :class:`WireError` and nothing else.

    Of the options, the target's MAC must be there and alone: nothing here has a use for another form.
    """
    if len(frame) < _FRAME_LENGTH:
        raise WireError(Reason.TRUNCATED, f"{len(frame)} octets, a neighbour advertisement has {_FRAME_LENGTH}")
    destination_mac, source_mac, ethertype, first_word, length, next_header, hop_limit, ends = _HEADERS.unpack_from(
        frame
    )
    message = frame[_HEADERS.size : _FRAME_LENGTH]
    kind, code, _checksum, flags, target, *option, target_mac = _MESSAGE.unpack(message)
    if (ethertype, first_word >> 28, next_header, kind, code) != (
        _ETHERTYPE_IPV6,
        6,
        _ICMPV6,
        _NEIGHBOUR_ADVERTISEMENT,
        0,
    ):
        raise WireError(Reason.NOT_NDP, f"ethertype {ethertype:#06x}, expected an ICMPv6 neighbour advertisement")
    if hop_limit != _HOP_LIMIT:
        raise WireError(Reason.NOT_NDP, f"hop limit {hop_limit}, expected {_HOP_LIMIT}")
    if length != _MESSAGE.size or tuple(option) != _TARGET_LINK_LAYER_ADDRESS:
        raise WireError(Reason.BAD_LENGTH, f"{length} octets, with the target's MAC alone there are {_MESSAGE.size}")
    if not is_valid(message, pseudo_header(ends, _ICMPV6, length)):
        raise WireError(Reason.BAD_CHECKSUM, "the checksum does not match the message")
    return NeighbourAdvertisement(
        destination_mac,
        source_mac,
        IPv6Address(ends[:16]),
        IPv6Address(ends[16:]),
        IPv6Address(target),
        target_mac,
        router=bool(flags & _ROUTER),
        solicited=bool(flags & _SOLICITED),
        override=bool(flags & _OVERRIDE),
    )


def _flags(advertisement: NeighbourAdvertisement) -> int:
    return _ROUTER * advertisement.router | _SOLICITED * advertisement.solicited | _OVERRIDE * advertisement.override
