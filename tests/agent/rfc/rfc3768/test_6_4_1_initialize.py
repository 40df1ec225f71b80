# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 3768 section 6.4.1: waiting for a Startup event. An interface that is up with an address is what starts us."""

from __future__ import annotations

from tests.agent.rfc.node import Node


def test_6_4_1_the_owner_becomes_master() -> None:
    """At startup the owner sends an advert, announces each address, arms Adver_Timer and becomes Master."""
    node = Node(priority=255)
    assert node.does("wait 0") == [
        "send advert vrid 51 priority 255 from 10.0.0.5",
        "add 10.0.0.3/24 on eth0",
        "announce 10.0.0.3/24 on eth0, 5 times",
        "V: BACKUP -> MASTER, priority 255: this node owns the addresses (priority 255)",
    ]
    assert (node.now, node.adver_timer, node.master_down_timer) == (0.0, 1.0, None)


def test_6_4_1_everybody_else_becomes_backup() -> None:
    """At startup any other router arms Master_Down_Timer with Master_Down_Interval and becomes Backup."""
    node = Node(priority=100)
    assert node.at_start == ["remove 10.0.0.3/24 on eth0", "V: INIT -> BACKUP, priority 100: started"]
    assert (node.state, node.master_down_timer, node.adver_timer) == ("BACKUP", 3.609375, None)


def test_6_4_1_a_wish_to_be_master_changes_nothing() -> None:
    """The priority alone decides: ``state MASTER`` waits for Master_Down_Interval like everybody else."""
    node = Node("state MASTER", priority=100)
    assert (node.state, node.master_down_timer) == ("BACKUP", 3.609375)


def test_6_4_1_before_startup_adverts_are_not_processed() -> None:
    """In Initialize only a Startup event counts."""
    node = Node(link="down")
    assert node.does("hear 10.0.0.6 0", "hear 10.0.0.6 150", "wait 60") == []
    assert (node.master_down_timer, node.adver_timer) == (None, None)
    assert node.counted == {"not_listening": 2}


def test_6_4_1_an_interface_that_comes_up_is_a_startup() -> None:
    """Whenever the interface becomes fit, the router starts from the beginning."""
    node = Node(link="down")
    node.does("wait 60", "link eth0 up 10.0.0.5")
    assert (node.state, node.master_down_timer) == ("BACKUP", 3.609375)
