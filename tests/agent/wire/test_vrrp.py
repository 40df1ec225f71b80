# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VRRP codec: one table of bytes and objects, one of refusals, random and nearly right bytes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vipd.wire.address import Address
from vipd.wire.checksum import pseudo_header, with_checksum
from vipd.wire.vrrp import (
    AUTH_PASS,
    GROUP,
    GROUP6,
    PROTOCOL,
    Advert,
    Checksum,
    Reason,
    ReceivedAdvert,
    WireError,
    decode,
    decode_message,
    decode_packet,
    encode,
    encode_packet,
)

from tests.agent.wire.sent import Sent, any_sent, ip, ip6

ENDS = (ip("10.0.0.1"), GROUP)
ENDS6 = (ip6("fe80::1"), GROUP6)
PLAIN = Advert(version=2, vrid=10, priority=200, advert_int_cs=100, addresses=(ip("192.0.2.1"), ip("192.0.2.2")))
PASSWORD = Advert(2, 51, 150, 100, (ip("10.0.0.3"),), AUTH_PASS, b"1111\0\0\0\0")
PLAIN3 = replace(PLAIN, version=3)
PLAIN6 = replace(PLAIN3, addresses=(ip6("fe80::3"), ip6("2001:db8::3")))
SIX = replace(PASSWORD, addresses=(*(ip(f"10.0.0.{last}") for last in range(3, 8)), ip("10.1.0.8")))

ALONE, PSEUDO, OLD = Checksum.MESSAGE_ONLY, Checksum.PSEUDO_HEADER, Checksum.PSEUDO_HEADER_GROUP

MESSAGES = [
    pytest.param("210ac802000192edc0000201c00002020000000000000000", Sent(PLAIN, *ENDS, ALONE), id="two addresses"),
    pytest.param("213396010101db640a0000033131313100000000", Sent(PASSWORD, *ENDS, ALONE), id="password"),
    pytest.param(
        "21330001010a715c0a0000033131313100000000",
        Sent(replace(PASSWORD, priority=0, advert_int_cs=1000), *ENDS, ALONE),
        id="stop",
    ),
    pytest.param(
        "213396060101a9400a0000030a0000040a0000050a0000060a0000070a0100083131313100000000",
        Sent(SIX, *ENDS, ALONE),
        id="captured from keepalived 2.2.7",
    ),
    pytest.param(
        "21fffe0101ff6b6ae00000ff6162636465666768",
        Sent(Advert(2, 255, 254, 25500, (ip("224.0.0.255"),), AUTH_PASS, b"abcdefgh"), *ENDS, ALONE),
        id="largest values",
    ),
    pytest.param(
        "310ac8020064828ac0000201c0000202",
        Sent(PLAIN3, ip("192.0.2.251"), GROUP, ALONE),
        id="version 3, message only",
    ),
    pytest.param(
        "310ac8020064defbc0000201c0000202",
        Sent(PLAIN3, ip("192.0.2.251"), GROUP, PSEUDO),
        id="version 3, pseudo-header",
    ),
    pytest.param(
        "310ac8020064fc11c0000201c0000202",
        Sent(PLAIN3, ip("192.0.2.251"), ip("192.0.2.252"), PSEUDO),
        id="version 3, unicast",
    ),
    pytest.param(
        "310ac8020064defbc0000201c0000202",
        Sent(PLAIN3, ip("192.0.2.251"), ip("192.0.2.252"), OLD),
        id="version 3, unicast with the group in its pseudo-header",
    ),
    pytest.param(
        "3134ff010019db1d0a000003",
        Sent(Advert(3, 52, 255, 25, (ip("10.0.0.3"),)), *ENDS, PSEUDO),
        id="version 3, captured from keepalived 2.2.7",
    ),
    pytest.param(
        "3133ff020032a528fe80000000000000000000000000000320010db8000000000000000000000003",
        Sent(Advert(3, 51, 255, 50, PLAIN6.addresses), *ENDS6, PSEUDO),
        id="version 3 over IPv6, captured from keepalived 2.2.7",
    ),
    pytest.param(
        "31fffe010fffc1e0ffffffffffffffffffffffffffffffff",
        Sent(Advert(3, 255, 254, 4095, (ip6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),)), *ENDS6, PSEUDO),
        id="version 3 over IPv6, largest values",
    ),
    # What a segment of routers of another make carries: ten seconds, a group of VRIDs, one for each way to speak.
    pytest.param(
        "212abf01010a82d00a0000646162636465666768",
        Sent(Advert(2, 42, 191, 1000, (ip("10.0.0.100"),), AUTH_PASS, b"abcdefgh"), ip("10.0.0.91"), GROUP, ALONE),
        id="router with a password",
    ),
    pytest.param(
        "212bc001000a14640a0000650000000000000000",
        Sent(Advert(2, 43, 192, 1000, (ip("10.0.0.101"),)), ip("10.0.0.92"), GROUP, ALONE),
        id="router without one",
    ),
    pytest.param(
        "312cc10103e814980a000066",
        Sent(Advert(3, 44, 193, 1000, (ip("10.0.0.102"),)), ip("10.0.0.93"), GROUP, PSEUDO),
        id="router of version 3",
    ),
    pytest.param(
        "312dc20203e8db5bfe8000000000000002005efffe00022d20010db8004500000000000000000001",
        Sent(
            Advert(3, 45, 194, 1000, (ip6("fe80::200:5eff:fe00:22d"), ip6("2001:db8:45::1"))),
            ip6("fe80::d6ca:6dff:fe51:5e94"),
            GROUP6,
            PSEUDO,
        ),
        id="router over IPv6",
    ),
]


