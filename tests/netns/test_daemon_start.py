# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts that must not happen, and what the person who tried is told; then the background, and keepalived's signals."""

from __future__ import annotations

import os
import signal

import pytest

from tests.netns.configuration import OTHER_VIP, OWNER, VIP, instance
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

MISTAKES = {
    "VRID out of range": ("virtual_router_id 51", "virtual_router_id 256", 4, "256"),
    "no such interface": ("interface eth0", "interface eth7", 1, "eth7"),
    "VIP is no address": (VIP, "10.0.0.300", 8, "10.0.0.300"),
    "misspelt keyword": ("priority 255", "priorty 255", 5, "priorty"),
    "keyword that vipd does not support": ("priority 255", "use_ipvlan", 5, "use_ipvlan"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_configuration(segment: Segment, mistake: str) -> None:
    right, wrong, line, named = MISTAKES[mistake]
    a = segment.vipd("a", instance(OWNER).replace(right, wrong))
    a.launch()
    assert a.wait() == 5, a.log()
    assert f"{a.path}:{line}:" in a.log()
    assert named in a.log()
    assert segment.addresses.changes(VIP) == []
    assert segment.packets.adverts("a") == []


def test_a_second_start_with_the_same_pid_file(segment: Segment) -> None:
    first = segment.vipd("a", instance(OWNER))
    first.start()
    second = segment.vipd("a", instance(OWNER, vips=[OTHER_VIP]))
    second.launch()
    assert second.wait() == 1
    pid_file = first.runtime_directory / "vipd.pid"
    assert f"vipd is already running: {pid_file} is held by process {first.pid}" in second.log()
    assert segment.holders(VIP) == {"a"}
    assert segment.addresses.changes(OTHER_VIP) == []

    assert first.stop() == 0
    assert not pid_file.exists()


def test_a_stale_pid_file_is_no_obstacle(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER))
    a.start()
    a.kill()
    a.start()
    segment.wait_for_holders(VIP, "a", 1)


def test_it_goes_to_the_background(segment: Segment) -> None:
    """Without ``-n``, as an init script starts keepalived; the pid file says whom to stop."""
    a = segment.vipd("a", instance(OWNER))
    a.foreground = ()
    a.launch()
    assert a.wait() == 0, a.log()
    segment.wait_for_holders(VIP, "a", 5)
    pid_file = a.runtime_directory / "vipd.pid"
    os.kill(int(pid_file.read_text()), signal.SIGTERM)
    segment.wait_for_holders(VIP, "", 1)
    wait_for(lambda: not pid_file.exists(), "the pid file to go", 4)
    assert [advert.priority for advert in segment.packets.adverts("a")][-1] == 0


def test_keepaliveds_other_signals_do_not_end_it(segment: Segment) -> None:
    """A monitor that sends one must not cause a failover. Those that ask for a dump: test_daemon_dumps.py."""
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    for number in (signal.SIGRTMIN, signal.SIGRTMIN + 4):
        os.kill(a.pid, number)
        a.wait_for_log(f"signal {int(number)} ")
    assert len(segment.addresses.changes(VIP)) == 1
    assert a.instance()["state"] == "MASTER"


def test_many_configuration_test_findings_at_once(segment: Segment) -> None:
    """``-t``: every mistake in one run, and no daemon."""
    text = instance(OWNER).replace("eth0", "eth7").replace("255", "priority")
    a = segment.vipd("a", text)
    a.launch("-t")
    assert a.wait() == 5
    assert [f"{a.path}:{line}:" in a.log() for line in (1, 5)] == [True, True]
    assert not a.control_socket.exists()
