# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The link monitor beside a real kernel: cables pulled, addresses moved, notifications lost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from vipd.linux.link import Link
from vipd.linux.links import LinkMonitor

from tests.netns.namespace import Namespace

TIMEOUT_S = 5.0
VIP = IPv4Address("10.0.0.3")
OWN = IPv4Address("10.0.0.1")


class Watched:
    """A started monitor and every change it has told of."""

    def __init__(self, monitor: LinkMonitor) -> None:
        self.monitor = monitor
        self.told: list[Link] = []
        self._task = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        async for link in self.monitor.changes():
            self.told.append(link)

    async def until(self, true: Callable[[Link], bool], name: str = "eth0") -> Link:
        """The last told change of ``name`` once it is as expected."""
        deadline = asyncio.get_running_loop().time() + TIMEOUT_S
        while True:
            told = [link for link in self.told if link.name == name]
            if told and true(told[-1]):
                return told[-1]
            if self._task.done():
                self._task.result()
            assert asyncio.get_running_loop().time() < deadline, f"not told within {TIMEOUT_S} s: {self.told}"
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self._task.cancel()
        self.monitor.close()


@asynccontextmanager
async def watching(*vips: IPv4Address | IPv6Address) -> AsyncIterator[Watched]:
    monitor = LinkMonitor(exclude=vips)
    monitor.start()
    watched = Watched(monitor)
    try:
        yield watched
    finally:
        await watched.stop()