@pytest.mark.parametrize(("message", "sent"), MESSAGES)
def test_message_and_advert_are_the_same_thing(message: str, sent: Sent) -> None:
    assert sent.message().hex() == message
    assert decode(bytes.fromhex(message), sent.source, sent.destination) == (sent.advert, sent.form)


PACKET = "45c0002800000000ff70d0920a000001e0000012" + "213396010101db640a0000033131313100000000"


def test_packet_and_received_advert_are_the_same_thing() -> None:
    assert encode_packet(ENDS[0], PASSWORD).hex() == PACKET
    assert decode_packet(bytes.fromhex(PACKET)) == ReceivedAdvert(*ENDS, 255, PASSWORD, ALONE)


def test_what_the_ipv4_header_says_is_reported_and_not_judged() -> None:
    source, destination = ip("203.0.113.9"), ip("10.0.0.2")
    packet = encode_packet(source, PLAIN3, destination, ttl=1, form=OLD)
    assert decode_packet(packet) == ReceivedAdvert(source, destination, 1, PLAIN3, OLD)


def test_what_the_ipv6_header_says_is_reported_and_not_judged() -> None:
    message = encode(PLAIN6, *ENDS6)
    assert decode_message(message, *ENDS6, 64) == ReceivedAdvert(*ENDS6, 64, PLAIN6, PSEUDO)


def test_the_same_octets_from_another_sender_are_another_advert() -> None:
    """Adverts are remembered by their octets: the ends and the hop limit count."""
    message = encode(PLAIN, *ENDS)
    received = [
        decode_message(message, source, GROUP, ttl) for source in (ip("10.0.0.1"), ip("10.0.0.2")) for ttl in (1, 2)
    ]
    assert [(str(one.source), one.ttl) for one in received] == [
        ("10.0.0.1", 1),
        ("10.0.0.1", 2),
        ("10.0.0.2", 1),
        ("10.0.0.2", 2),
    ]


def test_what_strangers_send_is_remembered_within_bounds() -> None:
    short = encode(replace(PLAIN6, addresses=PLAIN6.addresses * 10), *ENDS6)
    long = encode(replace(PLAIN6, addresses=PLAIN6.addresses * 11), *ENDS6)
    assert decode_message(short, *ENDS6, 255) is decode_message(short, *ENDS6, 255)
    assert decode_message(long, *ENDS6, 255) is not decode_message(long, *ENDS6, 255)


