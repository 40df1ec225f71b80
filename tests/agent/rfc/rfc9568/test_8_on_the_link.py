# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 9568 section 8: how neighbours learn where an address is, and what is told of priorities that must not be.

What the kernel answers to ARP and Neighbor Discovery is proved in tests/netns.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from vipd.wire import arp, ndp

from tests.agent.rfc.version3 import Node3, master3

MAC = bytes.fromhex("00005e000133")
MAC6 = bytes.fromhex("00005e000233")
ALL_NODES = bytes.fromhex("333300000001")


def test_8_1_2_a_gratuitous_arp_is_a_broadcast_of_the_address_itself() -> None:
    """Sender and target address are the virtual one, the sender's MAC is where it is (erratum 7949)."""
    frame = arp.encode_gratuitous(MAC, IPv4Address("10.0.0.3"))
    assert frame[:6] == b"\xff" * 6
    assert frame[6:12] == MAC
    assert frame[22:28] == MAC
    assert (frame[28:32], frame[38:42]) == (bytes([10, 0, 0, 3]), bytes([10, 0, 0, 3]))


def test_8_1_2_nothing_is_announced_before_the_address_is_there() -> None:
    """Gratuitous ARP waits until the address and its interface are configured."""
    done = Node3().does("wait 4")
    assert done.index("add 10.0.0.3/24 on eth0") < done.index("announce 10.0.0.3/24 on eth0, 5 times")


def test_8_2_2_an_unsolicited_advertisement_goes_to_all_nodes() -> None:
    """The target is the virtual address, the target's link-layer address where it is, the destination ff02::1."""
    sent = ndp.decode(ndp.encode_unsolicited(MAC6, IPv6Address("2001:db8::3"), router=True))
    assert (str(sent.destination), sent.destination_mac) == ("ff02::1", ALL_NODES)
    assert (str(sent.target), sent.target_mac) == ("2001:db8::3", MAC6)


def test_8_2_2_its_flags_are_override_and_not_solicited() -> None:
    """O is set so that neighbours replace what they know, S is not; R says whether the host forwards."""
    for router in (True, False):
        sent = ndp.decode(ndp.encode_unsolicited(MAC6, IPv6Address("2001:db8::3"), router=router))
        assert (sent.router, sent.solicited, sent.override) == (router, False, True)


def test_8_3_2_a_second_owner_is_told() -> None:
    """Two routers of priority 255 for one VRID are a mistake that should be logged."""
    node = master3(priority=255)
    assert any(
        "255" in line and "10.0.0.4" in line for line in node.hears(255, "", "10.0.0.4") if line.startswith("info")
    )


def test_8_3_2_a_backup_of_lower_priority_that_goes_on_is_told() -> None:
    """A router that adverts with a lower priority and does not yield should be logged."""
    node = master3()
    assert any("lower priority 99" in line for line in node.hears(99))
