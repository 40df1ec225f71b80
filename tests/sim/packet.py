# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An advert on its way: bytes from one node's encoder to the other's decoder, with what the header says beside them.

IPv4 packets carry their header; of IPv6 raw sockets give the message alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from random import Random

from vipd.core.effects import SendAdvert
from vipd.core.events import AdvertReceived, Event, PacketRejected
from vipd.wire.address import Address
from vipd.wire.vrrp import WireError, decode_message, decode_packet, encode, encode_packet

from .segment import PRIMARY

IPV4_HEADER = 20


@dataclass(frozen=True)
class Packet:
    octets: bytes
    source: Address
    destination: Address
    hop_limit: int


def sealed(effect: SendAdvert, hops: int) -> list[Packet]:
    """One for each destination, as it is after ``hops`` routers."""
    return [_sealed(effect, destination, effect.ttl - hops) for destination in effect.destinations]


def _sealed(effect: SendAdvert, destination: Address, ttl: int) -> Packet:
    if isinstance(effect.source, IPv4Address) and isinstance(destination, IPv4Address):
        octets = encode_packet(effect.source, effect.advert, destination, ttl, effect.checksum)
    else:
        octets = encode(effect.advert, effect.source, destination)
    return Packet(octets, effect.source, destination, ttl)


def opened(packet: Packet) -> Event:
    """What the engine makes of it."""
    try:
        if packet.source.version == 4:
            return AdvertReceived(PRIMARY, decode_packet(packet.octets))
        return AdvertReceived(
            PRIMARY, decode_message(packet.octets, packet.source, packet.destination, packet.hop_limit)
        )
    except WireError as error:
        return PacketRejected(PRIMARY, error.reason.value)


def damaged(packet: Packet, rng: Random) -> Packet:
    """One bit of the VRRP message; the kernel guards the IPv4 header."""
    octets = packet.octets
    at = rng.randrange(IPV4_HEADER if packet.source.version == 4 else 0, len(octets))
    return replace(packet, octets=octets[:at] + bytes([octets[at] ^ 1 << rng.randrange(8)]) + octets[at + 1 :])
