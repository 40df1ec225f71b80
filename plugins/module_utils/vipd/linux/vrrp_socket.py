# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts in and out of one interface: one raw socket for all its instances. Never waits.

The options keep everything else away, so that VRIDs mean what they say: only this interface (SO_BINDTODEVICE), only
groups joined by this very socket (IP_MULTICAST_ALL off), nothing of our own (IP_MULTICAST_LOOP off). The membership
also makes switches that snoop IGMP forward the group to us. It belongs to the interface as it is now: when the
interface is deleted and created again, make a new socket. Bytes are those of ``wire/vrrp.py``.
"""

from __future__ import annotations

import socket
import struct
from typing import Optional

from ..wire.vrrp import GROUP, PROTOCOL

# Linux's numbers, <linux/in.h> and <asm-generic/socket.h>; the socket module does not name them in Python 3.9.
_IP_MULTICAST_ALL = 49
_SO_RCVBUFFORCE = 33

# A stalled process finds its adverts waiting. The kernel doubles this and charges 768 bytes for a short packet: room
# for 2 700 adverts, ten seconds of a segment with 255 routers. The default of 208 KiB would hold 277.
_RECEIVE_BUFFER_BYTES = 1024 * 1024

# An advert of 255 addresses behind an IPv4 header with all its options has 1096 octets.
_LARGEST_PACKET_BYTES = 2048

_DESTINATION = (str(GROUP), 0)


class VrrpSocket:
    """Raises OSError: ENODEV when there is no such interface, EPERM without CAP_NET_RAW and CAP_NET_ADMIN."""

    def __init__(self, interface: str) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_INET, kind, PROTOCOL)
        try:
            self._set_up(interface)
        except BaseException:
            self._socket.close()
            raise

    def _set_up(self, interface: str) -> None:
        sock = self._socket
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        while self.receive() is not None:
            pass  # these came before the socket was bound, from any interface
        membership = struct.pack("=4s4si", GROUP.packed, bytes(4), socket.if_nametoindex(interface))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        sock.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER_BYTES)

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> Optional[bytes]:
        """One packet, from its IPv4 header on; None when no more are waiting."""
        try:
            return self._socket.recv(_LARGEST_PACKET_BYTES)
        except BlockingIOError:
            return None

    def send(self, packet: bytes) -> None:
        """Multicast a whole IPv4 packet. Raises OSError, as when the interface is down."""
        self._socket.sendto(packet, _DESTINATION)

    def close(self) -> None:
        self._socket.close()
