# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts that must not happen, and what the person who tried is told."""

from __future__ import annotations

import pytest

from tests.netns.configuration import OTHER_VIP, OWNER, VIP, instance
from tests.netns.segment import Segment

MISTAKES = {
    "VRID out of range": ("virtual_router_id 51", "virtual_router_id 256", 4, "256"),
    "no such interface": ("interface eth0", "interface eth7", 1, "eth7"),
    "VIP is no address": (VIP, "10.0.0.300", 8, "10.0.0.300"),
    "misspelt keyword": ("priority 255", "priorty 255", 5, "priorty"),
    "keyword that vipd does not support": ("priority 255", "use_vmac", 5, "use_vmac"),
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


def test_many_configuration_test_findings_at_once(segment: Segment) -> None:
    """``-t``: every mistake in one run, and no daemon."""
    text = instance(OWNER).replace("eth0", "eth7").replace("255", "priority")
    a = segment.vipd("a", text)
    a.launch("-t")
    assert a.wait() == 5
    assert [f"{a.path}:{line}:" in a.log() for line in (1, 5)] == [True, True]
    assert not a.control_socket.exists()
