# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs put on a real interface and taken off again, as ip(8) sees them."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_address
from typing import Any

import pytest
from pyroute2 import AsyncIPRoute
from vipd.config.model import VirtualAddress
from vipd.linux.addresses import PROTOCOL_KEEPALIVED, encode_add, encode_delete
from vipd.linux.rtnetlink import KernelSocket

from tests.netns.namespace import Namespace


def vip(text: str, **more: Any) -> VirtualAddress:
    address, _slash, length = text.partition("/")
    own = ip_address(address)
    return VirtualAddress(own, int(length or own.max_prefixlen), **more)


@contextmanager
def kernel(namespace: Namespace) -> Iterator[tuple[KernelSocket, int]]:
    with namespace.entered(), closing(KernelSocket()) as addresses:
        yield addresses, socket.if_nametoindex("eth0")


def added(namespace: Namespace, one: VirtualAddress) -> dict[str, object]:
    """``one`` as ip(8) describes it once it is configured."""
    with kernel(namespace) as (addresses, eth0):
        assert addresses.apply(encode_add(eth0, one)) == [0]
    present = namespace.addresses(family=one.address.version)
    (seen,) = [address for address in present if address["local"] == str(one.address)]
    return seen


FOR_EVER = 0xFFFFFFFF

# What ip(8) shows after Debian's keepalived 2.2.7 has configured the same line.
AS_KEEPALIVED_DOES = [
    (vip("10.2.0.4"), {"prefixlen": 32, "scope": "global", "label": "eth0"}),
    (vip("10.0.0.3/24", label="eth0:1"), {"prefixlen": 24, "scope": "global", "label": "eth0:1", "secondary": True}),
    (vip("10.2.0.5/24", broadcast="+"), {"broadcast": "10.2.0.255"}),
    (vip("10.2.1.6/24", broadcast="-", scope="link"), {"broadcast": "10.2.1.0", "scope": "link"}),
    (vip("10.2.2.7/24", broadcast="10.2.2.200", scope="host"), {"broadcast": "10.2.2.200", "scope": "host"}),
    (vip("10.2.3.7/24", scope="site"), {"scope": "site"}),
    (vip("10.2.4.7/24", scope="150"), {"scope": "150"}),
    (vip("10.2.4.8", peer="10.2.4.9"), {"address": "10.2.4.9", "prefixlen": 32}),
    (vip("10.2.4.8", peer="10.2.4.9/24"), {"address": "10.2.4.9", "prefixlen": 24}),
    (vip("10.2.4.8", preferred_lft_s=0), {"deprecated": True, "valid_life_time": FOR_EVER}),
    (vip("10.2.4.8/24", noprefixroute=True), {"noprefixroute": True}),
    (vip("224.1.2.3", autojoin=True), {"autojoin": True}),
    (vip("fd00::1/64"), {"nodad": True, "prefixlen": 64, "scope": "global", "preferred_life_time": FOR_EVER}),
    (vip("fd00::1"), {"nodad": True, "prefixlen": 128, "deprecated": True, "preferred_life_time": 0}),
    (vip("fd00::1/64", preferred_lft_s=0), {"deprecated": True, "valid_life_time": FOR_EVER}),
    (vip("fe80::51/64"), {"nodad": True, "scope": "link"}),
    (vip("fd00::1/64", home=True), {"home": True}),
    (vip("fd00::1/64", mngtmpaddr=True, noprefixroute=True), {"mngtmpaddr": True, "noprefixroute": True}),
    (vip("fd00::1", peer="fd00::2"), {"address": "fd00::2", "prefixlen": 128}),
]


@pytest.mark.parametrize(("one", "expected"), AS_KEEPALIVED_DOES, ids=lambda value: str(value)[:40])
def test_a_vip_is_configured_as_keepalived_does(
    left: Namespace, one: VirtualAddress, expected: dict[str, object]
) -> None:
    seen = added(left, one)
    assert expected.items() <= seen.items()


@pytest.mark.parametrize("length", ["24", "31", "32"])
def test_no_broadcast_address_unless_asked_for(left: Namespace, length: str) -> None:
    assert "broadcast" not in added(left, vip(f"10.2.0.4/{length}"))


@pytest.mark.parametrize("sign", ["+", "-"])
@pytest.mark.parametrize("length", ["31", "32"])
def test_a_network_without_room_for_a_broadcast_address_has_none(left: Namespace, length: str, sign: str) -> None:
    assert "broadcast" not in added(left, vip(f"10.2.5.6/{length}", broadcast=sign))


