# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 3768 section 7: what must be verified before an advert counts, and how one is made.

Every receive test hears a priority of 150, which would reset the Master_Down_Timer of a backup of priority 100.
"""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from vipd.core.events import AdvertReceived, LinkChanged
from vipd.wire.vrrp import GROUP, Advert, Reason, WireError, decode, decode_packet, encode, encode_packet

from tests.agent.core.conversation import heard
from tests.agent.rfc.node import Node

ADVERT = Advert(2, 51, 150, 100, (IPv4Address("10.0.0.3"),))
ENDS = (IPv4Address("10.0.0.6"), GROUP)
MESSAGE = encode(ADVERT, *ENDS)
PASSWORD = "authentication {\n auth_type PASS\n auth_pass secret\n }"
RUNNING = 1.609375  # what Master_Down_Timer has left when nothing counts


@pytest.fixture
def node() -> Node:
    return waiting()


def waiting(*lines: str) -> Node:
    backup = Node(*lines, priority=100)
    backup.does("wait 2")
    return backup


def reason_to_refuse(message: bytes) -> Reason:
    with pytest.raises(WireError) as caught:
        decode(message, *ENDS)
    return caught.value.reason


def test_7_1_an_advert_in_order_counts(node: Node) -> None:
    """What passes every check is processed; all refusals below differ from this advert in one thing."""
    assert node.does("hear 10.0.0.6 150") == []
    assert (node.master_down_timer, node.counted) == (3.609375, {})


@pytest.mark.parametrize("ttl", [0, 1, 64, 254])
def test_7_1_the_ttl_must_be_255(node: Node, ttl: int) -> None:
    """An advert whose TTL is not 255 was forwarded, and must be discarded and should be logged."""
    assert node.does(f"hear 10.0.0.6 150 ttl={ttl}") == [
        "warning: (V) ttl_not_255 in an advert from 10.0.0.6 on eth0, VRID 51"
    ]
    assert (node.master_down_timer, node.counted) == (RUNNING, {"ttl_not_255": 1})


def test_7_1_the_version_must_be_2(node: Node) -> None:
    """Version 3 must be discarded; there is no silent change to it."""
    assert node.does("hear 10.0.0.6 150 version=3") == [
        "warning: (V) version_mismatch in an advert from 10.0.0.6 on eth0, VRID 51"
    ]
    assert (node.master_down_timer, node.counted) == (RUNNING, {"version_mismatch": 1})


@pytest.mark.parametrize("version", [0, 1, 4, 15])
def test_7_1_an_unknown_version_is_discarded(version: int) -> None:
    """A version that nothing here speaks must be discarded."""
    assert reason_to_refuse(bytes([version << 4 | 1]) + MESSAGE[1:]) is Reason.BAD_VERSION


@pytest.mark.parametrize("length", range(len(MESSAGE)))
def test_7_1_the_packet_must_be_complete(length: int) -> None:
    """Fixed fields, every counted address and the authentication data must be there."""
    assert reason_to_refuse(MESSAGE[:length]) in (Reason.TRUNCATED, Reason.BAD_LENGTH)


def test_7_1_the_count_must_be_that_of_the_addresses() -> None:
    """A count of more addresses than the packet holds makes it incomplete."""
    assert reason_to_refuse(MESSAGE[:3] + b"\x02" + MESSAGE[4:]) is Reason.BAD_LENGTH


@pytest.mark.parametrize("bit", range(8 * len(MESSAGE)))
def test_7_1_the_checksum_must_be_right(bit: int) -> None:
    """One wrong bit anywhere in the message must make it be discarded."""
    changed = int.from_bytes(MESSAGE, "big") ^ (1 << bit)
    reason_to_refuse(changed.to_bytes(len(MESSAGE), "big"))


def test_7_1_a_checksum_of_zero_is_wrong() -> None:
    """Zero does not mean unverified."""
    assert reason_to_refuse(MESSAGE[:6] + bytes(2) + MESSAGE[8:]) is Reason.BAD_CHECKSUM


def test_7_1_the_vrid_must_be_configured(node: Node) -> None:
    """An advert of a VRID that is not configured here must be discarded."""
    assert node.does("hear 10.0.0.6 150 vrid=52") == []
    assert node.master_down_timer == RUNNING
    assert node.router.rejected == {("eth0", "unknown_vrid"): 1}


def test_7_1_the_vrid_must_be_configured_on_the_receiving_interface(node: Node) -> None:
    """The same VRID on another interface is another virtual router."""
    node.router.handle(LinkChanged("eth1", True, IPv4Address("10.0.1.5")), node.now)
    node.router.handle(AdvertReceived("eth1", heard("10.0.1.6", 150, {})), node.now)
    assert node.master_down_timer == RUNNING
    assert node.router.rejected == {("eth1", "unknown_vrid"): 1}


@pytest.mark.parametrize(
    ("configured", "received"), [("", "password=secret"), (PASSWORD, "")], ids=["ours is none", "ours is PASS"]
)
def test_7_1_the_authentication_type_must_be_ours(configured: str, received: str) -> None:
    """Another authentication type than the one configured must be discarded and should be logged."""
    node = waiting(configured)
    assert node.does(f"hear 10.0.0.6 150 {received}") == [
        "warning: (V) auth_type_mismatch in an advert from 10.0.0.6 on eth0, VRID 51"
    ]
    assert (node.master_down_timer, node.counted) == (RUNNING, {"auth_type_mismatch": 1})


@pytest.mark.parametrize("password", ["Secret", "secret2", "secre"])
def test_7_1_the_authentication_must_succeed(password: str) -> None:
    """The configured authentication method must be performed."""
    node = waiting(PASSWORD)
    node.does(f"hear 10.0.0.6 150 password={password}")
    assert (node.master_down_timer, node.counted) == (RUNNING, {"auth_failure": 1})
    node.does("hear 10.0.0.6 150 password=secret")
    assert node.master_down_timer == 3.609375


@pytest.mark.parametrize("interval", [0, 2, 255])
def test_7_1_the_interval_must_be_ours(node: Node, interval: int) -> None:
    """Another interval than the one configured must be discarded and should be logged."""
    assert node.does(f"hear 10.0.0.6 150 interval={interval}") == [
        "warning: (V) interval_mismatch in an advert from 10.0.0.6 on eth0, VRID 51"
    ]
    assert (node.master_down_timer, node.counted) == (RUNNING, {"interval_mismatch": 1})


@pytest.mark.parametrize("refused", ["ttl=1", "interval=3", "version=3", "password=x", "vrid=9"])
def test_7_1_a_refused_goodbye_starts_no_election(node: Node, refused: str) -> None:
    """The checks come before the state machine, for priority 0 as well."""
    node.does(f"hear 10.0.0.6 0 {refused}")
    assert node.master_down_timer == RUNNING


@pytest.mark.parametrize("refused", ["ttl=1", "interval=3", "version=3", "password=x", "vrid=9"])
def test_7_1_a_refused_advert_unseats_no_master(refused: str) -> None:
    """The checks come before the election between masters, too."""
    node = Node()
    node.does("wait 10", f"hear 10.0.0.6 255 {refused}")
    assert node.state == "MASTER"


def test_7_2_a_packet_is_made_of_the_virtual_router_s_configuration() -> None:
    """The fields come from the configuration, the source is our primary address, the group the destination."""
    packet = encode_packet(IPv4Address("10.0.0.5"), ADVERT)
    received = decode_packet(packet)
    assert received.advert == ADVERT
    assert (str(received.source), str(received.destination), received.ttl) == ("10.0.0.5", "224.0.0.18", 255)
    assert packet[9] == 112
