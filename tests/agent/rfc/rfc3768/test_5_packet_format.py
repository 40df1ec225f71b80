# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 3768 section 5: the packet that leaves, octet by octet, and fields that must be refused.

The octets are taken apart by hand here: the codec is not its own witness.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.parse import parse
from vipd.core.effects import SendAdvert
from vipd.core.events import DeadlineReached
from vipd.wire.vrrp import GROUP, Advert, Reason, WireError, decode, encode, encode_packet

from tests.agent.rfc.node import CONFIG, Node, adverts, master

ADVERT = Advert(2, 51, 150, 100, (IPv4Address("10.0.0.3"), IPv4Address("10.0.0.4")))
ENDS = (IPv4Address("10.0.0.5"), GROUP)
MESSAGE = encode(ADVERT, *ENDS)
HEADER = encode_packet(IPv4Address("10.0.0.5"), ADVERT)[:20]


def with_octet(position: int, value: int) -> bytes:
    """``MESSAGE`` with one octet changed and the checksum made right again."""
    changed = bytearray(MESSAGE)
    changed[position] = value
    changed[6:8] = bytes(2)
    changed[6:8] = internet_checksum(bytes(changed)).to_bytes(2, "big")
    return bytes(changed)


def internet_checksum(octets: bytes) -> int:
    """RFC 1071, one word after the other."""
    total = 0
    for at in range(0, len(octets), 2):
        total += int.from_bytes(octets[at : at + 2], "big")
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def reason_to_refuse(message: bytes) -> Reason:
    with pytest.raises(WireError) as caught:
        decode(message, *ENDS)
    return caught.value.reason


def sent_by(node: Node) -> Advert:
    """The next advert of a master."""
    due = node.router.next_deadline()
    effects: list[Any] = node.router.handle(DeadlineReached(), due if due is not None else node.now)
    (advert,) = (effect.advert for effect in effects if isinstance(effect, SendAdvert))
    assert isinstance(advert, Advert)
    return advert


def test_5_1_the_fields_are_where_the_format_has_them() -> None:
    """Eight fixed octets, four octets for each address, eight octets of authentication data."""
    assert MESSAGE[:6] == bytes([0x21, 51, 150, 2, 0, 1])
    assert MESSAGE[8:16] == bytes([10, 0, 0, 3, 10, 0, 0, 4])
    assert MESSAGE[16:] == bytes(8)


def test_5_2_1_the_source_is_the_primary_address_of_the_interface() -> None:
    """The IPv4 source is the primary address of the interface that the packet leaves by, never a virtual one."""
    assert adverts(master().does("wait 1")) == ["send advert vrid 51 priority 100 from 10.0.0.5"]
    assert HEADER[12:16] == bytes([10, 0, 0, 5])


def test_5_2_2_the_destination_is_the_group() -> None:
    """The IPv4 destination is 224.0.0.18, the group that IANA assigned to VRRP."""
    assert HEADER[16:20] == bytes([224, 0, 0, 18])


def test_5_2_3_the_ttl_is_255() -> None:
    """The TTL of a packet sent must be 255."""
    assert HEADER[8] == 255


def test_5_2_4_the_protocol_is_112() -> None:
    """The IPv4 protocol number is 112."""
    assert HEADER[9] == 112


def test_5_3_1_the_version_is_2() -> None:
    """The version field says 2."""
    assert MESSAGE[0] >> 4 == 2


def test_5_3_2_the_type_is_advertisement() -> None:
    """The only type is 1, ADVERTISEMENT."""
    assert MESSAGE[0] & 0x0F == 1


@pytest.mark.parametrize("kind", [0, *range(2, 16)])
def test_5_3_2_another_type_is_discarded(kind: int) -> None:
    """A packet of unknown type must be discarded."""
    assert reason_to_refuse(with_octet(0, 0x20 | kind)) is Reason.BAD_TYPE


@pytest.mark.parametrize("vrid", [1, 51, 255])
def test_5_3_3_the_vrid_names_the_virtual_router(vrid: int) -> None:
    """The VRID is configurable from 1 to 255 and names the virtual router in each advert."""
    assert f"send advert vrid {vrid} priority 100 from 10.0.0.5" in Node(vrid=vrid).does("wait 4")