def test_the_reserved_bits_of_version_3_are_ignored() -> None:
    message = encode(PLAIN3, *ENDS, ALONE)
    assert decode(changed(message, 4, 0xF0 | message[4]), *ENDS) == (PLAIN3, ALONE)


def test_either_spelling_of_a_zero_checksum_is_accepted() -> None:
    """RFC 1071: 0x0000 and 0xffff are the same number in one's complement."""
    without = encode(replace(PLAIN, addresses=(ip("192.0.2.1"), ip("192.0.0.0"))), *ENDS)
    missing = int.from_bytes(without[6:8], "big")
    zero = encode(replace(PLAIN, addresses=(ip("192.0.2.1"), ip("192.0.0.0") + missing)), *ENDS)
    assert zero[6:8] == b"\0\0"
    assert decode(zero[:6] + b"\xff\xff" + zero[8:], *ENDS) == decode(zero, *ENDS)


def checked(message: bytes, pseudo: int = 0) -> bytes:
    """``message`` with the checksum that makes it refused for another reason than that."""
    return with_checksum(message[:6] + b"\0\0" + message[8:], 6, pseudo)


def changed(message: bytes, at: int, value: int) -> bytes:
    return checked(message[:at] + bytes([value]) + message[at + 1 :])


def changed6(at: int, value: int) -> bytes:
    message = changed(MESSAGE6, at, value)
    return checked(message, pseudo_header(ENDS6[0].packed + ENDS6[1].packed, PROTOCOL, len(message)))


MESSAGE, MESSAGE3, MESSAGE6 = encode(PLAIN, *ENDS), encode(PLAIN3, *ENDS), encode(PLAIN6, *ENDS6)
CARP = bytes.fromhex("21016407000100000000000000000001") + b"sha1 of a shared key"

REFUSED = [
    pytest.param(b"", Reason.TRUNCATED, "0 octets", id="empty"),
    pytest.param(MESSAGE[:7], Reason.TRUNCATED, "7 octets", id="part of a header"),
    pytest.param(changed(MESSAGE, 0, 0x41), Reason.BAD_VERSION, "version 4, expected 2 or 3", id="version 4"),
    pytest.param(changed(MESSAGE, 0, 0x11), Reason.BAD_VERSION, "version 1", id="version 1"),
    pytest.param(changed(MESSAGE, 0, 0x22), Reason.BAD_TYPE, "type 2", id="type 2"),
    pytest.param(changed(MESSAGE3, 0, 0x32), Reason.BAD_TYPE, "type 2", id="version 3, type 2"),
    pytest.param(changed(MESSAGE, 1, 0), Reason.BAD_VRID, "1 to 255", id="VRID 0"),
    pytest.param(changed(MESSAGE, 3, 0), Reason.NO_ADDRESSES, "at least one", id="count 0"),
    pytest.param(changed(MESSAGE3[:8], 3, 0), Reason.NO_ADDRESSES, "at least one", id="version 3, count 0"),
    pytest.param(checked(MESSAGE[:-8]), Reason.BAD_LENGTH, "16 octets, 2 addresses make 24", id="no auth"),
    pytest.param(changed(MESSAGE, 3, 3), Reason.BAD_LENGTH, "3 addresses make 28", id="count too large"),
    pytest.param(changed(MESSAGE, 3, 1), Reason.BAD_LENGTH, "1 addresses make 20", id="count too small"),
    pytest.param(checked(MESSAGE + bytes(8)), Reason.BAD_LENGTH, "32 octets", id="trailing octets"),
    pytest.param(checked(MESSAGE3 + bytes(8)), Reason.BAD_LENGTH, "24 octets", id="version 3, trailing octets"),
    pytest.param(checked(MESSAGE3[:-4]), Reason.BAD_LENGTH, "12 octets", id="version 3, an address is missing"),
    pytest.param(MESSAGE6, Reason.BAD_LENGTH, "2 addresses make 16", id="IPv6 addresses over IPv4"),
    pytest.param(checked(CARP), Reason.BAD_LENGTH, "36 octets", id="CARP"),
    pytest.param(MESSAGE[:6] + b"\0\0" + MESSAGE[8:], Reason.BAD_CHECKSUM, "checksum", id="zero checksum"),
    pytest.param(MESSAGE3[:6] + b"\0\0" + MESSAGE3[8:], Reason.BAD_CHECKSUM, "checksum", id="version 3, zero checksum"),
    pytest.param(MESSAGE[:-1] + b"\1", Reason.BAD_CHECKSUM, "checksum", id="damaged"),
    pytest.param(
        encode(PLAIN3, ip("10.0.0.9"), GROUP), Reason.BAD_CHECKSUM, "checksum", id="the pseudo-header of another sender"
    ),
    pytest.param(changed(MESSAGE, 4, 2), Reason.BAD_AUTH_TYPE, "type 2", id="authentication header"),
    pytest.param(changed(MESSAGE, 4, 9), Reason.BAD_AUTH_TYPE, "type 9", id="unknown authentication"),
    pytest.param(changed(MESSAGE, 5, 0), Reason.BAD_INTERVAL, "expected 1 to 255", id="interval 0"),
    pytest.param(changed(MESSAGE3, 5, 0), Reason.BAD_INTERVAL, "expected 1 to 4095", id="version 3, interval 0"),
]

