# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts as they come in at a VMAC interface. Receives only, never waits; ``vrrp_socket.py`` sends.

The kernel gives a frame with the virtual router's MAC as its source, so every advert of a peer with a VMAC, to the
macvlan of that MAC and not to the interface below. A raw socket would have to join the group there, and the kernel
would report the membership with that MAC: switches would send the master's traffic to a backup. So this is a packet
socket that has the interface take in the group's frames and tells nobody; the interface below joins the group.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Collection
from typing import Optional

from ..wire.address import Address, unpack
from ..wire.errors import Reason, WireError
from ..wire.vrrp import PROTOCOL, ReceivedAdvert, decode_message, decode_packet
from .packet_filter import attach, tap_program
from .vrrp_socket import LARGEST_PACKET_BYTES, RECEIVE_BUFFER_BYTES, SO_RCVBUFFORCE

_ETHERTYPES = {4: 0x0800, 6: 0x86DD}
_SOL_PACKET = 263
_ADD_MEMBERSHIP = 1
_MULTICAST = 0
_MEMBERSHIP = struct.Struct("=iHH8s")  # interface index, type, length of the address, address

_IPV6_HEADER_BYTES = 40


class VrrpTap:
    """Raises OSError: ENODEV when there is no such interface, EPERM without CAP_NET_RAW."""

    def __init__(self, interface: str, family: int, groups: Collection[Address]) -> None:
        self._family = family
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_PACKET, kind, 0)  # 0: nothing, before the filter is there
        try:
            self.listen_for(())
            self._socket.bind((interface, _ETHERTYPES[family]))
            for group in groups:
                mac = _multicast_mac(group)
                membership = _MEMBERSHIP.pack(socket.if_nametoindex(interface), _MULTICAST, len(mac), mac)
                self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, membership)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
        except BaseException:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def listen_for(self, vrids: Collection[int]) -> None:
        """Receive the adverts of these VRIDs and no others, from now on."""
        attach(self._socket, tap_program(self._family, vrids))

    def receive(self) -> Optional[ReceivedAdvert]:
        """One advert; None when no more are waiting. Raises WireError on a packet that is none."""
        try:
            packet = self._socket.recv(LARGEST_PACKET_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno != errno.ENETDOWN:  # told once, when the interface goes down; it is heard again when up
                raise
            return None
        return decode_packet(packet) if self._family == 4 else _decode6(packet)

    def close(self) -> None:
        self._socket.close()


def _decode6(packet: bytes) -> ReceivedAdvert:
    if len(packet) < _IPV6_HEADER_BYTES or packet[6] != PROTOCOL:
        raise WireError(Reason.TRUNCATED, f"{len(packet)} octets, an IPv6 header has {_IPV6_HEADER_BYTES}")
    end = _IPV6_HEADER_BYTES + int.from_bytes(packet[4:6], "big")
    message = packet[_IPV6_HEADER_BYTES:end]
    return decode_message(message, unpack(packet[8:24]), unpack(packet[24:40]), hop_limit=packet[7])


def _multicast_mac(group: Address) -> bytes:
    """RFC 1112 section 6.4, RFC 2464 section 7."""
    if group.version == 6:
        return b"\x33\x33" + group.packed[-4:]
    return b"\x01\x00\x5e" + bytes([group.packed[1] & 0x7F]) + group.packed[2:]