@pytest.mark.parametrize("line", ["virtual_router_id 0", "virtual_router_id 256", ""])
def test_5_3_3_no_other_vrid_can_be_configured(line: str) -> None:
    """There is no VRID beyond 1 to 255, and no default."""
    parsed = parse(CONFIG.format(vrid=51, lines="", vips="10.0.0.3").replace("virtual_router_id 51", line))
    errors = [found for found in (*parsed.diagnostics, *check(parsed.config)) if found.severity is Severity.ERROR]
    assert any("virtual_router_id" in error.message for error in errors)


def test_5_3_3_vrid_0_is_discarded() -> None:
    """A received VRID of 0 names no virtual router."""
    assert reason_to_refuse(with_octet(1, 0)) is Reason.BAD_VRID


def test_5_3_4_the_owner_sends_255() -> None:
    """The priority of the router that owns the addresses must be 255."""
    assert sent_by(master(priority=255)).priority == 255


@pytest.mark.parametrize("priority", [1, 100, 254])
def test_5_3_4_a_backup_sends_its_own_priority(priority: int) -> None:
    """A router that backs up must use a priority from 1 to 254."""
    assert sent_by(master(priority=priority)).priority == priority


@pytest.mark.parametrize(("weight", "verdict", "bound"), [(253, "succeeds", 254), (-253, "fails", 1)])
def test_5_3_4_tracking_never_makes_an_owner_or_a_goodbye(weight: int, verdict: str, bound: int) -> None:
    """255 is for the owner and 0 for a master that leaves: no weight brings a backup to either."""
    node = Node(script=f"weight {weight}")
    node.does(f"script chk {verdict}", "wait 10")
    assert sent_by(node).priority == bound


def test_5_3_4_the_default_priority_is_100() -> None:
    """A backup's priority is 100 unless configured."""
    assert "send advert vrid 51 priority 100 from 10.0.0.5" in Node(priority=None).does("wait 4")


@pytest.mark.parametrize("count", [1, 2, 255])
def test_5_3_5_the_count_is_the_number_of_addresses(count: int) -> None:
    """The count field is the number of addresses that follow."""
    addresses = tuple(IPv4Address("10.1.0.0") + number for number in range(count))
    message = encode(Advert(2, 51, 150, 100, addresses), *ENDS)
    assert message[3] == count
    assert len(message) == 8 + 4 * count + 8


def test_5_3_6_without_a_password_the_type_is_0() -> None:
    """No authentication is type 0."""
    assert sent_by(master()).auth_type == 0


@pytest.mark.parametrize("auth_type", [2, 3, 255])
def test_5_3_6_an_unknown_authentication_type_is_discarded(auth_type: int) -> None:
    """A packet of unknown authentication type must be discarded."""
    assert reason_to_refuse(with_octet(4, auth_type)) is Reason.BAD_AUTH_TYPE


def test_5_3_7_the_interval_is_in_seconds() -> None:
    """The interval field says how many seconds lie between adverts."""
    node = Node("advert_int 3")
    assert node.does("wait 9.5") == []
    node.does("wait 1")
    assert sent_by(node).advert_int_cs == 300


def test_5_3_7_the_default_interval_is_one_second() -> None:
    """The interval is one second unless configured."""
    assert sent_by(master()).advert_int_cs == 100


def test_5_3_8_the_checksum_covers_the_message_alone() -> None:
    """The one's complement sum of the VRRP message from the version on, its own field counted as zero."""
    assert int.from_bytes(MESSAGE[6:8], "big") == internet_checksum(MESSAGE[:6] + bytes(2) + MESSAGE[8:])


def test_5_3_9_every_address_is_listed_without_its_prefix() -> None:
    """The addresses of the virtual router follow, one after the other."""
    node = Node(vips=["10.0.0.3/24", "10.9.9.9", "192.0.2.1/28 dev eth1"])
    node.does("wait 10")
    assert [str(address) for address in sent_by(node).addresses] == ["10.0.0.3", "10.9.9.9", "192.0.2.1"]


def test_5_3_10_authentication_data_is_sent_as_zero() -> None:
    """Without authentication the eight octets of authentication data should be zero."""
    assert sent_by(master()).auth_data == bytes(8)


def test_5_3_10_authentication_data_is_ignored_on_receipt() -> None:
    """With type 0, whatever the authentication data is should be ignored."""
    advert, _checksum = decode(with_octet(20, 0xFF), *ENDS)
    assert advert.priority == 150
    node = Node()
    node.does("wait 1", "hear 10.0.0.6 150")
    assert node.counted == {}