REFUSED_OVER_IPV6 = [
    pytest.param(MESSAGE6[:6], Reason.TRUNCATED, "6 octets", id="part of a header"),
    pytest.param(MESSAGE, Reason.BAD_VERSION, "version 2 over IPv6, expected 3", id="version 2"),
    pytest.param(MESSAGE3, Reason.BAD_LENGTH, "2 addresses make 40", id="IPv4 addresses"),
    pytest.param(checked(MESSAGE6), Reason.BAD_CHECKSUM, "checksum", id="message only"),
    pytest.param(encode(PLAIN6, ENDS6[0], ENDS6[0]), Reason.BAD_CHECKSUM, "checksum", id="another destination"),
    pytest.param(MESSAGE6[:6] + b"\0\0" + MESSAGE6[8:], Reason.BAD_CHECKSUM, "checksum", id="zero checksum"),
    pytest.param(changed6(5, 0), Reason.BAD_INTERVAL, "expected 1 to 4095", id="interval 0"),
]


@pytest.mark.parametrize(("message", "reason", "text"), REFUSED)
def test_refused_messages_say_why(message: bytes, reason: Reason, text: str) -> None:
    refused(message, reason, text, *ENDS)


@pytest.mark.parametrize(("message", "reason", "text"), REFUSED_OVER_IPV6)
def test_messages_refused_over_ipv6_say_why(message: bytes, reason: Reason, text: str) -> None:
    refused(message, reason, text, *ENDS6)


def refused(message: bytes, reason: Reason, text: str, source: Address, destination: Address) -> None:
    with pytest.raises(WireError, match=text) as caught:
        decode(message, source, destination)
    assert caught.value.reason is reason


def test_labels_are_metric_labels() -> None:
    labels = [*Reason, *Checksum]
    assert all(f"{label}" == label.value and label.value.replace("_", "").isalnum() for label in labels)


def test_a_password_is_never_shown() -> None:
    assert "1111" not in repr(PASSWORD)


