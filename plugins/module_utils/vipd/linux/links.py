# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches interfaces: is each up, what is its MAC, what are its addresses. For the worker process.

A notification only says which interface to look at again; what is true is then read from the kernel. So a flood of
notifications costs one look, their order does not matter, and after an overrun (ENOBUFS) the answer is the same look at
all of them. Up means what it means to keepalived: administratively up and running, which includes the carrier.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from typing import Optional, TypeVar

from ..wire.address import Address, unpack
from .link import Link
from .netlink import Message, attributes, messages
from .netlink_query import dump, get, netlink_socket

# Numbers of <linux/rtnetlink.h>, <linux/if_link.h>, <linux/if_addr.h>, <linux/if.h>
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, which of the flags changed
_ADDRESS = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, interface index
_U32 = struct.Struct("=I")
_INDEX = struct.Struct("=i")
_INDEX_OFFSET = 4  # in both
_GET_LINK, _GET_ADDRESS = 18, 22
_MAC, _NAME, _BASE, _ABOUT, _ABOUT_KIND = 1, 3, 5, 18, 1
_FAR, _LOCAL, _FLAGS = 1, 2, 8
_UP_AND_RUNNING = 0x1 | 0x40
_DETECTION_FAILED, _TENTATIVE = 0x08, 0x40
_NOTIFICATIONS = 0x1 | 0x10 | 0x100  # of links, of IPv4 and of IPv6 addresses

_LARGEST_NOTIFICATION_BYTES = 64 * 1024
_NOTIFICATIONS_PER_WAKE = 64  # others of the same loop get their turn in a flood


class LinkMonitor:
    """``start()`` inside a loop, then ``links()`` is the present and ``changes()`` the future.

    ``exclude`` are the VIPs.
    """

    def __init__(self, exclude: Iterable[Address] = ()) -> None:
        self._excluded = frozenset(exclude)
        self._links: dict[int, Link] = {}
        self._stale: set[int] = set()
        self._all_stale = False

    def start(self) -> None:
        self._wake = asyncio.Event()
        self._notifications = netlink_socket(_NOTIFICATIONS)
        asyncio.get_running_loop().add_reader(self._notifications.fileno(), self._note)
        self._links = self._look()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._notifications.fileno())
        self._notifications.close()

    def links(self) -> dict[str, Link]:
        return {link.name: link for link in self._links.values()}

    def exclude(self, addresses: Iterable[Address]) -> None:
        """The VIPs after a reload; what this changes comes out of ``changes()``."""
        self._excluded = frozenset(addresses)
        self._all_stale = True
        self._wake.set()

    async def changes(self) -> AsyncIterator[Link]:
        """Each link that is not what it was; one that went away comes a last time, down and without address."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for link in self._refresh():
                yield link

    def _note(self) -> None:
        """Note what to look at again."""
        for _turn in range(_NOTIFICATIONS_PER_WAKE):
            try:
                self._stale.update(_ifindexes(self._notifications.recv(_LARGEST_NOTIFICATION_BYTES)))
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._all_stale = True
        self._wake.set()

    def _refresh(self) -> list[Link]:
        everything, stale = self._all_stale, self._stale
        self._all_stale, self._stale = False, set()
        found = self._look() if everything else self._look(*stale)
        changed: list[Link] = []
        for index in sorted({*self._links, *found} if everything else stale):
            changed += _difference(self._links.pop(index, None), found.get(index))
        self._links.update(found)
        return changed

    def _look(self, *indexes: int) -> dict[int, Link]:
        """The links as they are now, all of them without ``indexes``."""
        addresses: dict[int, dict[Address, int]] = {}
        for message in dump(_GET_ADDRESS, bytes(_ADDRESS.size)):
            for index, address, scope in _usable(message.body):
                if address not in self._excluded:
                    addresses.setdefault(index, {})[address] = scope
        found = [self._link(message.body, addresses) for message in _link_messages(indexes)]
        return {link.index: link for link in found}

    def _link(self, body: bytes, addresses: Mapping[int, Mapping[Address, int]]) -> Link:
        """``addresses``: of each interface, with their scopes."""
        _family, _type, index, flags, _changed = _LINK.unpack_from(body)
        about = attributes(body[_LINK.size :])
        before = self._links.get(index)
        own = addresses.get(index, {})
        ipv4 = [address for address in own if isinstance(address, IPv4Address)]
        link_local = [address for address in own if isinstance(address, IPv6Address) and address.is_link_local]
        return Link(
            name=_text(about[_NAME]),
            index=index,
            mac=about.get(_MAC, b""),
            up=flags & _UP_AND_RUNNING == _UP_AND_RUNNING,
            address=_primary(ipv4, own, before.address if before else None),
            link_local=_primary(link_local, own, before.link_local if before else None),
            addresses=frozenset(own),
            kind=_text(attributes(about.get(_ABOUT, b"")).get(_ABOUT_KIND, b"")),
            base=_U32.unpack(about[_BASE])[0] if _BASE in about else 0,
        )


def _link_messages(indexes: Sequence[int]) -> list[Message]:
    """Of these links, those that are there; of all without ``indexes``."""
    if not indexes:
        return dump(_GET_LINK, bytes(_LINK.size))
    found: list[Message] = []
    for index in indexes:
        try:
            found += get(_GET_LINK, _LINK.pack(0, 0, index, 0, 0))
        except OSError as error:
            if error.errno != errno.ENODEV:  # it went away
                raise
    return found


def _ifindexes(notification: bytes) -> Iterator[int]:
    for message in messages(notification):
        yield _INDEX.unpack_from(message.body, _INDEX_OFFSET)[0]


def _text(octets: bytes) -> str:
    return octets.partition(b"\0")[0].decode(errors="replace")


def _usable(body: bytes) -> Iterator[tuple[int, Address, int]]:
    """Interface, address and scope; nothing of an IPv6 address that nothing may be sent from yet, or ever: tentative,
    or somebody else's.
    """
    family, _length, flags, scope, index = _ADDRESS.unpack_from(body)
    about = attributes(body[_ADDRESS.size :])
    if _FLAGS in about:
        flags |= _U32.unpack(about[_FLAGS])[0]
    if family in (socket.AF_INET, socket.AF_INET6) and not flags & (_TENTATIVE | _DETECTION_FAILED):
        yield index, unpack(about.get(_LOCAL) or about[_FAR]), scope


A = TypeVar("A", IPv4Address, IPv6Address)


def _primary(own: list[A], scopes: Mapping[Address, int], before: Optional[A]) -> Optional[A]:
    """The one it was, as long as it is there: elections compare it, so a new neighbour must not change it.

    Otherwise the first of the widest scope; the kernel lists secondary ones last. A secondary one may be all there is:
    a VIP of the same subnet that a crash left behind came first.
    """
    return before if before in own else min(own, key=scopes.__getitem__, default=None)


def _difference(before: Optional[Link], after: Optional[Link]) -> list[Link]:
    if before == after:
        return []
    changed: list[Link] = []
    if before is not None and (after is None or after.name != before.name):
        changed.append(replace(before, up=False, address=None, link_local=None, addresses=frozenset()))
    if after is not None:
        changed.append(after)
    return changed
