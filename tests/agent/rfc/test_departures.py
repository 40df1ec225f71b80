# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where vipd does on purpose what the RFCs do not ask for; the why of each is in departures.py."""

from __future__ import annotations

import pytest
from vipd.wire.vrrp import Reason

from tests.agent.rfc.node import Node, adverts, master
from tests.agent.rfc.version3 import MESSAGE, Node3, reason_to_refuse, waits

PASSWORD = "authentication {\n auth_type PASS\n auth_pass secret\n }"
ADVERT = "send advert vrid 51 priority 100 from 10.0.0.5"
ANNOUNCE = "announce 10.0.0.3/24 on eth0, 5 times"


def test_5_3_6_a_password_is_type_1() -> None:
    """RFC 2338's simple password lives on."""
    node = Node(PASSWORD)
    assert node.does("hear 10.0.0.6 150 password=secret") == []
    assert (node.master_down_timer, node.counted) == (3.609375, {})


def test_6_1_the_priority_follows_what_is_tracked() -> None:
    """A running Master_Down_Timer moves with the skew."""
    node = Node(script="weight -60")
    node.does("script chk fails")
    assert node.master_down_timer == 3 + (256 - 40) / 256


def test_6_4_1_the_owner_passes_through_backup() -> None:
    """It waits for nothing there."""
    node = Node(priority=255)
    assert node.at_start == ["V: INIT -> BACKUP, priority 255: started"]
    assert node.master_down_timer == 0


def test_6_4_2_a_preempting_node_takes_the_address_after_its_advert() -> None:
    """The loser has dropped it by then."""
    node = Node(priority=150)
    node.does("wait 3", "hear 10.0.0.6 100")
    first = node.does("wait 0.4140625")
    assert first[0] == "send advert vrid 51 priority 150 from 10.0.0.5"
    assert not any(line.startswith(("add", "announce")) for line in first)
    assert node.does("wait 0.019") == []
    assert node.does("wait 0.002") == ["add 10.0.0.3/24 on eth0", ANNOUNCE]


def test_6_4_2_announcements_come_in_two_sets() -> None:
    """Five at once, five after five seconds."""
    node = Node()
    assert [line for line in node.does("wait 20") if line.startswith("announce")] == [ANNOUNCE] * 2


@pytest.mark.parametrize("loser", ["10.0.0.6 99", "10.0.0.4 100"])
def test_6_4_3_a_losing_advert_is_answered(loser: str) -> None:
    """And the address announced anew, once an interval whatever the other side sends."""
    node = master()
    assert node.does(f"hear {loser}")[:2] == [ADVERT, ANNOUNCE]
    assert node.does(f"hear {loser}") == [ADVERT]
    assert node.adver_timer == 1.0
    assert node.does("wait 1") == [ADVERT, ANNOUNCE], "the one held back is made up for"
    assert node.does(f"hear {loser}") == [ADVERT]


def test_6_4_3_a_master_that_yields_says_so_once() -> None:
    """With its own priority, after it has dropped the address."""
    node = master()
    assert node.does("hear 10.0.0.6 150")[:2] == ["remove 10.0.0.3/24 on eth0", ADVERT]


def test_7_1_an_owner_hears_a_second_owner() -> None:
    """The one with the lower address yields."""
    owner = master(priority=255)
    owner.does("hear 10.0.0.4 255")
    assert owner.state == "MASTER"
    owner.does("hear 10.0.0.6 255")
    assert owner.state == "BACKUP"


@pytest.mark.parametrize("vips", ["10.0.0.9", "10.0.0.3,10.0.0.9"])
def test_7_1_another_address_list_counts_and_is_told(vips: str) -> None:
    """The list is compared as a set."""
    node = Node()
    node.does("wait 2")
    assert node.does(f"hear 10.0.0.6 150 vips={vips}") == [
        "warning: (V) address_list_mismatch in an advert from 10.0.0.6 on eth0, VRID 51"
    ]
    assert (node.master_down_timer, node.counted) == (3.609375, {"address_list_mismatch": 1})


def test_7_1_a_refusal_is_logged_once_a_minute() -> None:
    """All of them are counted."""
    node = Node()
    lines = [line for _packet in range(130) for line in node.does("hear 10.0.0.6 150 ttl=1", "wait 1")]
    assert len([line for line in lines if "ttl_not_255" in line]) == 3
    assert node.counted["ttl_not_255"] == 130
    assert len(adverts(lines)) > 100  # nothing counted, so it took over meanwhile


# Version 3


def test_5_2_9_addresses_are_sent_as_configured() -> None:
    """In the order that the operator gave them."""
    node = Node3(family=6, vips=["2001:db8::3/64", "fe80::3/64"])
    assert [str(vip) for vip in node.instance.settings.advertised] == ["2001:db8::3/64", "fe80::3/64"]


def test_6_1_accept_mode_is_true() -> None:
    """Unless no_accept or vrrp_strict turns it off."""
    assert Node3().instance.settings.accept
    assert not Node3("no_accept").instance.settings.accept


def test_6_1_how_many_adverts_may_be_missed_can_be_configured() -> None:
    """All nodes must agree."""
    assert waits(Node3("down_timer_adverts 5")) == 5.609375


def test_6_4_2_a_preemption_can_be_delayed() -> None:
    """The delay begins with the first advert of lower priority."""
    node = Node3("preempt_delay 10", priority=150)
    for _second in range(10):
        node.hears(100)
        node.does("wait 1")
    assert node.state == "BACKUP"
    for _second in range(4):
        node.hears(100)
        node.does("wait 1")
    assert node.state == "MASTER"


def test_7_1_a_packet_that_is_too_long_is_discarded() -> None:
    """Eight octets more, as version 2 has them."""
    assert reason_to_refuse(MESSAGE + bytes(8)) is Reason.BAD_LENGTH


def test_8_4_an_instance_speaks_one_version() -> None:
    """What another node says in the other one is counted, and a person is told."""
    node = Node3()
    assert node.does("hear 10.0.0.6 150 version=2") != []
    assert node.counted == {"version_mismatch": 1}
