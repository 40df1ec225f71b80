# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 3768 section 6.4.3: holding the addresses, and giving way."""

from __future__ import annotations

import pytest

from tests.agent.rfc.node import Node, adverts, master

ADVERT = "send advert vrid 51 priority 100 from 10.0.0.5"


@pytest.fixture
def node() -> Node:
    """A master of priority 100 in the middle of an interval."""
    return master(priority=100)


def test_6_4_3_has_the_virtual_addresses(node: Node) -> None:
    """A master must answer ARP for the addresses: they are on its interface."""
    assert node.router.snapshot(node.now)["instances"][0]["holds_vips"]


def test_6_4_3_a_shutdown_is_told_with_priority_0(node: Node) -> None:
    """On Shutdown: cancel Adver_Timer, send an advert of priority 0, leave."""
    assert node.does("stop") == [
        "send advert vrid 51 priority 0 from 10.0.0.5",
        "remove 10.0.0.3/24 on eth0",
        "V: MASTER -> STOP, priority 100: asked to stop",
    ]
    assert node.adver_timer is None
    assert node.does("wait 60") == []


def test_6_4_3_an_interface_that_fails_is_a_shutdown(node: Node) -> None:
    """Without its interface a router can be no master: it releases the addresses and leaves the election."""
    assert node.does("link eth0 down")[:2] == [
        "send advert vrid 51 priority 0 from 10.0.0.5",
        "remove 10.0.0.3/24 on eth0",
    ]
    assert (node.state, node.adver_timer, node.master_down_timer) == ("FAULT", None, None)


def test_6_4_3_sends_when_the_adver_timer_fires(node: Node) -> None:
    """When Adver_Timer fires: send an advert, arm it again with the interval."""
    remaining = node.adver_timer
    assert remaining is not None
    assert node.does(f"wait {remaining}") == [ADVERT]
    assert node.adver_timer == 1.0


def test_6_4_3_a_goodbye_is_answered(node: Node) -> None:
    """An advert of priority 0: send an advert at once, arm Adver_Timer with the interval."""
    assert node.does("hear 10.0.0.6 0") == [ADVERT]
    assert (node.state, node.adver_timer) == ("MASTER", 1.0)


@pytest.mark.parametrize("priority", [101, 254, 255])
@pytest.mark.parametrize("source", ["10.0.0.4", "10.0.0.6"])
def test_6_4_3_yields_to_a_higher_priority(node: Node, priority: int, source: str) -> None:
    """A higher priority, from whatever address: cancel Adver_Timer, arm Master_Down_Timer, become Backup."""
    done = node.does(f"hear {source} {priority}")
    assert done[0] == "remove 10.0.0.3/24 on eth0"
    assert (node.state, node.adver_timer, node.master_down_timer) == ("BACKUP", None, 3.609375)


@pytest.mark.parametrize("source", ["10.0.0.6", "10.0.0.10", "192.168.0.1", "203.0.113.1"])
def test_6_4_3_yields_on_a_tie_to_a_higher_address(node: Node, source: str) -> None:
    """The same priority from a primary address greater than ours, as numbers: become Backup."""
    node.does(f"hear {source} 100")
    assert (node.state, node.adver_timer, node.master_down_timer) == ("BACKUP", None, 3.609375)


@pytest.mark.parametrize("source", ["10.0.0.4", "9.255.255.255", "1.1.1.1"])
def test_6_4_3_stays_on_a_tie_with_a_lower_address(node: Node, source: str) -> None:
    """The same priority from a lower primary address is no reason to yield."""
    node.does(f"hear {source} 100")
    assert node.state == "MASTER"


@pytest.mark.parametrize("priority", [1, 99])
def test_6_4_3_stays_when_a_lower_priority_is_heard(node: Node, priority: int) -> None:
    """A lower priority, even from a higher address, is no reason to yield."""
    node.does(f"hear 203.0.113.1 {priority}")
    assert node.state == "MASTER"


def test_6_4_3_preemption_is_no_matter_between_masters() -> None:
    """Of two masters one must yield, with Preempt_Mode false as well."""
    node = master("nopreempt", priority=100)
    node.does("hear 10.0.0.6 101")
    assert node.state == "BACKUP"


def test_6_4_3_after_yielding_no_advert_is_sent(node: Node) -> None:
    """Adver_Timer is cancelled: a backup is silent while the new master is heard."""
    node.does("hear 10.0.0.6 150")
    later = [verb for _second in range(5) for verb in ("wait 1", "hear 10.0.0.6 150")]
    assert adverts(node.does(*later)) == []
