# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pure core cannot prove, because a kernel or a wire takes part, and the tests that do.

Data only. ``page.py`` prints it, and test_page.py fails when a test that is named here is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

NETNS = "tests/netns"


@dataclass(frozen=True)
class Elsewhere:
    """``proved_by`` is ``file::test``."""

    section: str
    requirement: str
    proved_by: str


ELSEWHERE = (
    Elsewhere(
        "5.2.1",
        "The primary address is the first that is no virtual address, and stays the one.",
        f"{NETNS}/test_links.py::test_the_primary_address_stays_when_others_come",
    ),
    Elsewhere(
        "5.2.1",
        "A virtual address is never taken for the primary one.",
        f"{NETNS}/test_links.py::test_a_vip_is_no_address_of_the_interface",
    ),
    Elsewhere(
        "5.2.2",
        "Adverts travel to 224.0.0.18 and arrive with TTL 255.",
        f"{NETNS}/test_vrrp_socket.py::test_an_advert_crosses_the_cable",
    ),
    Elsewhere(
        "5.2.2",
        "Packets to other groups do not arrive.",
        f"{NETNS}/test_vrrp_socket.py::test_packets_to_a_group_that_another_program_joined_stay_away",
    ),
    Elsewhere(
        "6.1",
        "With `no_accept` a master that does not own an address accepts no packets to it.",
        f"{NETNS}/test_nftables.py::test_a_master_that_does_not_accept_is_a_router_alone",
    ),
    Elsewhere(
        "6.1",
        "Neighbor Solicitations and Advertisements are never dropped, whatever Accept_Mode is.",
        f"{NETNS}/test_nftables.py::test_over_ipv6_neighbour_discovery_goes_on",
    ),
    Elsewhere(
        "6.2",
        "A timer fires when it is due and never before.",
        f"{NETNS}/test_timerfd.py::test_it_wakes_at_the_deadline_and_never_before",
    ),
    Elsewhere(
        "6.2",
        "A timer that expired while the process stood still does not outrun adverts that were waiting.",
        f"{NETNS}/test_daemon_stall.py::test_a_node_stands_still_for_ten_seconds",
    ),
    Elsewhere(
        "6.4.2, 6.4.3",
        "The master has the addresses on its interface, the backup has not; through shutdown and return.",
        f"{NETNS}/test_daemon_election.py::test_a_pair_lives_through_a_maintenance",
    ),
    Elsewhere(
        "6.4.2, 6.4.3",
        "Priorities, and addresses on a tie, leave one of two masters.",
        f"{NETNS}/test_daemon_election.py::test_a_partition_heals_to_one_master",
    ),
    Elsewhere(
        "6.4.2",
        "A gratuitous ARP moves the address in a neighbour's table.",
        f"{NETNS}/test_frame_socket.py::test_a_neighbour_that_knew_the_old_place_learns_the_new_one",
    ),
    Elsewhere(
        "7.1",
        "Every refusal holds on the wire, ten thousand packets long, without a transition.",
        f"{NETNS}/test_daemon_hostile.py::test_ten_thousand_hostile_packets",
    ),
    Elsewhere(
        "7.1",
        "An advert counts only on the interface that received it.",
        f"{NETNS}/test_vrrp_socket.py::test_adverts_of_another_interface_stay_there",
    ),
    Elsewhere(
        "5.1.2",
        "Over IPv6 adverts travel to ff02::12 and arrive with hop limit 255.",
        f"{NETNS}/test_vrrp_socket.py::test_an_advert_crosses_the_cable_over_ipv6",
    ),
    Elsewhere(
        "5.2.8",
        "The kernel sums what leaves over IPv6 as the codec would.",
        f"{NETNS}/test_vrrp_socket.py::test_the_kernel_numbers_and_sums_what_is_sent",
    ),
    Elsewhere(
        "7.1",
        "A node does not hear its own adverts.",
        f"{NETNS}/test_vrrp_socket.py::test_our_own_advert_does_not_come_back",
    ),
    Elsewhere(
        "7.1",
        "Options in an IPv4 header do not hide the VRID.",
        f"{NETNS}/test_vrrp_socket.py::test_the_vrid_is_found_behind_ipv4_options",
    ),
    Elsewhere(
        "7.1",
        "Unicast is received beside multicast, and over IPv6.",
        f"{NETNS}/test_vrrp_socket.py::test_unicast_over_ipv6",
    ),
    Elsewhere(
        "7.3",
        "With `use_vmac` the virtual router's interface has the MAC 00-00-5E-00-01-VRID, or 02 over IPv6.",
        f"{NETNS}/test_vmac.py::test_it_is_keepaliveds_interface",
    ),
    Elsewhere(
        "7.4",
        "With `use_vmac` over IPv6 the interface gets no address that is made of the virtual MAC.",
        f"{NETNS}/test_vmac.py::test_no_address_comes_of_the_virtual_mac",
    ),
    Elsewhere(
        "8.1.2, 8.2.2",
        "With `use_vmac` neighbours learn the virtual MAC alone, by ARP and Neighbor Discovery.",
        f"{NETNS}/test_vmac.py::test_neighbours_learn_the_virtual_mac_alone",
    ),
    Elsewhere(
        "8.2.2",
        "An IPv6 address is announced to ff02::1 with the override flag, and without the solicited one.",
        f"{NETNS}/test_messages_equal_keepalived.py::test_announcements_of_ipv6_addresses",
    ),
    Elsewhere(
        "8.2.2",
        "A virtual IPv6 address is used at once: no duplicate address detection delays a takeover.",
        f"{NETNS}/test_addresses.py::test_duplicate_address_detection_is_left_out_unless_asked_for",
    ),
    Elsewhere(
        "7.2",
        "Adverts and announcements are keepalived's, byte for byte.",
        f"{NETNS}/test_bytes_equal_keepalived.py::test_adverts_and_announcements",
    ),
)
