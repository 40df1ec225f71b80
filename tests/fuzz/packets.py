# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets that are wrong in one way or a few: valid ones mutated, some with lengths and checksums made right again.

Everything comes from one ``Random``, so that a seed names the whole sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from random import Random

from vipd.wire.address import Address
from vipd.wire.checksum import pseudo_header, with_checksum
from vipd.wire.vrrp import (
    GROUP,
    GROUP6,
    PROTOCOL,
    Advert,
    Checksum,
    ReceivedAdvert,
    decode_message,
    decode_packet,
    encode,
    encode_packet,
)

IPV4_HEADER = 20
CORPUS = 400
MOST_ADDRESSES = 20  # what keepalived puts into an advert
LONGEST_RANDOM = 120
BOUNDARIES = (0, 1, 2, 0x0F, 0x21, 0x31, 0x7F, 0x80, 0xFE, 0xFF)


@dataclass(frozen=True)
class Packet:
    """IPv4: a whole packet. IPv6: a message, as raw sockets have it."""

    family: int
    octets: bytes
    source: Address
    destination: Address

    def decode(self) -> ReceivedAdvert:
        if self.family == 4:
            return decode_packet(self.octets)
        return decode_message(self.octets, self.source, self.destination, 255)


def packets(chance: Random) -> Iterator[Packet]:
    """Without end: one in eight is noise, one in eight is valid, the others are mutants."""
    corpus = [valid(chance) for _packet in range(CORPUS)]
    while True:
        packet = chance.choice(corpus)
        fate = chance.randrange(8)
        if fate == 0:
            yield replaced(packet, noise(packet, chance))
        elif fate == 1:
            yield packet
        else:
            yield mutant(packet, chance)


def valid(chance: Random) -> Packet:
    version, family = chance.choice([(2, 4), (3, 4), (3, 6)])
    source, peer = address(family, chance), address(family, chance)
    destination = chance.choice([GROUP if family == 4 else GROUP6, peer])
    advert = Advert(
        version=version,
        vrid=chance.randrange(1, 256),
        priority=chance.randrange(256),
        advert_int_cs=100 * chance.randrange(1, 256) if version == 2 else chance.randrange(1, 4096),
        addresses=tuple(address(family, chance) for _address in range(chance.randrange(1, MOST_ADDRESSES + 1))),
        auth_type=chance.randrange(2) if version == 2 else 0,
        auth_data=chance.randbytes(8) if version == 2 else bytes(8),
    )
    form = chance.choice(list(Checksum))
    if isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        return Packet(family, encode_packet(source, advert, destination, form=form), source, destination)
    return Packet(family, encode(advert, source, destination), source, destination)


def address(family: int, chance: Random) -> Address:
    return IPv4Address(chance.getrandbits(32)) if family == 4 else IPv6Address(chance.getrandbits(128))


def noise(packet: Packet, chance: Random) -> bytes:
    """Nothing but noise, or noise behind a header that is right."""
    octets = chance.randbytes(chance.randrange(LONGEST_RANDOM))
    return octets if chance.randrange(2) else packet.octets[: IPV4_HEADER + 8 * chance.randrange(2)] + octets


def mutant(packet: Packet, chance: Random) -> Packet:
    octets = packet.octets
    for _turn in range(chance.randrange(1, 4)):
        octets = chance.choice(MUTATIONS)(octets, chance)
    changed = replaced(packet, octets)
    return mended(changed) if chance.randrange(2) else changed


def replaced(packet: Packet, octets: bytes) -> Packet:
    return Packet(packet.family, octets, packet.source, packet.destination)


def other_octet(octets: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    return octets[:at] + bytes([chance.choice(BOUNDARIES)]) + octets[at + 1 :]


def other_header_octet(octets: bytes, chance: Random) -> bytes:
    """One of the first octets of the message, which decide most, or of the IPv4 header."""
    at = chance.randrange(IPV4_HEADER + 8)
    return octets[:at] + bytes([chance.choice(BOUNDARIES)]) + octets[at + 1 :]


def other_bit(octets: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    return octets[:at] + bytes(octet ^ 1 << chance.randrange(8) for octet in octets[at : at + 1]) + octets[at + 1 :]


def cut(octets: bytes, chance: Random) -> bytes:
    return octets[: chance.randrange(len(octets) + 1)]


def stretched(octets: bytes, chance: Random) -> bytes:
    return octets + chance.randbytes(4 * chance.randrange(1, 8))


def doubled(octets: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(octets) + 1)
    return octets[: start + chance.randrange(20)] + octets[start:]


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    other_octet,
    other_header_octet,
    other_header_octet,
    other_bit,
    cut,
    stretched,
    doubled,
)


def mended(packet: Packet) -> Packet:
    """With a total length and a checksum that fit, as far as there is room for them: what is behind them is judged."""
    octets = packet.octets
    start = (octets[0] & 0x0F) * 4 if packet.family == 4 and octets else 0
    message = octets[start:]
    if len(message) < 8 or len(message) % 2:
        return packet
    ends = octets[12:20] if packet.family == 4 else packet.source.packed + packet.destination.packed
    pseudo = pseudo_header(ends, PROTOCOL, len(message)) if message[0] >> 4 == 3 else 0
    message = with_checksum(message[:6] + bytes(2) + message[8:], 6, pseudo)
    header = octets[:2] + len(octets).to_bytes(2, "big") + octets[4:start] if start else b""
    return replaced(packet, header + message)
