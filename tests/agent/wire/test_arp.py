# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ARP codec: bytes and objects, refusals, scapy as an independent reader."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.l2 import ARP, Ether
from vipd.wire.arp import BROADCAST, REQUEST, Arp, decode, encode, encode_gratuitous
from vipd.wire.errors import Reason, WireError

MAC = bytes.fromhex("cacc006d2b38")
VIP = IPv4Address("10.0.0.3")

# Seen from keepalived 2.2.7; tests/netns compares with the one that is installed.
GRATUITOUS = "ffffffffffffcacc006d2b3808060001080006040001cacc006d2b380a000003ffffffffffff0a000003"


def test_gratuitous_arp_is_a_broadcast_request_for_oneself() -> None:
    assert encode_gratuitous(MAC, VIP).hex() == GRATUITOUS
    assert decode(bytes.fromhex(GRATUITOUS)) == Arp(BROADCAST, MAC, REQUEST, MAC, VIP, BROADCAST, VIP)


def test_ethernet_padding_is_ignored() -> None:
    assert decode(bytes.fromhex(GRATUITOUS) + bytes(18)) == decode(bytes.fromhex(GRATUITOUS))


REFUSED = [
    pytest.param(b"", Reason.TRUNCATED, id="empty"),
    pytest.param(bytes.fromhex(GRATUITOUS[:-2]), Reason.TRUNCATED, id="part of a frame"),
    pytest.param(bytes.fromhex(GRATUITOUS.replace("0806", "86dd")), Reason.NOT_ARP, id="IPv6"),
    pytest.param(bytes.fromhex(GRATUITOUS.replace("08000604", "86dd0610")), Reason.NOT_ARP, id="ARP for IPv6"),
]


@pytest.mark.parametrize(("frame", "reason"), REFUSED)
def test_refused_frames_say_why(frame: bytes, reason: Reason) -> None:
    with pytest.raises(WireError) as caught:
        decode(frame)
    assert caught.value.reason is reason


macs = st.binary(min_size=6, max_size=6)
addresses = st.ip_addresses(v=4)


@given(st.builds(Arp, macs, macs, st.integers(0, 0xFFFF), macs, addresses, macs, addresses))
def test_every_arp_survives_the_wire(arp: Arp) -> None:
    assert decode(encode(arp)) == arp


@given(st.binary(max_size=80))
def test_decode_raises_nothing_else(frame: bytes) -> None:
    with suppress(WireError):
        decode(frame)


@given(macs, addresses)
def test_scapy_reads_the_same_and_writes_the_same(mac: bytes, address: IPv4Address) -> None:
    frame = encode_gratuitous(mac, address)
    read = Ether(frame)
    assert (read.dst, read.src.replace(":", "")) == ("ff:ff:ff:ff:ff:ff", mac.hex())
    assert (read[ARP].op, read[ARP].psrc, read[ARP].pdst) == (1, str(address), str(address))
    assert bytes(Ether(dst=read.dst, src=read.src) / read[ARP].copy()) == frame
