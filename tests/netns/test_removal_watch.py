# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other programs remove is told, and what we remove is not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from vipd.config.model import Route, Rule, VirtualAddress
from vipd.linux import addresses, routes, rules
from vipd.linux.removal_watch import AddressKey, Removal, RemovalWatch, identity
from vipd.linux.removal_watch import addresses as present_addresses
from vipd.linux.rtnetlink import KernelSocket

from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

VIPS = [
    VirtualAddress(ip_address("10.0.0.100"), 32),
    VirtualAddress(ip_address("fd00::100"), 64),
    VirtualAddress(ip_address("10.5.0.1"), 32, peer="10.5.0.2"),
    VirtualAddress(ip_address("fd05::1"), 128, peer="fd05::2"),
]
ROUTES = [
    Route("10.9.0.0/16", via=ip_address("10.0.0.2"), table="1000", metric=5),
    Route("default", via=ip_address("10.0.0.2")),
    Route("10.9.0.0/16", kind="blackhole"),
    Route("fd09::/16", family=6, dev="eth0"),
    Route("default", family=6, dev="eth0"),
]
RULES = [Rule(source="10.0.0.100/32", table="100"), Rule(family=6, source="fd00::100/128", table="1000")]


@contextmanager
def watched(host: Namespace) -> Iterator[tuple[RemovalWatch, KernelSocket, dict[str, int]]]:
    with (
        host.entered(),
        closing(KernelSocket()) as own,
        closing(RemovalWatch(own.port)) as watch,
    ):
        watch.subscribe(routes=True, rules=True)
        yield watch, own, {"eth0": socket.if_nametoindex("eth0")}


def removals(watch: RemovalWatch) -> list[Removal]:
    return wait_for(lambda: list(watch.removals()), "a removal")


def pairs(indexes: dict[str, int]) -> list[tuple[bytes, bytes]]:
    index = indexes["eth0"]
    return [
        *((addresses.encode_add(index, vip), addresses.encode_delete(index, vip)) for vip in VIPS),
        *((routes.encode_add(route, indexes), routes.encode_delete(route, indexes)) for route in ROUTES),
        *((rules.encode_add(rule, 99), rules.encode_delete(rule, 99)) for rule in RULES),
    ]


def test_what_others_remove_is_told_as_our_own_message_names_it(left: Namespace) -> None:
    with watched(left) as (watch, own, indexes), closing(KernelSocket()) as stranger:
        for add, delete in pairs(indexes):
            assert own.apply(add) == [0]
            assert stranger.apply(delete) == [0]
            assert identity(delete) in removals(watch)


def test_our_own_removals_are_not_told(left: Namespace) -> None:
    with watched(left) as (watch, own, indexes):
        added = pairs(indexes)
        assert own.apply(b"".join(add for add, _delete in added)) == [0] * len(added)
        assert own.apply(b"".join(delete for _add, delete in reversed(added))) == [0] * len(added)
        for vip in VIPS:
            if vip.address.version == 6:
                watch.expect(identity(addresses.encode_delete(indexes["eth0"], vip)))
        ours = {identity(delete) for _add, delete in added}
        left.ip("address add 10.0.0.77/24 dev eth0")
        left.ip("address delete 10.0.0.77/24 dev eth0")
        told = removals(watch)
        assert AddressKey(indexes["eth0"], ip_address("10.0.0.77")) in told
        assert not ours & set(told)


def test_what_went_along_with_what_we_removed_is_told_apart_from_what_others_removed(left: Namespace) -> None:
    """The kernel takes secondary addresses off with their primary one, in the name of who removed that."""
    vips = [VirtualAddress(ip_address("192.0.2.1") + number, 24) for number in range(2)]
    with watched(left) as (watch, own, indexes):
        Path("/proc/sys/net/ipv4/conf/eth0/promote_secondaries").write_text("0")
        index = indexes["eth0"]
        for vip in vips:
            assert own.apply(addresses.encode_add(index, vip)) == [0]
        assert own.apply(addresses.encode_delete(index, vips[0])) == [0]
        left.ip("address delete 10.0.0.1/24 dev eth0")
        told = {key.address for key in removals(watch) if isinstance(key, AddressKey)}
        assert told == {ip_address("10.0.0.1")}
        assert watch.take_own() == {AddressKey(index, vip.address) for vip in vips}
        assert watch.take_own() == set()


def test_routes_are_not_heard_of_unless_asked_for(left: Namespace) -> None:
    with watched(left) as (watch, _own, indexes):
        watch.subscribe()
        left.ip("route add 10.9.0.0/16 via 10.0.0.2")
        left.ip("route delete 10.9.0.0/16 via 10.0.0.2")
        left.ip("address delete 10.0.0.1/24 dev eth0")
        assert removals(watch) == [AddressKey(indexes["eth0"], ip_address("10.0.0.1"))]


@pytest.mark.parametrize("count", [0, 3000])
def test_after_an_overrun_one_can_look_at_what_is_there(left: Namespace, count: int) -> None:
    vips = [VirtualAddress(ip_address("10.4.0.0") + host, 32) for host in range(count)]
    with watched(left) as (watch, _own, indexes), closing(KernelSocket()) as stranger:
        index = indexes["eth0"]
        for vip in vips:
            stranger.apply(addresses.encode_add(index, vip))
        for vip in vips:
            stranger.apply(addresses.encode_delete(index, vip))
        list(watch.removals())
        assert watch.overrun is bool(count)
        assert AddressKey(index, ip_address("10.0.0.1")) in present_addresses()
        assert len(present_addresses()) < 5
