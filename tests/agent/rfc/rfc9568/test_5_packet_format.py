# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 9568 section 5: the packet that leaves, octet by octet, over both families, and fields that must be refused."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.parse import parse
from vipd.core.effects import SendAdvert
from vipd.core.events import DeadlineReached
from vipd.wire.vrrp import Advert, Checksum, Reason, decode, encode

from tests.agent.rfc.node import CONFIG, adverts
from tests.agent.rfc.version3 import (
    ADVERT,
    ENDS,
    ENDS6,
    FAMILIES,
    HEADER,
    MESSAGE,
    MESSAGE6,
    Node3,
    checksum_of,
    internet_checksum,
    master3,
    reason_to_refuse,
    with_octet,
    without_checksum,
)


def sent_by(node: Node3) -> SendAdvert:
    """The next advert of a master, with where it goes."""
    due = node.router.next_deadline()
    effects: list[Any] = node.router.handle(DeadlineReached(), due if due is not None else node.now)
    (sent,) = (effect for effect in effects if isinstance(effect, SendAdvert))
    assert isinstance(sent, SendAdvert)
    return sent


def test_5_1_1_1_the_source_is_the_primary_ipv4_address() -> None:
    """The IPv4 source is the primary address of the interface that the packet leaves by, never a virtual one."""
    assert str(sent_by(master3()).source) == "10.0.0.5"
    assert HEADER[12:16] == ENDS[0].packed


def test_5_1_1_2_the_destination_is_the_ipv4_group() -> None:
    """The IPv4 destination is 224.0.0.18, of link scope: routers do not forward it."""
    assert [str(one) for one in sent_by(master3()).destinations] == ["224.0.0.18"]
    assert HEADER[16:20] == bytes([224, 0, 0, 18])


def test_5_1_1_3_the_ttl_is_255() -> None:
    """The TTL of a packet sent must be 255."""
    assert sent_by(master3()).ttl == 255
    assert HEADER[8] == 255


def test_5_1_1_4_the_protocol_is_112() -> None:
    """The IPv4 protocol number is 112."""
    assert HEADER[9] == 112


def test_5_1_2_1_the_source_is_the_link_local_address() -> None:
    """The IPv6 source is the link-local address of the interface that the packet leaves by."""
    assert str(sent_by(master3(family=6)).source) == "fe80::5"


def test_5_1_2_2_the_destination_is_the_ipv6_group() -> None:
    """The IPv6 destination is ff02::12, of link scope: routers do not forward it."""
    assert [str(one) for one in sent_by(master3(family=6)).destinations] == ["ff02::12"]


def test_5_1_2_3_the_hop_limit_is_255() -> None:
    """The hop limit of a packet sent must be 255."""
    assert sent_by(master3(family=6)).ttl == 255


def test_5_2_the_fields_are_where_the_format_has_them() -> None:
    """Eight fixed octets, then four octets for each IPv4 address or sixteen for each of IPv6, and nothing more."""
    assert MESSAGE[:6] == bytes([0x31, 51, 150, 2, 0, 100])
    assert (len(MESSAGE), len(MESSAGE6)) == (16, 40)


def test_5_2_1_the_version_is_3() -> None:
    """The version field says 3, over either family."""
    assert (MESSAGE[0] >> 4, MESSAGE6[0] >> 4) == (3, 3)


def test_5_2_2_the_type_is_advertisement() -> None:
    """The only type is 1, ADVERTISEMENT."""
    assert (MESSAGE[0] & 0x0F, MESSAGE6[0] & 0x0F) == (1, 1)


@pytest.mark.parametrize("kind", [0, *range(2, 16)])
def test_5_2_2_another_type_is_discarded(kind: int) -> None:
    """A packet of unknown type must be discarded."""
    assert reason_to_refuse(with_octet(0, 0x30 | kind)) is Reason.BAD_TYPE


@FAMILIES
@pytest.mark.parametrize("vrid", [1, 255])
def test_5_2_3_the_vrid_names_the_virtual_router(family: int, vrid: int) -> None:
    """The VRID is from 1 to 255, and means something else on every link and for each family."""
    ends, vip = (ENDS, "10.0.0.3") if family == 4 else (ENDS6, "fe80::3")
    address = IPv4Address(vip) if family == 4 else IPv6Address(vip)
    assert encode(Advert(3, vrid, 100, 100, (address,)), *ends)[1] == vrid


def test_5_2_3_vrid_0_is_discarded() -> None:
    """A received VRID of 0 names no virtual router."""
    assert reason_to_refuse(with_octet(1, 0)) is Reason.BAD_VRID


def test_5_2_4_the_owner_sends_255() -> None:
    """The priority of the router that owns the addresses must be 255."""
    assert sent_by(master3(priority=255)).advert.priority == 255