UNSAYABLE = [
    pytest.param(replace(PLAIN, auth_data=b""), ENDS, "expected 8", id="no authentication data"),
    pytest.param(replace(PLAIN, auth_data=b"123456789"), ENDS, "expected 8", id="too much authentication data"),
    pytest.param(replace(PLAIN, advert_int_cs=150), ENDS, "1 to 255 times 100 cs", id="a second and a half"),
    pytest.param(replace(PLAIN, advert_int_cs=0), ENDS, "1 to 255 times 100 cs", id="no interval"),
    pytest.param(replace(PLAIN, advert_int_cs=25600), ENDS, "1 to 255 times 100 cs", id="256 s"),
    pytest.param(replace(PLAIN3, advert_int_cs=0), ENDS, "1 to 4095 times 1 cs", id="version 3, no interval"),
    pytest.param(replace(PLAIN3, advert_int_cs=4096), ENDS, "1 to 4095 times 1 cs", id="version 3, 40.96 s"),
    pytest.param(replace(PASSWORD, version=3), ENDS, "no authentication", id="version 3, password"),
    pytest.param(replace(PLAIN6, version=2), ENDS6, "version 2 over IPv6", id="version 2 over IPv6"),
    pytest.param(replace(PLAIN, version=4), ENDS, "version 4 over IPv4", id="version 4"),
    pytest.param(replace(PLAIN, vrid=256), ENDS, "VRID 256", id="VRID 256"),
    pytest.param(replace(PLAIN, priority=-1), ENDS, "priority -1", id="priority -1"),
    pytest.param(replace(PLAIN, addresses=PLAIN.addresses * 128), ENDS, "256 addresses", id="256 addresses"),
    pytest.param(PLAIN6, ENDS, "families must not mix", id="IPv6 addresses over IPv4"),
    pytest.param(PLAIN3, (ENDS[0], GROUP6), "families must not mix", id="from IPv4 to IPv6"),
]


@pytest.mark.parametrize(("advert", "ends", "text"), UNSAYABLE)
def test_what_no_packet_can_say_is_a_bug_of_the_caller(
    advert: Advert, ends: tuple[Address, Address], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        encode(advert, *ends)


@given(any_sent())
def test_every_advert_survives_the_wire(sent: Sent) -> None:
    message = sent.message()
    advert, form = decode(message, sent.source, sent.destination)
    assert advert == sent.advert
    assert encode(advert, sent.source, sent.destination, form) == message


@given(any_sent(), st.integers(0, 255))
def test_every_packet_survives_the_wire(sent: Sent, ttl: int) -> None:
    if sent.source.version == 4:
        packet = encode_packet(sent.source, sent.advert, sent.destination, ttl, sent.form)
        received = decode_packet(packet)
    else:
        received = decode_message(sent.message(), sent.source, sent.destination, ttl)
    assert (received.source, received.destination, received.ttl) == (sent.source, sent.destination, ttl)
    assert received.advert == sent.advert


# Random octets hardly ever get past the first checks; the other half of these is close to valid.
near_messages = st.builds(
    lambda first, fixed, count, rest: checked(bytes((first, *fixed[:2], count, *fixed[2:], 0, 0)) + rest),
    st.sampled_from([0x21, 0x31]),
    st.binary(min_size=4, max_size=4),
    st.integers(0, 4),
    st.sampled_from((4, 8, 12, 16, 20, 24)).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
)


@given(st.one_of(st.binary(max_size=80), near_messages))
def test_decode_refuses_or_loses_nothing_but_reserved_bits(message: bytes) -> None:
    try:
        advert, form = decode(message, *ENDS)
    except WireError:
        return
    reserved = 0xF0 if advert.version == 3 else 0
    assert encode(advert, *ENDS, form) == changed(message, 4, message[4] & ~reserved)


@given(any_sent(max_addresses=4), st.data())
def test_decode_raises_nothing_else_on_what_is_nearly_right(sent: Sent, data: st.DataObject) -> None:
    message = bytearray(sent.message())
    for at in data.draw(st.lists(st.integers(0, len(message) - 1), max_size=3)):
        message[at] = data.draw(st.integers(0, 255))
    octets = bytes(message[: data.draw(st.integers(0, len(message)))]) + data.draw(st.binary(max_size=8))
    with suppress(WireError):
        decode(octets, sent.source, sent.destination)


@given(st.binary(max_size=120), st.integers(0, 40))
def test_decode_packet_raises_nothing_else(octets: bytes, kept: int) -> None:
    for packet in (octets, bytes.fromhex(PACKET)[:kept] + octets):
        with suppress(WireError):
            decode_packet(packet)
