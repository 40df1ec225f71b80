# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts that must not count for the node under test: each would count, but for one thing that is wrong.

``INSTANCES`` is the node's configuration. Octets are not harmed here (``packets.py`` does that): what is wrong is what
only the core can know. Everything comes from one ``Random``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from random import Random

from vipd.config.model import UnicastPeer, VirtualAddress, VrrpInstance
from vipd.core.settings import Settings
from vipd.wire.address import Address
from vipd.wire.vrrp import AUTH_PASS, GROUP, GROUP6, Advert, Checksum, ReceivedAdvert

INTERFACE = "eth0"
OWN = IPv4Address("10.0.0.5")
OWN6 = IPv6Address("fe80::5")
PEER = IPv4Address("10.0.0.6")
PEER6 = IPv6Address("fe80::6")

INSTANCES = (
    VrrpInstance(
        "PASS", INTERFACE, 51, auth_pass="secret", virtual_ipaddress=(VirtualAddress(IPv4Address("10.0.0.3")),)
    ),
    VrrpInstance("V3", INTERFACE, 61, version=3, virtual_ipaddress=(VirtualAddress(IPv4Address("10.0.0.4")),)),
    VrrpInstance("V6", INTERFACE, 71, virtual_ipaddress=(VirtualAddress(IPv6Address("fe80::3"), 128),)),
    VrrpInstance(
        "PEERS",
        INTERFACE,
        81,
        version=3,
        unicast_src_ip=OWN,
        unicast_peer=(UnicastPeer(PEER, min_ttl=250, max_ttl=254),),
        check_unicast_src=True,
        virtual_ipaddress=(VirtualAddress(IPv4Address("10.0.0.7")),),
    ),
)
VRIDS = {one.virtual_router_id for one in INSTANCES}
PRIORITIES = (0, 0, 1, 100, 254, 255)


@dataclass(frozen=True)
class Stranger:
    """``fault`` says what is wrong with it."""

    fault: str
    received: ReceivedAdvert


def strangers(chance: Random, instances: list[Settings]) -> Iterator[Stranger]:
    """Without end."""
    while True:
        settings = chance.choice(instances)
        fault = chance.choice(FAULTS[settings.vrid])
        yield Stranger(fault.__name__, fault(welcome(settings, chance), chance))


def welcome(settings: Settings, chance: Random) -> ReceivedAdvert:
    """An advert that counts: of a peer that may win, lose, or say goodbye."""
    source = PEER6 if settings.family == 6 else PEER
    advert = Advert(
        version=settings.version,
        vrid=settings.vrid,
        priority=chance.choice(PRIORITIES),
        advert_int_cs=settings.advert_int_cs,
        addresses=tuple(vip.address for vip in settings.advertised),
        auth_type=settings.auth_type,
        auth_data=settings.auth_data,
    )
    destination: Address = OWN if settings.unicast else settings.destinations[0]
    form = Checksum.MESSAGE_ONLY if settings.version == 2 else Checksum.PSEUDO_HEADER
    return ReceivedAdvert(source, destination, 252 if settings.unicast else 255, advert, form)


def foreign_vrid(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return _with(received, vrid=chance.choice([vrid for vrid in range(1, 256) if vrid not in VRIDS]))


def forwarded(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return replace(received, ttl=chance.randrange(250))


def other_destination(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    groups: list[Address] = [IPv4Address("224.0.0.1"), OWN] if received.destination == GROUP else [OWN6]
    if received.destination == OWN:
        groups = [GROUP, IPv4Address("224.0.0.251")]
    elif received.destination == GROUP6:
        groups = [OWN6, IPv6Address("ff02::1")]
    return replace(received, destination=chance.choice(groups))


def other_version(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    """Both are spoken on this node, by other instances."""
    if received.advert.version == 2:
        return _with(received, version=3, auth_type=0, auth_data=bytes(8))
    return _with(received, version=2, advert_int_cs=100)


def wrong_password(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return _with(received, auth_data=chance.choice((chance.randbytes(8), b"Secret\0\0", b"secret\0x", bytes(8))))


def no_password(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return _with(received, auth_type=0)


def a_password(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return _with(received, version=2, advert_int_cs=100, auth_type=AUTH_PASS, auth_data=chance.randbytes(8))


def other_interval(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return _with(received, advert_int_cs=100 * chance.randrange(2, 256))


def own_source(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return replace(received, source=OWN6 if received.source.version == 6 else OWN)


def no_peer(received: ReceivedAdvert, chance: Random) -> ReceivedAdvert:
    return replace(received, source=IPv4Address(chance.getrandbits(32) | 0x80000000))


def _with(received: ReceivedAdvert, **fields: object) -> ReceivedAdvert:
    return replace(received, advert=replace(received.advert, **fields))  # type: ignore[arg-type]


Fault = Callable[[ReceivedAdvert, Random], ReceivedAdvert]
OF_ALL: tuple[Fault, ...] = (foreign_vrid, forwarded, other_destination, own_source)
FAULTS: dict[int, tuple[Fault, ...]] = {
    51: (*OF_ALL, other_version, wrong_password, no_password, other_interval),
    61: (*OF_ALL, other_version, a_password),
    71: OF_ALL,  # IPv6 has one version and no password
    81: (*OF_ALL, other_version, a_password, no_peer),
}
