# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VRRP codec: one table of bytes and objects, one of refusals, scapy as an independent reader, random bytes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP
from scapy.layers.vrrp import VRRP
from vipd.wire.checksum import checksum
from vipd.wire.vrrp import (
    AUTH_PASS,
    GROUP,
    Advert,
    Checksum,
    Reason,
    ReceivedAdvert,
    WireError,
    decode,
    decode_packet,
    encode,
    encode_packet,
)


def ip(text: str) -> IPv4Address:
    return IPv4Address(text)


SOURCE = ip("10.0.0.1")
ENDS = (SOURCE, GROUP)
PLAIN = Advert(version=2, vrid=10, priority=200, advert_int_cs=100, addresses=(ip("192.0.2.1"), ip("192.0.2.2")))
PASSWORD = Advert(2, 51, 150, 100, (ip("10.0.0.3"),), AUTH_PASS, b"1111\0\0\0\0")

SIX = Advert(
    version=2,
    vrid=51,
    priority=150,
    advert_int_cs=100,
    addresses=(*(ip(f"10.0.0.{last}") for last in range(3, 8)), ip("10.1.0.8")),
    auth_type=AUTH_PASS,
    auth_data=b"1111\0\0\0\0",
)

MESSAGES = [
    pytest.param("210ac802000192edc0000201c00002020000000000000000", PLAIN, id="two addresses"),
    pytest.param("213396010101db640a0000033131313100000000", PASSWORD, id="password"),
    pytest.param(
        "21330001010a715c0a0000033131313100000000", replace(PASSWORD, priority=0, advert_int_cs=1000), id="stop"
    ),
    pytest.param(
        "213396060101a9400a0000030a0000040a0000050a0000060a0000070a0100083131313100000000",
        SIX,
        id="captured from keepalived 2.2.7",
    ),
    pytest.param(
        "21fffe0101ff6b6ae00000ff6162636465666768",
        Advert(2, 255, 254, 25500, (ip("224.0.0.255"),), AUTH_PASS, b"abcdefgh"),
        id="largest values",
    ),
]


@pytest.mark.parametrize(("message", "advert"), MESSAGES)
def test_message_and_advert_are_the_same_thing(message: str, advert: Advert) -> None:
    assert encode(advert, *ENDS).hex() == message
    assert decode(bytes.fromhex(message), *ENDS) == (advert, Checksum.MESSAGE_ONLY)


PACKET = "45c0002800000000ff70d0920a000001e0000012" + "213396010101db640a0000033131313100000000"
OPTIONS = "46c0002c00000000ff703b8a0a000001e0000012" + "94040000" + "213396010101db640a0000033131313100000000"
RECEIVED = ReceivedAdvert(source=SOURCE, destination=GROUP, ttl=255, advert=PASSWORD, checksum=Checksum.MESSAGE_ONLY)


def test_packet_and_received_advert_are_the_same_thing() -> None:
    assert encode_packet(SOURCE, PASSWORD).hex() == PACKET
    assert decode_packet(bytes.fromhex(PACKET)) == RECEIVED


def test_what_the_ipv4_header_says_is_reported_and_not_judged() -> None:
    packet = bytearray(encode_packet(ip("203.0.113.9"), PLAIN, destination=ip("10.0.0.2")))
    packet[8] = 1
    received = decode_packet(bytes(packet))
    assert received == ReceivedAdvert(ip("203.0.113.9"), ip("10.0.0.2"), 1, PLAIN, Checksum.MESSAGE_ONLY)


def test_ipv4_options_are_skipped() -> None:
    assert decode_packet(bytes.fromhex(OPTIONS)) == RECEIVED


def test_ethernet_padding_is_cut() -> None:
    assert decode_packet(bytes.fromhex(PACKET) + bytes(18)) == RECEIVED


