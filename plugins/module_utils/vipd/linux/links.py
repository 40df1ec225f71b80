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
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Optional, TypeVar

from ..wire.address import Address
from .link import Link

try:
    from pyroute2.iproute.linux import AsyncIPRoute
    from pyroute2.netlink.exceptions import NetlinkError
    from pyroute2.netlink.rtnl import RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR, RTMGRP_LINK
    from pyroute2.netlink.rtnl.ifaddrmsg import IFA_F_DADFAILED, IFA_F_TENTATIVE
    from pyroute2.netlink.rtnl.ifinfmsg import IFF_RUNNING, IFF_UP
except ImportError:  # on a controller, which imports this for its tests alone; a node's zipapp holds pyroute2
    pass

_HEADER = struct.Struct("=IHHII")
_IFINDEX = struct.Struct("=i")
_IFINDEX_OFFSET = _HEADER.size + 4  # in ifinfomsg and in ifaddrmsg alike
_LARGEST_NOTIFICATION_BYTES = 64 * 1024
_NOTIFICATIONS_PER_WAKE = 64  # others of the same loop get their turn in a flood


class LinkMonitor:
    """``await start()``, then ``links()`` is the present and ``changes()`` the future. ``exclude`` are the VIPs."""

    def __init__(self, exclude: Iterable[Address] = ()) -> None:
        self._excluded = frozenset(exclude)
        self._links: dict[int, Link] = {}
        self._stale: set[int] = set()
        self._all_stale = False

    async def start(self) -> None:
        self._wake = asyncio.Event()
        self._notifications = _subscribe()
        asyncio.get_running_loop().add_reader(self._notifications.fileno(), self._note)
        self._kernel: Any = AsyncIPRoute()
        self._links = await self._look()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._notifications.fileno())
        self._notifications.close()
        self._kernel.close()

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
            for link in await self._refresh():
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

    async def _refresh(self) -> list[Link]:
        everything, stale = self._all_stale, self._stale
        self._all_stale, self._stale = False, set()
        found = await (self._look() if everything else self._look(*stale))
        changed: list[Link] = []
        for index in sorted({*self._links, *found} if everything else stale):
            changed += _difference(self._links.pop(index, None), found.get(index))
        self._links.update(found)
        return changed

    async def _look(self, *indexes: int) -> dict[int, Link]:
        """The links as they are now, all of them without ``indexes``."""
        addresses: dict[int, list[Any]] = {}
        async for message in await self._kernel.get_addr():
            addresses.setdefault(message["index"], []).append(message)
        links = [message async for message in self._messages(*indexes)]
        return {link["index"]: self._link(link, addresses.get(link["index"], [])) for link in links}

    async def _messages(self, *indexes: int) -> AsyncIterator[Any]:
        for index in indexes or (0,):  # 0 asks for all
            try:
                async for message in await self._kernel.get_links(index):
                    yield message
            except NetlinkError as error:
                if error.code != errno.ENODEV:  # it went away
                    raise

    def _link(self, link: Any, addresses: list[Any]) -> Link:
        before = self._links.get(link["index"])
        own = {
            address: message["scope"]
            for address, message in ((_address(message), message) for message in addresses)
            if address is not None and address not in self._excluded
        }
        ipv4 = [address for address in own if isinstance(address, IPv4Address)]
        link_local = [address for address in own if isinstance(address, IPv6Address) and address.is_link_local]
        return Link(
            name=link.get("ifname"),
            index=link["index"],
            mac=bytes.fromhex((link.get("address") or "").replace(":", "")),
            up=bool(link["flags"] & IFF_UP and link["flags"] & IFF_RUNNING),
            address=_primary(ipv4, own, before.address if before else None),
            link_local=_primary(link_local, own, before.link_local if before else None),
            addresses=frozenset(own),
            kind=_kind(link),
            base=link.get("link") or 0,
        )


def _subscribe() -> socket.socket:
    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    notifications = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
    notifications.bind((0, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
    return notifications


def _ifindexes(notification: bytes) -> Iterator[int]:
    at = 0
    while at < len(notification):
        yield _IFINDEX.unpack_from(notification, at + _IFINDEX_OFFSET)[0]
        at += (_HEADER.unpack_from(notification, at)[0] + 3) & ~3


def _kind(link: Any) -> str:
    about = link.get("linkinfo")
    return (about.get("kind") if about else None) or ""


def _address(message: Any) -> Optional[Address]:
    """None for an IPv6 address that nothing may be sent from yet, or ever: tentative, or somebody else's."""
    if message["family"] not in (socket.AF_INET, socket.AF_INET6):
        return None
    flags = message["flags"] | (message.get("flags") or 0)
    if flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED):
        return None
    return ip_address(message.get("local") or message.get("address"))


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
