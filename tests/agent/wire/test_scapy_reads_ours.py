# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""scapy as an independent reader and writer of adverts: every field, every checksum, no octet left over, no complaint.

It knows one form of checksum for version 3 over IPv4: with the pseudo-header. The frames of announcements are read
beside their codecs, in test_arp.py and test_ndp.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.vrrp import VRRP, VRRPv3
from vipd.wire.address import Address
from vipd.wire.vrrp import GROUP, GROUP6, Advert, Checksum, encode_packet

from tests.agent.wire.sent import Sent, any_sent, ip, ip6

FORM = Checksum.PSEUDO_HEADER
ADVERT = Advert(2, 51, 150, 100, ())
PASSWORD = replace(ADVERT, auth_type=1, auth_data=b"pA55w0rd")
VERSION_3 = replace(ADVERT, version=3, advert_int_cs=25)
KINDS = {
    "version 2": Sent(ADVERT, ip("10.0.0.1"), GROUP, FORM),
    "version 2, password": Sent(PASSWORD, ip("10.0.0.1"), GROUP, FORM),
    "version 2, unicast": Sent(ADVERT, ip("10.0.0.1"), ip("10.0.0.2"), FORM),
    "version 3": Sent(VERSION_3, ip("10.0.0.1"), GROUP, FORM),
    "version 3, unicast": Sent(VERSION_3, ip("10.0.0.1"), ip("10.0.0.2"), FORM),
    "version 3 over IPv6": Sent(VERSION_3, ip6("fe80::1"), GROUP6, FORM),
    "version 3 over IPv6, unicast": Sent(VERSION_3, ip6("2001:db8::1"), ip6("2001:db8::2"), FORM),
}


@pytest.fixture(autouse=True)
def _no_complaint_of_scapy() -> Iterator[None]:
    complaints: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("scapy")
    logger.addHandler(listener)
    yield
    logger.removeHandler(listener)
    assert complaints == []


@pytest.mark.parametrize("count", range(1, 21))
@pytest.mark.parametrize("kind", KINDS)
def test_what_an_instance_sends(kind: str, count: int) -> None:
    sent = KINDS[kind]
    first: Address = ip("10.0.1.1") if sent.source.version == 4 else ip6("fe80::1:1")
    addresses = tuple(first + number for number in range(count))
    compare(replace(sent, advert=replace(sent.advert, addresses=addresses)))


@given(any_sent(max_addresses=60))
def test_whatever_else_can_be_said(sent: Sent) -> None:
    compare(replace(sent, form=FORM))


def compare(sent: Sent) -> None:
    packet = on_the_wire(sent)
    read = (IP if sent.source.version == 4 else IPv6)(packet)
    expected = [type(read), VRRP if sent.advert.version == 2 else VRRPv3]
    assert [type(layer) for layer in layers(read)] == expected
    assert (ends(read), hop_limit(read)) == ((sent.source.packed, sent.destination.packed), 255)
    assert fields(read.payload, sent) == fields_of(sent.advert)
    assert written_by_scapy(read) == packet


def on_the_wire(sent: Sent) -> bytes:
    """Over IPv6 the kernel makes the header; scapy does here."""
    if sent.source.version == 4:
        return encode_packet(sent.source, sent.advert, sent.destination, form=sent.form)
    header = IPv6(src=str(sent.source), dst=str(sent.destination), nh=112, hlim=255, plen=len(sent.message()))
    return bytes(header) + sent.message()


def layers(packet: Any) -> Iterator[Any]:
    while packet:
        yield packet
        packet = packet.payload


def ends(read: Any) -> tuple[bytes, bytes]:
    kind = ip if isinstance(read, IP) else ip6
    return kind(read.src).packed, kind(read.dst).packed


def hop_limit(read: Any) -> int:
    return int(read.ttl if isinstance(read, IP) else read.hlim)


def fields(message: Any, sent: Sent) -> tuple[object, ...]:
    kind = ip if sent.source.version == 4 else ip6
    common = (message.version, message.type, message.vrid, message.priority, message.ipcount)
    addresses = [kind(address) for address in message.addrlist]
    if message.version == 3:
        return (*common, addresses, message.res, message.adv)
    auth_data = message.auth1.to_bytes(4, "big") + message.auth2.to_bytes(4, "big")
    return (*common, addresses, message.authtype, message.adv, auth_data)


def fields_of(advert: Advert) -> tuple[object, ...]:
    common = (advert.version, 1, advert.vrid, advert.priority, len(advert.addresses))
    if advert.version == 3:
        return (*common, list(advert.addresses), 0, advert.advert_int_cs)
    return (*common, list(advert.addresses), advert.auth_type, advert.advert_int_cs // 100, advert.auth_data)


def written_by_scapy(read: Any) -> bytes:
    """The same packet with lengths, counts and checksums of scapy's own."""
    del read.payload.chksum, read.payload.ipcount
    if isinstance(read, IP):
        del read.chksum, read.len
    else:
        del read.plen
    return bytes(read)
