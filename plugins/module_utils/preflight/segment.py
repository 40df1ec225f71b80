# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire, for a few seconds: who answers for a VIP, which adverts pass, whether the other hosts are heard.

Probes are those of RFC 5227 (ARP, without a sender) and RFC 4861 (neighbour solicitation). The call by which hosts hear
each other is a packet of protocol 112 that is no advert: its VRID is 0 and its type unknown, so that every VRRP router
discards it. Raises OSError: EPERM without CAP_NET_RAW.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from ..vipd.wire import arp
from ..vipd.wire.address import GROUP, GROUP6
from ..vipd.wire.errors import WireError
from ..vipd.wire.vrrp import PROTOCOL, ReceivedAdvert, decode_message, decode_packet
from .finding import Address
from .interfaces import Link

CALL_EVERY_S = 0.5
LARGEST_PACKET_BYTES = 4608

CALL = bytes((0x3F, 0)) + bytes(6) + b"lbha.pair"

_ETHERTYPE_ARP = 0x0806
_SOLICITATION, _ADVERTISEMENT = 135, 136
_SOLICITED_NODE = int(IPv6Address("ff02::1:ff00:0"))
_OWN_MAC, _TARGET_MAC = (1, 1), (2, 1)  # options: type, and length in eights
_IPV4_HEADER_BYTES = 20
_IP_MULTICAST_ALL = 49


@dataclass
class Heard:
    """``answers``: by address, the MACs that claim it. ``callers`` are the hosts whose call was heard."""

    answers: dict[Address, set[bytes]] = field(default_factory=dict)
    adverts: dict[tuple[str, Address, int], ReceivedAdvert] = field(default_factory=dict)  # by interface, source, VRID
    callers: set[Address] = field(default_factory=set)


class Ear:
    """One socket: ``call`` asks into the network, ``hear`` takes one packet that waits."""

    socket: socket.socket

    def fileno(self) -> int:
        return self.socket.fileno()

    def call(self) -> None: ...

    def hear(self, heard: Heard) -> None: ...

    def close(self) -> None:
        self.socket.close()


class ArpEar(Ear):
    def __init__(self, link: Link, wanted: Iterable[IPv4Address]) -> None:
        self._wanted = tuple(wanted)
        self._mac = link.mac
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        self.socket.bind((link.name, _ETHERTYPE_ARP))

    def call(self) -> None:
        for address in self._wanted:
            self.socket.send(arp.encode_probe(self._mac, address))

    def hear(self, heard: Heard) -> None:
        with contextlib.suppress(WireError):
            said = arp.decode(self.socket.recv(LARGEST_PACKET_BYTES))
            if said.sender in self._wanted and said.sender_mac != self._mac:
                heard.answers.setdefault(said.sender, set()).add(said.sender_mac)


class NdpEar(Ear):
    def __init__(self, link: Link, wanted: Iterable[IPv6Address]) -> None:
        self._wanted = tuple(wanted)
        self._link = link
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        self.socket = socket.socket(socket.AF_INET6, kind, socket.IPPROTO_ICMPV6)
        _bind_to(self.socket, link.name)
        for option in (socket.IPV6_UNICAST_HOPS, socket.IPV6_MULTICAST_HOPS):
            self.socket.setsockopt(socket.IPPROTO_IPV6, option, 255)

    def call(self) -> None:
        for address in self._wanted:
            group = IPv6Address(_SOLICITED_NODE | int(address) & 0xFFFFFF)
            message = struct.pack("!BBHI16sBB6s", _SOLICITATION, 0, 0, 0, address.packed, *_OWN_MAC, self._link.mac)
            self.socket.sendto(message, (str(group), 0, 0, self._link.index))

    def hear(self, heard: Heard) -> None:
        message = self.socket.recv(LARGEST_PACKET_BYTES)
        if len(message) < 24 or message[0] != _ADVERTISEMENT:
            return
        target = IPv6Address(message[8:24])
        if target in self._wanted:
            mac = message[26:32] if message[24:26] == bytes(_TARGET_MAC) else b""
            heard.answers.setdefault(target, set()).add(mac)


class VrrpEar(Ear):
    """``peers`` empty: the call goes to the group."""

    def __init__(self, link: Link, family: int, peers: Collection[Address]) -> None:
        self._link = link
        self._family = family
        self._group: Address = GROUP if family == 4 else GROUP6
        self._to = tuple(peers) or (self._group,)
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        self.socket = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, kind, PROTOCOL)
        _bind_to(self.socket, link.name)
        (self._join4 if family == 4 else self._join6)()

    def _join4(self) -> None:
        option = self.socket.setsockopt
        membership = struct.pack("=4s4si", self._group.packed, bytes(4), self._link.index)
        option(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        option(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, membership)
        option(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        option(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        option(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)

    def _join6(self) -> None:
        option = self.socket.setsockopt
        option(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("=16si", self._group.packed, self._link.index))
        option(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        option(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)

    def call(self) -> None:
        for address in self._to:
            scope = (0, self._link.index) if self._family == 6 else ()
            self.socket.sendto(CALL, (str(address), 0, *scope))

    def hear(self, heard: Heard) -> None:
        packet, sender = self.socket.recvfrom(LARGEST_PACKET_BYTES)[:2]
        source = _address(sender[0])
        message = packet[(packet[0] & 0x0F) * 4 :] if self._family == 4 else packet
        if message[: len(CALL)] == CALL:
            heard.callers.add(source)
            return
        with contextlib.suppress(WireError):
            received = decode_packet(packet) if self._family == 4 else decode_message(packet, source, self._group, 255)
            heard.adverts[self._link.name, source, received.advert.vrid] = received


def _address(written: str) -> Address:
    plain = written.partition("%")[0]
    return IPv6Address(plain) if ":" in plain else IPv4Address(plain)


def _bind_to(raw: socket.socket, interface: str) -> None:
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")


def listen(ears: Collection[Ear], seconds: float) -> Heard:
    """Call again and again, and take in what comes, until the time is over. A refused call is nothing heard."""
    heard, end_s, call_s = Heard(), time.monotonic() + seconds, 0.0
    with selectors.DefaultSelector() as selector:
        for ear in ears:
            selector.register(ear, selectors.EVENT_READ, ear)
        while (now_s := time.monotonic()) < end_s:
            if now_s >= call_s:
                call_s = now_s + CALL_EVERY_S
                for ear in ears:
                    with contextlib.suppress(OSError):
                        ear.call()
            for key, _events in selector.select(max(0.0, min(call_s, end_s) - time.monotonic())):
                with contextlib.suppress(OSError):
                    key.data.hear(heard)
    return heard
