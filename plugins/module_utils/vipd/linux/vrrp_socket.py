# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts in and out of one interface: one raw socket for all its instances of a family. Never waits.

The options keep everything else away, so that VRIDs mean what they say: only this interface (SO_BINDTODEVICE), only
groups joined by this very socket (MULTICAST_ALL off), nothing of our own (MULTICAST_LOOP off), only VRIDs of ours
(``packet_filter.py``). The membership also makes switches that snoop IGMP or MLD forward the group to us. It belongs
to the interface as it is now: when the interface is deleted and created again, make a new socket. Bytes are those of
``wire/vrrp.py``; the kernel neither makes nor checks a VRRP checksum.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address
from typing import NamedTuple, Optional

from ..wire.address import Address, unpack
from ..wire.vrrp import PROTOCOL, Advert, Checksum, ReceivedAdvert, decode_message, decode_packet, encode, encode_packet
from .packet_filter import attach, program

# Linux's numbers, <linux/in.h>, <linux/in6.h> and <asm-generic/socket.h>: the socket module of Python 3.9 lacks them.
_IP_MULTICAST_ALL = 49
_IPV6_MULTICAST_ALL = 29
_IPV6_FREEBIND = 78
SO_RCVBUFFORCE = 33

# A stalled process finds its adverts waiting. The kernel doubles this and charges 768 bytes for a short packet: room
# for 2 700 adverts, ten seconds of a segment with 255 routers. The default of 208 KiB would hold 277.
RECEIVE_BUFFER_BYTES = 1024 * 1024

# An advert of 255 addresses behind an IPv4 header with all its options has 1096 octets, one over IPv6 4088.
LARGEST_PACKET_BYTES = 4608

_TRAFFIC_CLASS = 0xC0  # internetwork control
_INT = struct.Struct("=i")
_PACKET_INFO_BYTES = 20  # in6_pktinfo: an address and an interface index
_ANCILLARY_BYTES = socket.CMSG_SPACE(_PACKET_INFO_BYTES) + socket.CMSG_SPACE(_INT.size)
_REMEMBERED_SENDERS = 512

Datagram = tuple[bytes, list[tuple[int, int, bytes]], str]  # octets, ancillary data, destination


class Outlet(NamedTuple):
    """From where to where an advert goes, and how."""

    source: Address
    destination: Address
    ttl: int
    form: Checksum


def datagram(advert: Advert, outlet: Outlet) -> Datagram:
    """``advert`` as :meth:`VrrpSocket.send` takes it. Raises ValueError on an advert that no packet can say."""
    source, destination, ttl, form = outlet
    if isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        return encode_packet(source, advert, destination, ttl, form), [], str(destination)
    ancillary = [
        (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, source.packed + _INT.pack(0)),
        (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, _INT.pack(ttl)),
    ]
    return encode(advert, source, destination, form), ancillary, str(destination)


class VrrpSocket:
    """IPv4 and what both families share. ``interface`` "" is any: for unicast alone.

    Receives nothing until :meth:`listen_for`. Raises OSError: ENODEV when there is no such interface, EPERM without
    CAP_NET_RAW and CAP_NET_ADMIN.
    """

    family = 4

    def __init__(self, interface: str, groups: Collection[Address] = ()) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_INET if self.family == 4 else socket.AF_INET6, kind, PROTOCOL)
        try:
            self._set_up(interface, groups)
        except BaseException:
            self._socket.close()
            raise

    def _set_up(self, interface: str, groups: Collection[Address]) -> None:
        self.listen_for(())
        if interface:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        while self._discard():
            pass  # these came before the filter was there, from any interface
        self._set_options()
        for group in groups:
            self._join(group, socket.if_nametoindex(interface))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)

    def _discard(self) -> bool:
        try:
            self._socket.recv(1)
        except BlockingIOError:
            return False
        return True

    def _set_options(self) -> None:
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self._socket.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)

    def _join(self, group: Address, index: int) -> None:
        membership = struct.pack("=4s4si", group.packed, bytes(4), index)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)

    def fileno(self) -> int:
        return self._socket.fileno()

    def listen_for(self, vrids: Collection[int]) -> None:
        """Receive the adverts of these VRIDs and no others, from now on."""
        attach(self._socket, program(self.family, vrids))

    def receive(self) -> Optional[ReceivedAdvert]:
        """One advert; None when no more are waiting. Raises WireError on a packet that is none."""
        try:
            packet = self._socket.recv(LARGEST_PACKET_BYTES)
        except BlockingIOError:
            return None
        return decode_packet(packet)

    def send(self, datagram: Datagram) -> None:
        """Raises OSError, as when the interface is down."""
        octets, _ancillary, destination = datagram
        self._socket.sendto(octets, (destination, 0))

    def close(self) -> None:
        self._socket.close()


class VrrpSocket6(VrrpSocket):
    """IPv6: the kernel makes and takes off the header; what it says travels as ancillary data."""

    family = 6

    def _set_options(self) -> None:
        option = self._socket.setsockopt
        option(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        option(socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0)
        option(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        option(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        option(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, _TRAFFIC_CLASS)
        option(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)  # a VMAC interface sends from its base interface's address

    def _join(self, group: Address, index: int) -> None:
        self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("=16si", group.packed, index))

    def send(self, datagram: Datagram) -> None:
        octets, ancillary, destination = datagram
        self._socket.sendmsg([octets], ancillary, 0, (destination, 0))

    def receive(self) -> Optional[ReceivedAdvert]:
        try:
            message, ancillary, _flags, sender = self._socket.recvmsg(LARGEST_PACKET_BYTES, _ANCILLARY_BYTES)
        except BlockingIOError:
            return None
        said = {kind: data for _level, kind, data in ancillary}
        destination = unpack(said[socket.IPV6_PKTINFO][:16])
        (hop_limit,) = _INT.unpack(said[socket.IPV6_HOPLIMIT])
        return decode_message(message, _sender(sender[0]), destination, hop_limit)


def vrrp_socket(family: int, interface: str, groups: Collection[Address] = ()) -> VrrpSocket:
    """The socket of a family, 4 or 6."""
    return (VrrpSocket if family == 4 else VrrpSocket6)(interface, groups)


@lru_cache(maxsize=_REMEMBERED_SENDERS)
def _sender(text: str) -> Address:
    """``fe80::1%eth0``, as the socket module writes it."""
    return unpack(socket.inet_pton(socket.AF_INET6, text.partition("%")[0]))
