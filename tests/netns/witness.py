# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two witnesses of what happens on a segment: who held an address, and what was sent.

Both are kernel queues that fill by themselves, so nothing is missed however late a test looks, and the order of
what they tell is the kernel's, not that of a polling test. They never change anything.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

# Linux's numbers; the socket module does not name them.
_SOL_NETLINK = 270
_NETLINK_LISTEN_ALL_NSID = 8
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_RTMGRP_IPV4_IFADDR, _RTMGRP_IPV6_IFADDR = 0x10, 0x100
_RTM_NEWADDR, _RTM_DELADDR = 20, 21
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_ETH_P_ALL = 3
_SOL_PACKET, _PACKET_IGNORE_OUTGOING = 263, 23

_VRRP, _ICMPV6 = 112, 58
_NEIGHBOUR_ADVERTISEMENT = b"\x88"  # its type
_ALL_NODES = IPv6Address("ff02::1").packed

_QUEUE_BYTES = 32 * 1024 * 1024
_LARGEST_BYTES = 65536


@dataclass(frozen=True)
class AddressChange:
    """``host`` gained (``added``) or lost ``address``."""

    host: str
    address: str
    added: bool


class AddressWitness:
    """Hears address changes of every namespace that the current one has an id for, in one queue and one order."""

    def __init__(self, hosts: Mapping[int, str]) -> None:
        """``hosts`` maps namespace ids to names. Raises OSError."""
        self._hosts = hosts
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _QUEUE_BYTES)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_LISTEN_ALL_NSID, 1)
        self._socket.bind((0, _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV6_IFADDR))
        self._changes: list[AddressChange] = []

    def close(self) -> None:
        self._socket.close()

    def changes(self, address: str) -> list[AddressChange]:
        """Every change of ``address`` so far, in the order in which the kernel made them."""
        self._read()
        return [change for change in self._changes if change.address == address]

    def holders(self, address: str) -> set[str]:
        """The hosts that have ``address`` now."""
        return set(self._holdings(address)[-1])

    def most_holders(self, address: str) -> int:
        """How many hosts had ``address`` at the same time, at the worst instant so far."""
        return max(map(len, self._holdings(address)))

    def _holdings(self, address: str) -> list[frozenset[str]]:
        """Who had ``address``, from nobody on, after each change."""
        holdings: list[frozenset[str]] = [frozenset()]
        for change in self.changes(address):
            host = {change.host}
            holdings.append(holdings[-1] | host if change.added else holdings[-1] - host)
        return holdings

    def _read(self) -> None:
        while True:
            try:
                data, ancillary, _flags, _from = self._socket.recvmsg(_LARGEST_BYTES, 64)
            except BlockingIOError:
                return
            for _level, kind, value in ancillary:
                (namespace,) = struct.unpack("=i", value)
                if kind == _NETLINK_LISTEN_ALL_NSID and namespace in self._hosts:
                    self._changes += _address_changes(data, self._hosts[namespace])


def _address_changes(data: bytes, host: str) -> Iterator[AddressChange]:
    at = 0
    while at < len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        attributes = data[at + 24 : at + length]
        address = _attribute(attributes, _IFA_LOCAL) or _attribute(attributes, _IFA_ADDRESS)  # IPv6 has only the latter
        if kind in (_RTM_NEWADDR, _RTM_DELADDR) and address:
            yield AddressChange(host, str(ip_address(address)), kind == _RTM_NEWADDR)
        at += (length + 3) & ~3


def _attribute(attributes: bytes, wanted: int) -> bytes:
    at = 0
    while at + 4 <= len(attributes):
        length, kind = struct.unpack_from("=HH", attributes, at)
        if kind == wanted:
            return attributes[at + 4 : at + length]
        at += (length + 3) & ~3
    return b""


@dataclass(frozen=True)
class Advert:
    """``at`` is the kernel's receive time, on the clock of ``time.time()``."""

    at: float
    sender: str
    vrid: int
    priority: int
    version: int
    source: str


@dataclass(frozen=True)
class Announcement:
    """A gratuitous ARP, or an unsolicited neighbour advertisement; answers and questions about others are left out."""

    at: float
    sender: str
    address: str


class PacketWitness:
    """Hears every frame that comes in at one of the ports of a switch, with the kernel's time."""

    def __init__(self, ports: Mapping[str, str]) -> None:
        """``ports`` maps the names of interfaces of the current namespace to hosts. Raises OSError."""
        self._ports = ports
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_PACKET, kind, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _QUEUE_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)  # a frame is seen where it comes in
        self._adverts: list[Advert] = []
        self._announcements: list[Announcement] = []

    def close(self) -> None:
        self._socket.close()

    def adverts(self, sender: str, vrid: int = 51) -> list[Advert]:
        self._read()
        return [advert for advert in self._adverts if (advert.sender, advert.vrid) == (sender, vrid)]

    def announcements(self, sender: str, address: str) -> list[Announcement]:
        self._read()
        return [one for one in self._announcements if (one.sender, one.address) == (sender, address)]

    def _read(self) -> None:
        while True:
            try:
                frame, ancillary, _flags, (port, *_rest) = self._socket.recvmsg(_LARGEST_BYTES, 64)
            except BlockingIOError:
                return
            if port in self._ports:
                self._note(frame[14:], frame[12:14], self._ports[port], _received_at(ancillary[0][2]))

    def _note(self, body: bytes, kind: bytes, sender: str, at: float) -> None:
        if kind == b"\x08\x00" and body[9] == _VRRP:
            self._note_advert(body[(body[0] & 15) * 4 :], sender, str(IPv4Address(body[12:16])), at)
        elif kind == b"\x86\xdd" and body[6] == _VRRP:
            self._note_advert(body[40:], sender, str(IPv6Address(body[8:24])), at)
        elif kind == b"\x08\x06" and body[14:18] == body[24:28]:
            self._announcements.append(Announcement(at, sender, str(IPv4Address(body[14:18]))))
        elif kind == b"\x86\xdd" and body[6] == _ICMPV6 and body[24:41] == _ALL_NODES + _NEIGHBOUR_ADVERTISEMENT:
            self._announcements.append(Announcement(at, sender, str(IPv6Address(body[48:64]))))

    def _note_advert(self, vrrp: bytes, sender: str, source: str, at: float) -> None:
        if len(vrrp) >= 8:
            self._adverts.append(Advert(at, sender, vrrp[1], vrrp[2], vrrp[0] >> 4, source))


def _received_at(timespec: bytes) -> float:
    seconds, nanoseconds = struct.unpack("=qq", timespec)
    return float(seconds + nanoseconds / 1e9)
