# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Internet checksum against the definition of RFC 1071, word by word."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from vipd.wire.checksum import checksum, is_valid, pseudo_header, with_checksum


def by_definition(message: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


def test_the_example_of_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


messages = (
    st.lists(st.integers(0, 0xFFFF), min_size=1).filter(any).map(lambda words: struct.pack(f"!{len(words)}H", *words))
)


@given(messages)
def test_it_is_the_complement_of_the_ones_complement_sum(message: bytes) -> None:
    assert checksum(message) == by_definition(message)
    assert is_valid(message + checksum(message).to_bytes(2, "big"))


@given(messages, st.integers(1, 0xFFFE))
def test_a_change_is_noticed(message: bytes, change: int) -> None:
    assert not is_valid(message + ((checksum(message) + change) % 0xFFFF).to_bytes(2, "big"))


@given(messages)
def test_the_checksum_is_put_where_it_belongs(message: bytes) -> None:
    found = with_checksum(b"\1\0" + bytes(2) + message, 2)
    assert is_valid(found)
    assert found[:2] + found[4:] == b"\1\0" + message


IPV4_ENDS = bytes.fromhex("c00002fbe0000012")
IPV6_ENDS = bytes.fromhex("fe800000000000000000000000000001ff020000000000000000000000000012")


@given(messages)
def test_a_pseudo_header_counts_as_if_it_came_before_the_message(message: bytes) -> None:
    length = len(message).to_bytes(2, "big")
    before4 = IPV4_ENDS + b"\0\x70" + length
    before6 = IPV6_ENDS + bytes(2) + length + bytes(3) + b"\x70"
    assert checksum(message, pseudo_header(IPV4_ENDS, 112, len(message))) == by_definition(before4 + message)
    assert checksum(message, pseudo_header(IPV6_ENDS, 112, len(message))) == by_definition(before6 + message)
