# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the VRRP process which addresses others removed: a VIP that networkd or an operator took off has no holder.

The kernel's notification names the netlink socket that asked for the removal, so our own removals are told apart
without guessing. Never waits. The removals themselves are ``rtnetlink.py``'s.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from typing import Optional

from ..wire.address import Address, unpack

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ADDRESS = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, interface index
_ATTRIBUTE = struct.Struct("=HH")  # length, type
_RTMGRP_IPV4_IFADDR = 0x10
_RTMGRP_IPV6_IFADDR = 0x100
_RTM_DELADDR = 21
_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_LARGEST_NOTIFICATION_BYTES = 64 * 1024


class AddressWatch:
    """Readable in epoll when addresses changed. ``own_port`` is that of the socket whose removals do not count."""

    def __init__(self, own_port: int) -> None:
        self._own_port = own_port
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
        self._socket.bind((0, _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV6_IFADDR))

    def fileno(self) -> int:
        return self._socket.fileno()

    def removals(self) -> Iterator[tuple[int, Address]]:
        """Interface index and address of each removal by others. After an overrun (ENOBUFS) some are missing."""
        while True:
            try:
                notification = self._socket.recv(_LARGEST_NOTIFICATION_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                continue
            yield from self._removals(notification)

    def _removals(self, notification: bytes) -> Iterator[tuple[int, Address]]:
        at = 0
        while at < len(notification):
            length, kind, _flags, _sequence, port = _HEADER.unpack_from(notification, at)
            if kind == _RTM_DELADDR and port != self._own_port:
                *_before, index = _ADDRESS.unpack_from(notification, at + _HEADER.size)
                local = _local(notification[at + _HEADER.size + _ADDRESS.size : at + length])
                if local is not None:
                    yield index, local
            at += (length + 3) & ~3


def _local(attributes: bytes) -> Optional[Address]:
    """IPv6 names its own end only where it has a peer."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        found[kind] = attributes[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    octets = found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS)
    return unpack(octets) if octets else None
