# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the VRRP process what others removed: a VIP that networkd or an operator took off has no holder.

The kernel's notification names the netlink socket that asked for the removal, so our own removals are told apart
without guessing; but for IPv6 addresses it does not, so those that we remove are announced with ``expect``. Where the
last primary IPv4 address of a subnet goes, the kernel takes the secondary ones along in our name: ``take_own`` has
them among those that we meant. Never waits. The removals themselves are ``rtnetlink.py``'s. Routes and rules are
watched only where the configuration has any: a router's table changes many times a second.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, Optional, Union

from ..wire.address import Address, unpack
from .netlink import Message, attributes, messages
from .netlink_query import dump, netlink_socket

_ADDRESS = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, interface index
_FIXED = struct.Struct("=BBBBBBBBI")  # of a route and of a rule, fields of both as in routes.py and rules.py
_U32 = struct.Struct("=I")

_DELETE_ADDRESS, _GET_ADDRESS, _DELETE_ROUTE, _DELETE_RULE = 21, 22, 25, 33
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_RTA_DESTINATION, _RTA_PRIORITY, _RTA_TABLE = 1, 6, 15
_FRA_DESTINATION, _FRA_SOURCE, _FRA_PRIORITY, _FRA_TABLE = 1, 2, 6, 15

_SOL_NETLINK = 270
_ADD_MEMBERSHIP, _DROP_MEMBERSHIP = 1, 2
_ADDRESS_GROUPS = (5, 9)  # RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR
_ROUTE_GROUPS = (7, 11)
_RULE_GROUPS = (8, 19)

_IPV6_DEFAULT_PRIORITY = 1024
_LARGEST_NOTIFICATION_BYTES = 64 * 1024


class AddressKey(NamedTuple):
    """An address on the interface with this index."""

    interface_index: int
    address: Address


class RouteKey(NamedTuple):
    """By what the kernel tells routes apart."""

    family: int
    destination: bytes
    length: int
    tos: int
    table: int
    priority: int
    kind: int


class RuleKey(NamedTuple):
    family: int
    priority: int
    source: bytes
    destination: bytes
    table: int
    action: int


Removal = Union[AddressKey, RouteKey, RuleKey]


class RemovalWatch:
    """Readable in epoll when something changed. ``own_port`` is that of the socket whose removals do not count.

    ``overrun`` is true once notifications were lost; :meth:`addresses` then says what is there.
    """

    def __init__(self, own_port: int) -> None:
        self._own_port = own_port
        self._socket = netlink_socket()
        self._groups: set[int] = set()
        self._expected: Counter[Removal] = Counter()
        self._own: set[AddressKey] = set()
        self.overrun = False
        self.subscribe()

    def fileno(self) -> int:
        return self._socket.fileno()

    def subscribe(self, routes: bool = False, rules: bool = False) -> None:
        """Hear of addresses, and of these."""
        wanted = {*_ADDRESS_GROUPS, *(_ROUTE_GROUPS if routes else ()), *(_RULE_GROUPS if rules else ())}
        for group in wanted - self._groups:
            self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)
        for group in self._groups - wanted:
            self._socket.setsockopt(_SOL_NETLINK, _DROP_MEMBERSHIP, group)
        self._groups = wanted

    def removals(self) -> Iterator[Removal]:
        """Each removal by others, in their order."""
        while True:
            try:
                notification = self._socket.recv(_LARGEST_NOTIFICATION_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.overrun = True
                self._expected.clear()
                continue
            for message in messages(notification):
                key = _removed(message)
                if key is None or self._is_expected(key):
                    continue
                if message.port != self._own_port:
                    yield key
                elif isinstance(key, AddressKey):
                    self._own.add(key)

    def take_own(self) -> set[AddressKey]:
        """The addresses that went in our name since the last call, whether we meant them or not."""
        own, self._own = self._own, set()
        return own

    def expect(self, removal: Removal) -> None:
        """We removed this IPv6 address just now: the kernel has told, and nobody has read it yet."""
        self._expected[removal] += 1

    def _is_expected(self, key: Removal) -> bool:
        expected = self._expected.pop(key, 0)
        if expected > 1:
            self._expected[key] = expected - 1
        return expected > 0

    def close(self) -> None:
        self._socket.close()


def addresses() -> set[AddressKey]:
    """All that are there now."""
    keys = (_address(message.body) for message in dump(_GET_ADDRESS, bytes(_ADDRESS.size)))
    return {key for key in keys if key is not None}


def identity(message: bytes) -> Removal:
    """What a prepared message of removal removes. Raises ValueError on another message."""
    (only,) = messages(message)
    removed = _removed(only)
    if removed is None:
        raise ValueError(f"a netlink message of type {only.kind} removes nothing")
    return removed


def _removed(message: Message) -> Optional[Removal]:
    if message.kind == _DELETE_ADDRESS:
        return _address(message.body)
    if message.kind == _DELETE_ROUTE:
        return _route(message.body)
    if message.kind == _DELETE_RULE:
        return _rule(message.body)
    return None


def _address(body: bytes) -> Optional[AddressKey]:
    """IPv6 names its own end only where it has a peer."""
    *_before, index = _ADDRESS.unpack_from(body)
    found = attributes(body[_ADDRESS.size :])
    octets = found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS)
    return AddressKey(index, unpack(octets)) if octets else None


def _route(body: bytes) -> RouteKey:
    family, length, _source_length, tos, table, _protocol, _scope, kind, _flags = _FIXED.unpack_from(body)
    found = attributes(body[_FIXED.size :])
    priority = _number(found.get(_RTA_PRIORITY), 0)
    if family == socket.AF_INET6 and priority == 0:
        priority = _IPV6_DEFAULT_PRIORITY
    destination = found.get(_RTA_DESTINATION, b"")
    return RouteKey(family, destination, length, tos, _number(found.get(_RTA_TABLE), table), priority, kind)


def _rule(body: bytes) -> RuleKey:
    family, _to, _from, _tos, table, _one, _two, action, _flags = _FIXED.unpack_from(body)
    found = attributes(body[_FIXED.size :])
    return RuleKey(
        family,
        _number(found.get(_FRA_PRIORITY), 0),
        found.get(_FRA_SOURCE, b""),
        found.get(_FRA_DESTINATION, b""),
        _number(found.get(_FRA_TABLE), table),
        action,
    )


def _number(octets: Optional[bytes], otherwise: int) -> int:
    return int(_U32.unpack(octets)[0]) if octets else otherwise