def test_either_spelling_of_a_zero_checksum_is_accepted() -> None:
    """RFC 1071: 0x0000 and 0xffff are the same number in one's complement."""
    without = encode(replace(PLAIN, addresses=(ip("192.0.2.1"), ip("192.0.0.0"))), *ENDS)
    missing = int.from_bytes(without[6:8], "big")
    zero = encode(replace(PLAIN, addresses=(ip("192.0.2.1"), ip("192.0.0.0") + missing)), *ENDS)
    assert zero[6:8] == b"\0\0"
    assert decode(zero[:6] + b"\xff\xff" + zero[8:], *ENDS) == decode(zero, *ENDS)


def with_checksum(message: bytes) -> bytes:
    """``message`` with the checksum that makes it refused for another reason than that."""
    return message[:6] + checksum(message[:6] + b"\0\0" + message[8:]).to_bytes(2, "big") + message[8:]


def changed(at: int, value: int) -> bytes:
    message = bytearray(encode(PLAIN, *ENDS))
    message[at] = value
    return with_checksum(bytes(message))


CARP = bytes.fromhex("21016407000100000000000000000001") + b"sha1 of a shared key"

REFUSED = [
    pytest.param(b"", Reason.TRUNCATED, "0 octets", id="empty"),
    pytest.param(encode(PLAIN, *ENDS)[:7], Reason.TRUNCATED, "7 octets", id="part of a header"),
    pytest.param(changed(0, 0x41), Reason.BAD_VERSION, "version 4", id="version 4"),
    pytest.param(changed(0, 0x22), Reason.BAD_TYPE, "type 2", id="type 2"),
    pytest.param(changed(1, 0), Reason.BAD_VRID, "1 to 255", id="VRID 0"),
    pytest.param(changed(3, 0), Reason.NO_ADDRESSES, "at least one", id="count 0"),
    pytest.param(
        with_checksum(encode(PLAIN, *ENDS)[:-8]), Reason.BAD_LENGTH, "16 octets, 2 addresses make 24", id="no auth"
    ),
    pytest.param(changed(3, 3), Reason.BAD_LENGTH, "3 addresses make 28", id="count too large"),
    pytest.param(changed(3, 1), Reason.BAD_LENGTH, "1 addresses make 20", id="count too small"),
    pytest.param(with_checksum(encode(PLAIN, *ENDS) + bytes(8)), Reason.BAD_LENGTH, "32 octets", id="trailing octets"),
    pytest.param(with_checksum(CARP), Reason.BAD_LENGTH, "36 octets", id="CARP"),
    pytest.param(
        encode(PLAIN, *ENDS)[:6] + b"\0\0" + encode(PLAIN, *ENDS)[8:],
        Reason.BAD_CHECKSUM,
        "checksum",
        id="zero checksum",
    ),
    pytest.param(encode(PLAIN, *ENDS)[:-1] + b"\1", Reason.BAD_CHECKSUM, "checksum", id="damaged"),
    pytest.param(changed(4, 2), Reason.BAD_AUTH_TYPE, "type 2", id="authentication header"),
    pytest.param(changed(4, 9), Reason.BAD_AUTH_TYPE, "type 9", id="unknown authentication"),
]


@pytest.mark.parametrize(("message", "reason", "text"), REFUSED)
def test_refused_messages_say_why(message: bytes, reason: Reason, text: str) -> None:
    with pytest.raises(WireError, match=text) as caught:
        decode(message, *ENDS)
    assert caught.value.reason is reason


REFUSED_PACKETS = [
    pytest.param("", Reason.TRUNCATED, id="empty"),
    pytest.param(PACKET[:38], Reason.TRUNCATED, id="part of a header"),
    pytest.param(PACKET[:-2], Reason.TRUNCATED, id="shorter than its total length"),
    pytest.param("6" + PACKET[1:], Reason.NOT_IPV4, id="IPv6"),
    pytest.param("44" + PACKET[2:], Reason.NOT_IPV4, id="header of 16 octets"),
    pytest.param(PACKET[:18] + "11" + PACKET[20:], Reason.NOT_VRRP, id="UDP"),
    pytest.param("4f" + PACKET[2:], Reason.TRUNCATED, id="options reach beyond the packet"),
    pytest.param("45c00013" + PACKET[8:], Reason.TRUNCATED, id="total length within the header"),
    pytest.param("45c00014" + PACKET[8:], Reason.TRUNCATED, id="nothing after the header"),
    pytest.param(PACKET[:-16] + "32" + PACKET[-14:], Reason.BAD_CHECKSUM, id="damaged message"),
]


