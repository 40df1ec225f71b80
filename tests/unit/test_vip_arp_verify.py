# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who answers for a VIP: frames, and the verdict. On a real network: ``tests/lvs/test_real_server.py``."""

from __future__ import annotations

import socket
from collections import Counter
from ipaddress import IPv4Address

from ansible_collections.lbha.pair.plugins.module_utils.vipd.wire.arp import Arp, encode, encode_probe
from ansible_collections.lbha.pair.plugins.modules.vip_arp_verify import REPLY, answerer, fault, heard, shown

VIP = IPv4Address("10.0.0.250")
US, DIRECTOR, REAL = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2", b"\2\0\0\0\0\3"


def answer(mac: bytes, address: IPv4Address = VIP, operation: int = REPLY) -> bytes:
    return encode(Arp(US, mac, operation, mac, address, US, IPv4Address(0)))


def test_a_probe_teaches_nobody() -> None:
    assert encode_probe(US, VIP)[28:32] == bytes(4)


def test_only_answers_for_the_vip_count() -> None:
    assert answerer(answer(DIRECTOR), VIP) == shown(DIRECTOR)
    assert answerer(answer(DIRECTOR, IPv4Address("10.0.0.1")), VIP) is None
    assert answerer(answer(DIRECTOR, operation=1), VIP) is None
    assert answerer(b"\0" * 20, VIP) is None


def test_answers_are_heard_until_the_time_is_up() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        for frame in (answer(DIRECTOR), b"noise", answer(REAL)):
            theirs.send(frame)
        assert list(heard(ours, VIP, 0.05)) == [shown(DIRECTOR), shown(REAL)]


def test_the_verdict() -> None:
    director, real = shown(DIRECTOR), shown(REAL)
    assert fault(VIP, Counter({director: 20}), "") == ""
    assert fault(VIP, Counter({director: 20}), director.upper()) == ""
    assert "nobody answers for 10.0.0.250" in fault(VIP, Counter(), "")
    assert f"2 hosts answer for 10.0.0.250: {director} (20 times), {real} (1 times)" in fault(
        VIP, Counter({director: 20, real: 1}), ""
    )
    assert f"{real} should" in fault(VIP, Counter({director: 20}), real)
