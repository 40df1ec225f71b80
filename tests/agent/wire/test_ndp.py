# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The neighbour advertisement codec: bytes and objects, refusals, scapy as an independent reader and writer."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import Ether
from vipd.wire.errors import Reason, WireError
from vipd.wire.ndp import ALL_NODES, ALL_NODES_MAC, NeighbourAdvertisement, decode, encode, encode_unsolicited

MAC = bytes.fromhex("be4eed88c9b6")
ROUTER_MAC = bytes.fromhex("c247949c43a3")
VIP = IPv6Address("2001:db8::3")

# Seen from keepalived 2.2.7, the second with the forwarding of IPv6 switched on.
HOST = (
    "333300000001be4eed88c9b686dd6000000000203aff20010db8000000000000000000000003ff020000000000000000000000000001"
    "880085992000000020010db80000000000000000000000030201be4eed88c9b6"
)
ROUTER = (
    "333300000001c247949c43a386dd6000000000203afffe800000000000000000000000000003ff020000000000000000000000000001"
    "88003f10a0000000fe8000000000000000000000000000030201c247949c43a3"
)
ADVERTISEMENT = NeighbourAdvertisement(
    destination_mac=ALL_NODES_MAC,
    source_mac=MAC,
    source=VIP,
    destination=ALL_NODES,
    target=VIP,
    target_mac=MAC,
    router=False,
    solicited=False,
    override=True,
)


def test_an_announcement_is_keepalived_s() -> None:
    assert encode_unsolicited(MAC, VIP, router=False).hex() == HOST
    assert encode_unsolicited(ROUTER_MAC, IPv6Address("fe80::3"), router=True).hex() == ROUTER


def test_frame_and_advertisement_are_the_same_thing() -> None:
    assert encode(ADVERTISEMENT).hex() == HOST
    assert decode(bytes.fromhex(HOST)) == ADVERTISEMENT
    assert decode(bytes.fromhex(ROUTER)).router


def test_ethernet_padding_is_ignored() -> None:
    assert decode(bytes.fromhex(HOST) + bytes(18)) == ADVERTISEMENT


def changed(at: int, value: int) -> bytes:
    frame = bytearray.fromhex(HOST)
    frame[at] = value
    return bytes(frame)


REFUSED = [
    pytest.param(b"", Reason.TRUNCATED, "0 octets", id="empty"),
    pytest.param(bytes.fromhex(HOST[:-2]), Reason.TRUNCATED, "85 octets", id="part of a frame"),
    pytest.param(changed(12, 0x08), Reason.NOT_NDP, "0x08dd", id="another ethertype"),
    pytest.param(changed(14, 0x45), Reason.NOT_NDP, "expected an ICMPv6", id="IPv4"),
    pytest.param(changed(20, 112), Reason.NOT_NDP, "expected an ICMPv6", id="VRRP"),
    pytest.param(changed(54, 135), Reason.NOT_NDP, "expected an ICMPv6", id="neighbour solicitation"),
    pytest.param(changed(55, 1), Reason.NOT_NDP, "expected an ICMPv6", id="code 1"),
    pytest.param(changed(21, 254), Reason.NOT_NDP, "hop limit 254", id="forwarded"),
    pytest.param(changed(19, 24), Reason.BAD_LENGTH, "24 octets", id="without option"),
    pytest.param(changed(78, 1), Reason.BAD_LENGTH, "the target's MAC", id="another option"),
    pytest.param(changed(79, 0), Reason.BAD_LENGTH, "the target's MAC", id="option of length 0"),
    pytest.param(changed(57, 0), Reason.BAD_CHECKSUM, "checksum", id="damaged checksum"),
    pytest.param(changed(37, 9), Reason.BAD_CHECKSUM, "checksum", id="damaged source"),
    pytest.param(changed(85, 0), Reason.BAD_CHECKSUM, "checksum", id="damaged MAC"),
]


@pytest.mark.parametrize(("frame", "reason", "text"), REFUSED)
def test_refused_frames_say_why(frame: bytes, reason: Reason, text: str) -> None:
    with pytest.raises(WireError, match=text) as caught:
        decode(frame)
    assert caught.value.reason is reason


macs = st.binary(min_size=6, max_size=6)
addresses = st.ip_addresses(v=6)
advertisements = st.builds(
    NeighbourAdvertisement,
    macs,
    macs,
    addresses,
    addresses,
    addresses,
    macs,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(advertisements)
def test_every_advertisement_survives_the_wire(advertisement: NeighbourAdvertisement) -> None:
    assert decode(encode(advertisement)) == advertisement


@given(st.binary(max_size=100), st.integers(0, 86))
def test_decode_raises_nothing_else(octets: bytes, kept: int) -> None:
    for frame in (octets, bytes.fromhex(HOST)[:kept] + octets):
        with suppress(WireError):
            decode(frame)


@given(macs, addresses, st.booleans())
def test_scapy_reads_the_same_and_writes_the_same(mac: bytes, address: IPv6Address, router: bool) -> None:
    frame = encode_unsolicited(mac, address, router)
    read = Ether(frame)
    assert [type(layer).__name__ for layer in layers(read)] == ["Ether", "IPv6", "ICMPv6ND_NA", "ICMPv6NDOptDstLLAddr"]
    assert (read.dst, read.src.replace(":", "")) == ("33:33:00:00:00:01", mac.hex())
    assert (IPv6Address(read[IPv6].src), read[IPv6].dst, read[IPv6].hlim) == (address, "ff02::1", 255)
    told = read[ICMPv6ND_NA]
    assert (told.R, told.S, told.O, IPv6Address(told.tgt)) == (int(router), 0, 1, address)
    assert read[ICMPv6NDOptDstLLAddr].lladdr.replace(":", "") == mac.hex()
    del told.cksum, read[IPv6].plen
    assert bytes(read) == frame


def layers(packet: Ether) -> list[object]:
    found: list[object] = []
    while packet:
        found.append(packet)
        packet = packet.payload
    return found