@pytest.mark.parametrize(("packet", "reason"), REFUSED_PACKETS)
def test_refused_packets_say_why(packet: str, reason: Reason) -> None:
    with pytest.raises(WireError) as caught:
        decode_packet(bytes.fromhex(packet))
    assert caught.value.reason is reason


def test_reasons_are_metric_labels() -> None:
    assert all(f"{reason}" == reason.value and reason.value.replace("_", "").isalnum() for reason in Reason)


def test_a_password_is_never_shown() -> None:
    assert "1111" not in repr(PASSWORD)


@pytest.mark.parametrize("auth_data", [b"", b"1111", b"123456789"])
def test_authentication_data_of_another_length_is_a_bug_of_the_caller(auth_data: bytes) -> None:
    with pytest.raises(ValueError, match="expected 8"):
        encode(replace(PASSWORD, auth_data=auth_data), *ENDS)


addresses = st.ip_addresses(v=4)
adverts = st.builds(
    Advert,
    version=st.just(2),
    vrid=st.integers(1, 255),
    priority=st.integers(0, 255),
    advert_int_cs=st.integers(1, 255).map(lambda interval: 100 * interval),
    addresses=st.lists(addresses, min_size=1, max_size=255).map(tuple),
    auth_type=st.integers(0, 1),
    auth_data=st.binary(min_size=8, max_size=8),
)


@given(adverts)
def test_every_advert_survives_the_wire(advert: Advert) -> None:
    assert decode(encode(advert, *ENDS), *ENDS) == (advert, Checksum.MESSAGE_ONLY)


@given(addresses, addresses, adverts)
def test_every_packet_survives_the_wire(source: IPv4Address, destination: IPv4Address, advert: Advert) -> None:
    packet = encode_packet(source, advert, destination)
    assert decode_packet(packet) == ReceivedAdvert(source, destination, 255, advert, Checksum.MESSAGE_ONLY)


# Random octets hardly ever get past the first checks; the other half of these is close to valid.
near_messages = st.builds(
    lambda fixed, count, rest: with_checksum(bytes((0x21, *fixed[:2], count, *fixed[2:], 0, 0)) + rest),
    st.binary(min_size=4, max_size=4),
    st.integers(0, 4),
    st.sampled_from((8, 12, 16, 20, 24)).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
)


@given(st.one_of(st.binary(max_size=80), near_messages))
def test_decode_refuses_or_loses_nothing(message: bytes) -> None:
    try:
        advert, _form = decode(message, *ENDS)
    except WireError:
        return
    assert encode(advert, *ENDS) == message


@given(st.binary(max_size=120))
def test_decode_packet_raises_nothing_else(octets: bytes) -> None:
    for packet in (octets, bytes.fromhex(PACKET)[: len(octets)] + octets):
        with suppress(WireError):
            decode_packet(packet)


@given(addresses, adverts.filter(lambda advert: len(advert.addresses) < 100))
def test_scapy_reads_the_same_and_writes_the_same(source: IPv4Address, advert: Advert) -> None:
    packet = encode_packet(source, advert)
    read = IP(packet)
    message = read[VRRP]
    assert (read.src, read.dst, read.ttl, read.proto, read.tos) == (str(source), "224.0.0.18", 255, 112, 0xC0)
    assert (message.version, message.type, message.vrid, message.priority) == (2, 1, advert.vrid, advert.priority)
    assert (message.authtype, message.adv) == (advert.auth_type, advert.advert_int_cs // 100)
    assert message.addrlist == [str(address) for address in advert.addresses]
    assert message.auth1.to_bytes(4, "big") + message.auth2.to_bytes(4, "big") == advert.auth_data
    del read.chksum, read.len, message.chksum, message.ipcount
    assert bytes(read) == packet
