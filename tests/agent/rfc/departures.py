# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests beside this file cannot say by themselves: why we leave RFC 3768, and what is proved elsewhere.

Data only. ``page.py`` prints it, and test_page.py fails when a test that is named here is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

HERE = "tests/agent/rfc/test_departures.py"
NETNS = "tests/netns"


@dataclass(frozen=True)
class Departure:
    """Of vipd or of keepalived; ``shown_by`` is the ``file::test`` of what vipd does."""

    section: str
    rfc: str
    keepalived: str
    vipd: str
    why: str
    shown_by: str


DEPARTURES = (
    Departure(
        "5.3.6, 5.3.10",
        "authentication types 1 and 2 are reserved",
        "PASS (1) and AH (2), from RFC 2338",
        "PASS; a configuration with AH is refused",
        "nearly every keepalived.conf in the field says PASS",
        f"{HERE}::test_5_3_6_a_password_is_type_1",
    ),
    Departure(
        "6.1",
        "the priority is a configured number",
        "tracked scripts and interfaces change it",
        "the same; a running Master_Down_Timer moves with the skew",
        "a node whose proxy is dead must lose the election",
        f"{HERE}::test_6_1_the_priority_follows_what_is_tracked",
    ),
    Departure(
        "6.4",
        "three states; Shutdown leads to Initialize",
        "FAULT in addition",
        "FAULT and STOP in addition; both are Initialize with a reason",
        "an operator must see why a node takes no part",
        "tests/agent/rfc/test_6_4_3_master.py::test_6_4_3_an_interface_that_fails_is_a_shutdown",
    ),
    Departure(
        "6.4.1",
        "the first wait is Master_Down_Interval",
        "`state MASTER` waits about one interval",
        "as the RFC",
        "a node that comes back must hear the living master first",
        "tests/agent/rfc/test_6_4_1_initialize.py::test_6_4_1_a_wish_to_be_master_changes_nothing",
    ),
    Departure(
        "6.4.1",
        "the owner goes from Initialize to Master",
        "the same; with `state BACKUP` it listens for three seconds first",
        "it passes through BACKUP and waits for nothing there",
        "one way into MASTER; the wire shows no difference",
        f"{HERE}::test_6_4_1_the_owner_passes_through_backup",
    ),
    Departure(
        "6.4.2",
        "advert, then gratuitous ARP at once",
        "the same, with the addresses between them",
        "the same; 20 ms between advert and addresses when a living master is preempted",
        "no instant has two holders ([decision 0003](decisions/0003-handover-gap.md))",
        f"{HERE}::test_6_4_2_a_preempting_node_takes_the_address_after_its_advert",
    ),
    Departure(
        "6.4.2",
        "one gratuitous ARP for each address",
        "five at once, five more after five seconds; configurable",
        "the same",
        "frames get lost, and switches learn late",
        f"{HERE}::test_6_4_2_announcements_come_in_two_sets",
    ),
    Departure(
        "6.4.3",
        "a master that does not own an address accepts no packets to it",
        "accepts",
        "accepts",
        "a load balancer serves at the address: it is no router on the way to something else",
        f"{NETNS}/test_daemon_vips.py::test_each_vip_is_configured_as_written",
    ),
    Departure(
        "6.4.3",
        "a master discards a losing advert",
        "answers with an advert and announces again",
        "the same; one set of announcements an interval",
        "the second master yields at once, and neighbours learn who is left (RFC 9568 demands the advert)",
        f"{HERE}::test_6_4_3_a_losing_advert_is_answered",
    ),
    Departure(
        "6.4.3",
        "a master that yields says nothing",
        "nothing, unless `vrrp_higher_prio_send_advert`",
        "one last advert with its own priority",
        "the winner announces again, which heals what a split left in neighbour tables",
        f"{HERE}::test_6_4_3_a_master_that_yields_says_so_once",
    ),
    Departure(
        "6.4.3",
        "a master is master until it hears a better one, or is shut down",
        "BACKUP with priority 0 as soon as another program removes a VIP",
        "the VIP is put back at once, three times a minute; then the same, and no preemption for a minute",
        "a network service that restarts must not cost a failover, one that insists must not cost the VIP",
        "tests/agent/core/test_transcripts.py::test_transcript",
    ),
    Departure(
        "7.1",
        "the owner discards every advert",
        "two owners: one gives up 255 until its next start",
        "two owners: the lower address yields",
        "a mistake in two configurations must not make two holders for ever",
        f"{HERE}::test_7_1_an_owner_hears_a_second_owner",
    ),
    Departure(
        "7.1",
        "another address list may be checked, and then only an owner's advert counts",
        "discards, even an owner's (2.2.7); warns since 2.3.3",
        "counts, warns once a minute",
        "a changed list reaches one node after the other: the pair must not split meanwhile",
        f"{HERE}::test_7_1_another_address_list_counts_and_is_told",
    ),
    Departure(
        "7.1",
        "each refusal should be logged",
        "a line a packet",
        "the first of its kind in a minute is logged, all are counted",
        "a flood of packets must not become a flood of lines",
        f"{HERE}::test_7_1_a_refusal_is_logged_once_a_minute",
    ),
    Departure(
        "7.2, 7.3, 8.2",
        "adverts and ARP carry the virtual router's MAC, 00-00-5E-00-01-VRID",
        "the interface's MAC, unless `use_vmac`",
        "the interface's MAC; a configuration with `use_vmac` is refused",
        "announcements move the address as well, and no host needs a second interface",
        f"{NETNS}/test_bytes_equal_keepalived.py::test_adverts_and_announcements",
    ),
)


@dataclass(frozen=True)
class Elsewhere:
    """What a pure core cannot prove, because a kernel or a wire takes part."""

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
        "7.2",
        "Adverts and announcements are keepalived's, byte for byte.",
        f"{NETNS}/test_bytes_equal_keepalived.py::test_adverts_and_announcements",
    ),
)