def test_a_vip_is_removed_whatever_its_label(left: Namespace) -> None:
    with kernel(left) as (addresses, eth0):
        assert addresses.apply(encode_add(eth0, vip("10.0.0.3/24", label="eth0:1"))) == [0]
        assert addresses.apply(encode_delete(eth0, vip("10.0.0.3/24"))) == [0]
    assert [address["local"] for address in left.addresses()] == ["10.0.0.1"]


def test_an_address_of_another_length_is_left_alone(left: Namespace) -> None:
    with kernel(left) as (addresses, eth0):
        assert addresses.apply(encode_delete(eth0, vip("10.0.0.1/32"))) == [errno.EADDRNOTAVAIL]
    assert [address["local"] for address in left.addresses()] == ["10.0.0.1"]


def test_duplicate_address_detection_is_left_out_unless_asked_for(left: Namespace) -> None:
    assert "nodad" not in added(left, vip("fd00::1/64", dad=True))


@pytest.mark.parametrize("one", [vip("fd00::1/64"), vip("fd00::1"), vip("fd00::1", peer="fd00::2")], ids=str)
def test_an_ipv6_vip_is_removed(left: Namespace, one: VirtualAddress) -> None:
    added(left, one)
    with kernel(left) as (addresses, eth0):
        assert addresses.apply(encode_delete(eth0, one)) == [0]
        assert addresses.apply(encode_delete(eth0, one)) == [errno.EADDRNOTAVAIL]
    assert left.addresses(family=6) == []


def test_answers_may_wait_while_others_are_heard(left: Namespace) -> None:
    new, absent = vip("10.0.0.3/24"), vip("10.0.0.9/24")
    with kernel(left) as (addresses, eth0):
        sent = addresses.send([encode_add(eth0, new)] * 2)
        assert "10.0.0.3" in [address["local"] for address in left.addresses()]  # done already
        assert addresses.apply(encode_delete(eth0, absent)) == [errno.EADDRNOTAVAIL]
        assert addresses.answers(sent) == [0, errno.EEXIST]


def test_each_message_has_its_own_answer_in_order(left: Namespace) -> None:
    new, old, absent = vip("10.0.0.3/24"), vip("10.0.0.1/24"), vip("10.0.0.9/24")
    with kernel(left) as (addresses, eth0):
        batch = [
            encode_add(eth0, old),
            encode_add(eth0, new),
            encode_delete(eth0, absent),
            encode_delete(eth0, new),
            encode_add(999, new),
        ]
        expected = [errno.EEXIST, 0, errno.EADDRNOTAVAIL, 0, errno.ENODEV]
        assert addresses.apply(b"".join(batch)) == expected
        assert addresses.apply(b"") == []


def test_padding_between_messages_is_not_part_of_them(left: Namespace) -> None:
    with kernel(left) as (addresses, eth0):
        padded = bytearray(encode_add(eth0, vip("10.0.0.3/24", label="eth0:1")))
        del padded[-8:]  # IFA_PROTO; the label before it ends in a byte of padding
        struct.pack_into("=I", padded, 0, len(padded) - 1)
        assert addresses.apply(bytes(padded) + encode_add(eth0, vip("10.0.0.4/24"))) == [0, 0]
    assert [address["local"] for address in left.addresses()] == ["10.0.0.1", "10.0.0.3", "10.0.0.4"]


def test_the_kernel_remembers_who_put_an_address_there(left: Namespace) -> None:
    """`ip -d address` shows it from iproute2 6.3 on."""

    async def protocols() -> dict[str, object]:
        async with AsyncIPRoute() as kernel:
            messages = await kernel.get_addr(family=socket.AF_INET)
            return {message.get("local"): message.get("proto") async for message in messages}

    added(left, vip("10.0.0.3/24"))
    with left.entered():
        seen = asyncio.run(protocols())
    assert seen["10.0.0.3"] == PROTOCOL_KEEPALIVED
    assert seen["10.0.0.1"] != PROTOCOL_KEEPALIVED


def test_a_thousand_messages_lose_no_answer(left: Namespace) -> None:
    vips = [vip(f"10.{host // 250}.7.{host % 250}") for host in range(1000)]
    with kernel(left) as (addresses, eth0):
        assert addresses.apply(b"".join(encode_add(eth0, one) for one in vips)) == [0] * 1000
        assert len(left.addresses()) == 1001
        assert addresses.apply(b"".join(encode_delete(eth0, one) for one in vips)) == [0] * 1000
    assert len(left.addresses()) == 1
