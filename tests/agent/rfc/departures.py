# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests beside this file cannot say by themselves: why we leave an RFC, and what others do.

Data only; what is proved elsewhere is in ``elsewhere.py``. ``page.py`` prints both, and test_page.py fails when a test
that is named here is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

DIRECTORY = "tests/agent/rfc"
HERE = f"{DIRECTORY}/test_departures.py"
V3 = f"{DIRECTORY}/rfc9568"
NETNS = "tests/netns"


@dataclass(frozen=True)
class Departure:
    """Of vipd, keepalived or FRR; ``shown_by`` is the ``file::test`` of what vipd does.

    ``section`` begins with the RFC's number where it is not all three; ``frr`` is empty where nobody has looked.
    """

    section: str
    rfc: str
    keepalived: str
    frr: str
    vipd: str
    why: str
    shown_by: str


DEPARTURES = (
    Departure(
        "5.3.6, 5.3.10",
        "authentication types 1 and 2 are reserved",
        "PASS (1) and AH (2), from RFC 2338",
        "has no password",
        "PASS; a configuration with AH is refused",
        "nearly every keepalived.conf in the field says PASS",
        f"{HERE}::test_5_3_6_a_password_is_type_1",
    ),
    Departure(
        "6.1",
        "the priority is a configured number",
        "tracked scripts and interfaces change it",
        "",
        "the same; a running Master_Down_Timer moves with the skew",
        "a node whose proxy is dead must lose the election",
        f"{HERE}::test_6_1_the_priority_follows_what_is_tracked",
    ),
    Departure(
        "6.4",
        "three states; Shutdown leads to Initialize",
        "FAULT in addition",
        "stays Master while its link is down (8.4)",
        "FAULT and STOP in addition; both are Initialize with a reason",
        "an operator must see why a node takes no part",
        f"{DIRECTORY}/rfc3768/test_6_4_3_master.py::test_6_4_3_an_interface_that_fails_is_a_shutdown",
    ),
    Departure(
        "6.4.1",
        "the first wait is Master_Down_Interval",
        "`state MASTER` waits about one interval",
        "",
        "as the RFC",
        "a node that comes back must hear the living master first",
        f"{DIRECTORY}/rfc3768/test_6_4_1_initialize.py::test_6_4_1_a_wish_to_be_master_changes_nothing",
    ),
    Departure(
        "6.4.1",
        "the owner goes from Initialize to Master",
        "the same; with `state BACKUP` it listens for three seconds first",
        "",
        "it passes through BACKUP and waits for nothing there",
        "one way into MASTER; the wire shows no difference",
        f"{HERE}::test_6_4_1_the_owner_passes_through_backup",
    ),
    Departure(
        "6.4.2",
        "advert, then gratuitous ARP at once",
        "the same, with the addresses between them",
        "as the RFC",
        "the same; 20 ms between advert and addresses when a living master is preempted",
        "no instant has two holders ([decision 0003](decisions/0003-handover-gap.md))",
        f"{HERE}::test_6_4_2_a_preempting_node_takes_the_address_after_its_advert",
    ),
    Departure(
        "6.4.2",
        "one gratuitous ARP for each address",
        "five at once, five more after five seconds; configurable",
        "one",
        "the same",
        "frames get lost, and switches learn late",
        f"{HERE}::test_6_4_2_announcements_come_in_two_sets",
    ),
    Departure(
        "6.4.3",
        "a master that does not own an address accepts no packets to it",
        "accepts",
        "accepts, even as a backup before it has sent an advert",
        "accepts",
        "a load balancer serves at the address: it is no router on the way to something else",
        f"{NETNS}/test_daemon_vips.py::test_each_vip_is_configured_as_written",
    ),
    Departure(
        "6.4.3",
        "a master discards a losing advert",
        "answers with an advert and announces again",
        "discards it, silently",
        "the same; one set of announcements an interval",
        "the second master yields at once, and neighbours learn who is left (RFC 9568 demands the advert)",
        f"{HERE}::test_6_4_3_a_losing_advert_is_answered",
    ),
    Departure(
        "6.4.3",
        "a master that yields says nothing",
        "nothing, unless `vrrp_higher_prio_send_advert`",
        "nothing",
        "one last advert with its own priority",
        "the winner announces again, which heals what a split left in neighbour tables",
        f"{HERE}::test_6_4_3_a_master_that_yields_says_so_once",
    ),
    Departure(
        "6.4.3",
        "a master is master until it hears a better one, or is shut down",
        "BACKUP with priority 0 as soon as another program removes a VIP",
        "",
        "the VIP is put back at once, three times a minute; then the same, and no preemption for a minute",
        "a network service that restarts must not cost a failover, one that insists must not cost the VIP",
        "tests/agent/core/test_transcripts.py::test_transcript",
    ),
    Departure(
        "7.1",
        "the owner discards every advert",
        "two owners: one gives up 255 until its next start",
        "discards",
        "two owners: the lower address yields",
        "a mistake in two configurations must not make two holders for ever",
        f"{HERE}::test_7_1_an_owner_hears_a_second_owner",
    ),
    Departure(
        "7.1",
        "another address list may be checked, and then only an owner's advert counts",
        "discards, even an owner's (2.2.7); warns since 2.3.3",
        "never looks",
        "counts, warns once a minute",
        "a changed list reaches one node after the other: the pair must not split meanwhile",
        f"{HERE}::test_7_1_another_address_list_counts_and_is_told",
    ),
    Departure(
        "7.1",
        "each refusal should be logged",
        "a line a packet",
        "",
        "the first of its kind in a minute is logged, all are counted",
        "a flood of packets must not become a flood of lines",
        f"{HERE}::test_7_1_a_refusal_is_logged_once_a_minute",
    ),
    Departure(
        "7.2, 7.3, 8.2",
        "adverts and ARP carry the virtual router's MAC, 00-00-5E-00-01-VRID",
        "the interface's MAC, unless `use_vmac`",
        "the virtual MAC, always",
        "the interface's MAC, unless `use_vmac`",
        "announcements move the address as well, and no host needs a second interface",
        f"{NETNS}/test_bytes_equal_keepalived.py::test_adverts_and_announcements",
    ),
    Departure(
        "9568 5.2.8",
        "over IPv4 the checksum covers the message alone",
        "a pseudo-header as well; discards the RFC's form (2.2.7 has no switch, 2.2.8 has)",
        "a pseudo-header as well; discards the RFC's form",
        "sends as they do, accepts both forms and says once which it sees; `v3_checksum_as_v2` sends the RFC's",
        "whoever sends what the RFC says is heard by no deployed router",
        f"{DIRECTORY}/rfc5798/test_differences.py::test_5_2_8_what_is_sent_can_be_chosen",
    ),
    Departure(
        "9568 5.2.9",
        "the first address over IPv6 is the virtual router's link-local one",
        "sends what is configured, in that order; with `vrrp_strict` it must be link-local",
        "sends the global addresses alone",
        "as keepalived; an advert without is heard and remarked upon",
        "an address that the operator did not ask for would be one more to hold",
        f"{HERE}::test_5_2_9_addresses_are_sent_as_configured",
    ),
    Departure(
        "9568 6.1",
        "Accept_Mode is false unless configured",
        "true; `no_accept` and `vrrp_strict` turn it off",
        "true, by accident",
        "as keepalived",
        "a load balancer serves at the address",
        f"{HERE}::test_6_1_accept_mode_is_true",
    ),
    Departure(
        "9568 6.1",
        "three missed adverts make a master dead",
        "`down_timer_adverts`",
        "three",
        "as keepalived",
        "some networks lose more than one in a row; all nodes must agree",
        f"{HERE}::test_6_1_how_many_adverts_may_be_missed_can_be_configured",
    ),
    Departure(
        "9568 6.4.2",
        "a backup that may preempt does so after one Active_Down_Interval",
        "`preempt_delay` leaves the living master alone for longer",
        "as the RFC",
        "as keepalived",
        "a node that has just booted may not be ready to serve",
        f"{HERE}::test_6_4_2_a_preemption_can_be_delayed",
    ),
    Departure(
        "9568 6.1",
        "timers keep what the arithmetic gives",
        "as the RFC",
        "whole centiseconds: at 1 cs every priority has the same skew of nothing",
        "as the RFC",
        "without a skew all backups take over at once",
        f"{V3}/test_6_1_parameters.py::test_6_1_a_higher_priority_waits_less",
    ),
    Departure(
        "9568 7.1",
        "Max Adver Int 0 is discarded (erratum 8301)",
        "accepts it and takes over at once (2.2.7)",
        "accepts it and takes over at once",
        "as the RFC",
        "one such packet would end every mastership on the segment",
        f"{V3}/test_7_receiving_and_sending.py::test_7_1_an_interval_of_0_is_discarded",
    ),
    Departure(
        "9568 7.1",
        "TTL or hop limit must be 255",
        "the same; between unicast peers any, unless bounded by `min_ttl` and `max_ttl`",
        "the same; it has no unicast",
        "as keepalived, whose IPv6 unicast leaves with 64",
        "unicast may be routed",
        f"{V3}/test_7_receiving_and_sending.py::test_7_1_a_unicast_peer_may_be_behind_routers",
    ),
    Departure(
        "9568 7.1",
        "a packet longer than its addresses is not spoken of",
        "discards",
        "discards",
        "discards; what Ethernet padded is cut off first",
        "what is not understood is not obeyed",
        f"{HERE}::test_7_1_a_packet_that_is_too_long_is_discarded",
    ),
    Departure(
        "9568 8.2.3",
        "a master sends Router Advertisements for the virtual router",
        "sends none",
        "asks zebra to",
        "sends none",
        "it moves addresses between hosts and is no router",
        f"{NETNS}/test_vrrp_socket.py::test_an_advert_crosses_the_cable_over_ipv6",
    ),
    Departure(
        "9568 8.4",
        "one router may speak versions 2 and 3 at once during an upgrade",
        "one version an instance",
        "one version an instance",
        "one version an instance",
        "an upgrade changes the backups first, and then the master",
        f"{HERE}::test_8_4_an_instance_speaks_one_version",
    ),
)