def inside(namespace: Namespace, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with namespace.entered():
        asyncio.run(scenario())


def test_what_is_there_at_the_start(left: Namespace) -> None:
    async def scenario() -> None:
        async with watching() as watched:
            links = watched.monitor.links()
            index = socket.if_nametoindex("eth0")
            peer = links["eth0"].base  # of a veth: its other end
            assert links["eth0"] == Link(
                "eth0", index, left.mac(), up=True, address=OWN, addresses=frozenset({OWN}), kind="veth", base=peer
            )
            assert links.keys() == {"eth0", "lo"}

    inside(left, scenario)


def test_administratively_down_and_up(left: Namespace) -> None:
    async def scenario() -> None:
        async with watching() as watched:
            left.ip("link set eth0 down")
            assert (await watched.until(lambda link: not link.up)).address == OWN
            left.ip("link set eth0 up")
            assert (await watched.until(lambda link: link.up)).address == OWN
            assert watched.monitor.links()["eth0"].up

    inside(left, scenario)


def test_a_pulled_cable_is_down(left: Namespace, right: Namespace) -> None:
    async def scenario() -> None:
        async with watching() as watched:
            right.ip("link set eth0 down")
            await watched.until(lambda link: not link.up)
            right.ip("link set eth0 up")
            await watched.until(lambda link: link.up)

    inside(left, scenario)


def test_the_address_goes_and_another_comes(left: Namespace) -> None:
    async def scenario() -> None:
        async with watching() as watched:
            left.ip("address del 10.0.0.1/24 dev eth0")
            await watched.until(lambda link: link.address is None)
            left.ip("address add 10.0.0.9/24 dev eth0")
            await watched.until(lambda link: link.address == IPv4Address("10.0.0.9"))

    inside(left, scenario)


def test_a_vip_is_no_address_of_the_interface(left: Namespace) -> None:
    left.ip("address flush dev eth0")
    left.ip("address add 10.0.0.3/24 dev eth0")

    async def scenario() -> None:
        async with watching(VIP) as watched:
            assert watched.monitor.links()["eth0"].address is None
            left.ip("address add 10.0.0.1/24 dev eth0")  # secondary to the VIP: what a crash leaves behind
            await watched.until(lambda link: link.address == OWN)

    inside(left, scenario)


def test_the_primary_address_stays_when_others_come(left: Namespace) -> None:
    left.ip("address flush dev eth0")
    left.ip("address add 10.0.0.3/24 dev eth0")
    left.ip("address add 10.0.0.1/24 dev eth0")

    async def scenario() -> None:
        async with watching(VIP) as watched:
            left.ip("address add 10.9.9.9/32 dev eth0")  # the kernel now lists this one first
            left.ip("link set eth0 down")
            assert (await watched.until(lambda link: not link.up)).address == OWN
            left.ip("address del 10.0.0.1/24 dev eth0")
            await watched.until(lambda link: link.address == IPv4Address("10.9.9.9"))

    inside(left, scenario)


def test_an_address_of_wide_scope_is_preferred(left: Namespace) -> None:
    left.ip("address add 1.2.3.4/16 scope link dev eth0")

    async def scenario() -> None:
        async with watching() as watched:
            assert watched.monitor.links()["eth0"].address == OWN

    inside(left, scenario)


def test_a_reload_makes_an_address_a_vip(left: Namespace) -> None:
    async def scenario() -> None:
        async with watching() as watched:
            watched.monitor.exclude([OWN])
            await watched.until(lambda link: link.address is None)
            watched.monitor.exclude([VIP])
            await watched.until(lambda link: link.address == OWN)

    inside(left, scenario)


def test_an_interface_comes_is_renamed_and_goes(left: Namespace) -> None:
    async def scenario() -> None:
        async with watching() as watched:
            left.ip("link add eth5 type veth peer name eth6")
            index = (await watched.until(lambda link: not link.up, "eth5")).index
            left.ip("address add 10.5.0.1/24 dev eth5")
            await watched.until(lambda link: link.address is not None, "eth5")
            left.ip("link set eth5 name eth9")
            await watched.until(lambda link: link.address is None, "eth5")
            assert (await watched.until(lambda link: link.address is not None, "eth9")).index == index
            left.ip("link del eth9")
            gone = await watched.until(lambda link: link.address is None, "eth9")
            assert not gone.up
            assert watched.monitor.links().keys() == {"eth0", "lo"}

    inside(left, scenario)


def test_only_what_is_different_is_told(left: Namespace) -> None:
    async def scenario() -> None:
        async with watching(VIP) as watched:
            left.ip("address add 10.0.0.3/24 dev eth0")
            left.ip("link set eth0 mtu 1400")
            left.ip("link add eth5 type veth peer name eth6")
            await watched.until(lambda link: not link.up, "eth5")
            assert "eth0" not in {link.name for link in watched.told}

    inside(left, scenario)


def test_lost_notifications_are_made_up_for(left: Namespace) -> None:
    """More notifications than the socket holds (ENOBUFS), eth0's only one among the lost."""
    left.ip("link add eth5 type veth peer name eth6")
    flood = "\n".join(["link set eth5 mtu 1400", "link set eth5 mtu 1500"] * 500 + ["link set eth0 down"])

    async def scenario() -> None:
        async with watching() as watched:
            left.batch(flood)  # the loop stands still meanwhile, so nothing is read
            await watched.until(lambda link: not link.up)

    inside(left, scenario)


def test_a_link_local_address_counts_once_it_is_not_tentative(left: Namespace, right: Namespace) -> None:
    right.ip("link set eth0 down")  # without a carrier no detection ends
    left.ip("address add fe80::1/64 dev eth0")

    async def scenario() -> None:
        async with watching() as watched:
            assert watched.monitor.links()["eth0"].link_local is None
            right.ip("link set eth0 up")
            link = await watched.until(lambda link: link.link_local is not None)
            assert link.link_local == IPv6Address("fe80::1")
            assert link.addresses == {OWN, IPv6Address("fe80::1")}
            left.ip("address del fe80::1/64 dev eth0")
            await watched.until(lambda link: link.link_local is None)

    inside(left, scenario)


def test_a_link_local_vip_is_no_address_of_the_interface(left: Namespace) -> None:
    left.ip("address add fe80::51/64 dev eth0 nodad")
    left.ip("address add fd00::51/64 dev eth0 nodad")

    async def scenario() -> None:
        async with watching(IPv6Address("fe80::51"), IPv6Address("fd00::51")) as watched:
            assert watched.monitor.links()["eth0"].addresses == {OWN}
            left.ip("address add fe80::1/64 dev eth0 nodad")
            await watched.until(lambda link: link.link_local == IPv6Address("fe80::1"))

    inside(left, scenario)
