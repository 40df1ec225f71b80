# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 5798 where it says something else than its successor, RFC 9568."""

from __future__ import annotations

from ipaddress import IPv4Address

from vipd.wire.vrrp import Checksum, decode, encode

from tests.agent.rfc.version3 import (
    ADVERT,
    ENDS,
    MESSAGE,
    Node3,
    checksum_of,
    internet_checksum,
    master3,
    waits,
    without_checksum,
)


def test_5_2_8_the_checksum_covers_a_pseudo_header_over_ipv4_too() -> None:
    """Source, destination, protocol 112 and length are summed before the message, as every deployed router does."""
    pseudo = ENDS[0].packed + ENDS[1].packed + bytes([0, 112]) + len(MESSAGE).to_bytes(2, "big")
    assert checksum_of(MESSAGE) == internet_checksum(pseudo + without_checksum(MESSAGE))


def test_5_2_8_the_destination_that_is_summed_is_the_real_one() -> None:
    """Between unicast peers that is the peer; keepalived before 1.3.6 summed the group, which is heard as well."""
    peer = IPv4Address("10.0.0.5")
    message = encode(ADVERT, ENDS[0], peer)
    pseudo = ENDS[0].packed + peer.packed + bytes([0, 112]) + len(message).to_bytes(2, "big")
    assert checksum_of(message) == internet_checksum(pseudo + without_checksum(message))
    old = encode(ADVERT, ENDS[0], peer, Checksum.PSEUDO_HEADER_GROUP)
    assert decode(old, ENDS[0], peer) == (ADVERT, Checksum.PSEUDO_HEADER_GROUP)


def test_5_2_8_what_is_sent_can_be_chosen() -> None:
    """Peers that follow RFC 9568 to the letter are served by v3_checksum_as_v2."""
    node = Node3("v3_checksum_as_v2")
    assert node.instance.settings.checksum is Checksum.MESSAGE_ONLY
    assert Node3().instance.settings.checksum is Checksum.PSEUDO_HEADER


def test_5_2_8_either_form_is_accepted() -> None:
    """A receiver cannot know which of the two RFCs its peer follows."""
    for form in (Checksum.PSEUDO_HEADER, Checksum.MESSAGE_ONLY):
        assert decode(encode(ADVERT, *ENDS, form), *ENDS) == (ADVERT, form)


def test_6_4_2_the_master_s_interval_is_learned() -> None:
    """Master_Adver_Interval becomes the advert's, and Master_Down_Interval is computed anew."""
    node = Node3("advert_int 0.1")
    node.hears(150, "interval=1")
    assert waits(node) == 3.609375


def test_6_4_3_a_losing_advert_changes_no_state() -> None:
    """A master that hears a losing advert stays what it is."""
    node = master3()
    node.hears(99)
    assert node.state == "MASTER"


def test_7_1_another_interval_is_no_reason_to_discard() -> None:
    """Max Adver Int is learned, not verified."""
    node = Node3()
    node.does("wait 2")
    node.hears(150, "interval=3")
    assert waits(node) == 3 * 3.609375
