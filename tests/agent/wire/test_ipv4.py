# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPv4 header: what is read of it, what makes it refused, options and padding."""

from __future__ import annotations

import pytest
from vipd.wire.errors import Reason, WireError
from vipd.wire.ipv4 import decode, encode

from tests.agent.wire.sent import ip

SOURCE, DESTINATION = ip("10.0.0.1"), ip("224.0.0.18")
MESSAGE = bytes.fromhex("213396010101db640a0000033131313100000000")
PACKET = "45c0002800000000ff70d0920a000001e0000012" + MESSAGE.hex()
OPTIONS = "46c0002c00000000ff703b8a0a000001e0000012" + "94040000" + MESSAGE.hex()
READ = (SOURCE.packed + DESTINATION.packed, 255, MESSAGE)


def test_packet_and_parts_are_the_same_thing() -> None:
    assert encode(SOURCE, DESTINATION, 255, MESSAGE).hex() == PACKET
    assert decode(bytes.fromhex(PACKET)) == READ


def test_the_ttl_is_what_was_asked_for() -> None:
    assert decode(encode(SOURCE, DESTINATION, 7, MESSAGE))[1] == 7


def test_options_are_skipped() -> None:
    assert decode(bytes.fromhex(OPTIONS)) == READ


def test_ethernet_padding_is_cut() -> None:
    assert decode(bytes.fromhex(PACKET) + bytes(18)) == READ


def test_the_message_may_be_absent() -> None:
    """What a message needs is the concern of its own codec."""
    assert decode(bytes.fromhex("45c00014" + PACKET[8:]))[2] == b""
    assert decode(bytes.fromhex("45c00013" + PACKET[8:]))[2] == b""


REFUSED = [
    pytest.param("", Reason.TRUNCATED, "0 octets", id="empty"),
    pytest.param(PACKET[:38], Reason.TRUNCATED, "19 octets", id="part of a header"),
    pytest.param(
        PACKET[:-2], Reason.TRUNCATED, "39 octets of an IPv4 packet of 40", id="shorter than its total length"
    ),
    pytest.param("6" + PACKET[1:], Reason.NOT_IPV4, "0x65", id="IPv6"),
    pytest.param("44" + PACKET[2:], Reason.NOT_IPV4, "0x44", id="header of 16 octets"),
    pytest.param(PACKET[:18] + "11" + PACKET[20:], Reason.NOT_VRRP, "protocol 17", id="UDP"),
]


@pytest.mark.parametrize(("packet", "reason", "text"), REFUSED)
def test_refused_packets_say_why(packet: str, reason: Reason, text: str) -> None:
    with pytest.raises(WireError, match=text) as caught:
        decode(bytes.fromhex(packet))
    assert caught.value.reason is reason