@pytest.mark.parametrize("priority", [1, 100, 254])
def test_5_2_4_a_backup_sends_its_own_priority(priority: int) -> None:
    """A router that backs up must use a priority from 1 to 254."""
    assert sent_by(master3(priority=priority)).advert.priority == priority


def test_5_2_4_the_default_priority_is_100() -> None:
    """A backup's priority is 100 unless configured."""
    assert "priority 100" in Node3(priority=None).does("wait 4")[0]


def test_5_2_4_0_is_said_by_a_master_that_leaves() -> None:
    """Priority 0 says that a master stops taking part, so that a backup need not wait."""
    assert adverts(master3().does("stop")) == ["send advert vrid 51 priority 0 from 10.0.0.5, version 3, every 100 cs"]


@pytest.mark.parametrize("count", [1, 2, 255])
def test_5_2_5_the_count_is_the_number_of_addresses(count: int) -> None:
    """The count field is the number of addresses that follow, and at least 1."""
    addresses = tuple(IPv4Address("10.1.0.0") + number for number in range(count))
    message = encode(Advert(3, 51, 150, 100, addresses), *ENDS)
    assert (message[3], len(message)) == (count, 8 + 4 * count)


def test_5_2_5_a_count_of_0_is_discarded() -> None:
    """An advert of no address must be discarded (erratum 8299)."""
    empty = bytes([0x31, 51, 150, 0, 0, 100, 0, 0])
    summed = empty[:6] + internet_checksum(empty).to_bytes(2, "big")
    assert reason_to_refuse(summed) is Reason.NO_ADDRESSES


def test_5_2_6_the_reserved_bits_are_sent_as_0() -> None:
    """The four bits before the interval must be zero when sent."""
    longest = encode(Advert(3, 51, 150, 4095, ADVERT.addresses), *ENDS)
    assert longest[4:6] == b"\x0f\xff"
    assert MESSAGE[4] >> 4 == 0


def test_5_2_6_the_reserved_bits_are_ignored_on_receipt() -> None:
    """They are no part of the interval, and no reason to discard."""
    advert, _form = decode(with_octet(4, 0xF0), *ENDS)
    assert advert.advert_int_cs == 100


@pytest.mark.parametrize(("seconds", "cs"), [("0.01", 1), ("0.1", 10), ("1", 100), ("40.95", 4095)])
def test_5_2_7_the_interval_is_in_centiseconds(seconds: str, cs: int) -> None:
    """The interval field says how many centiseconds lie between adverts: 1 to 4095."""
    node = Node3(f"advert_int {seconds}")
    node.does("wait 200")
    assert sent_by(node).advert.advert_int_cs == cs


def test_5_2_7_the_default_interval_is_one_second() -> None:
    """The interval is 100 centiseconds unless configured."""
    assert sent_by(master3()).advert.advert_int_cs == 100


@pytest.mark.parametrize("seconds", ["0", "41", "0.001"])
def test_5_2_7_no_other_interval_can_be_configured(seconds: str) -> None:
    """Twelve bits hold no more than 40.95 seconds, and an interval of nothing is none."""
    parsed = parse(CONFIG.format(vrid=51, lines=f"version 3\n advert_int {seconds}", vips="10.0.0.3"))
    found = (*parsed.diagnostics, *check(parsed.config))
    assert any("advert_int" in one.message and one.severity is Severity.ERROR for one in found)


def test_5_2_8_over_ipv6_the_checksum_covers_the_pseudo_header() -> None:
    """Source, destination, length and next header 112 are summed before the message, its own field counted as zero."""
    pseudo = ENDS6[0].packed + ENDS6[1].packed + len(MESSAGE6).to_bytes(4, "big") + bytes([0, 0, 0, 112])
    assert checksum_of(MESSAGE6) == internet_checksum(pseudo + without_checksum(MESSAGE6))


def test_5_2_8_over_ipv4_the_message_alone_is_accepted() -> None:
    """Over IPv4 the checksum covers the VRRP message and nothing else."""
    message = encode(ADVERT, *ENDS, Checksum.MESSAGE_ONLY)
    assert checksum_of(message) == internet_checksum(without_checksum(message))
    assert decode(message, *ENDS) == (ADVERT, Checksum.MESSAGE_ONLY)


def test_5_2_9_every_address_is_listed() -> None:
    """The addresses of the virtual router follow, all of the packet's family."""
    node = Node3(family=6, vips=["fe80::3/64", "2001:db8::3/64"])
    node.does("wait 20")
    assert [str(one) for one in sent_by(node).advert.addresses] == ["fe80::3", "2001:db8::3"]
    assert MESSAGE6[8:24] == IPv6Address("fe80::3").packed
    assert MESSAGE[8:12] == IPv4Address("10.0.0.3").packed


def test_5_2_9_families_are_not_mixed() -> None:
    """The family of the addresses is that of the packet."""
    with pytest.raises(ValueError, match="families must not mix"):
        encode(Advert(3, 51, 150, 100, (IPv6Address("fe80::3"),)), *ENDS)
