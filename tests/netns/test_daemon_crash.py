# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a killed vipd: nothing, and the peer takes over as fast as after an orderly stop.

``a`` owns the VIP and so is master at once; ``b`` waits.
"""

from __future__ import annotations

import os
import signal

from vipd.runtime.engine import SILENT_BEATS, WORKER_END_S

from tests.netns.configuration import GRACE_S, OWNER, VIP, down_s, instance, skew_s
from tests.netns.daemon import STOP_LIMIT_S, Vipd
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for


def master_and_backup(segment: Segment) -> tuple[Vipd, Vipd]:
    a, b = segment.vipd("a", instance(OWNER)), segment.vipd("b", instance(100))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", 1)
    wait_for(lambda: b.instance()["master"], "b to hear a", 2)
    return a, b


def goodbyes(segment: Segment, host: str) -> int:
    return [advert.priority for advert in segment.packets.adverts(host)].count(0)


def test_the_vrrp_process_is_killed(segment: Segment) -> None:
    """Its worker takes the VIP off and tells the peer."""
    a, _b = master_and_backup(segment)
    a.kill_vrrp_process()
    segment.wait_for_holders(VIP, "", GRACE_S)
    segment.wait_for_holders(VIP, "b", skew_s(100))
    assert goodbyes(segment, "a") == 1
    assert segment.addresses.most_holders(VIP) == 1
    assert a.wait() == -9
    wait_for(lambda: not a.control_socket.exists(), "the worker to end as well")
    a.wait_for_log("the VRRP process died: (V) took its VIPs off eth0 and told the peers with priority 0")


def test_the_worker_is_killed(segment: Segment) -> None:
    """Nothing would be checked any more: the daemon stops in order, and fails so that systemd starts it again."""
    a, _b = master_and_backup(segment)
    a.kill_worker()
    segment.wait_for_holders(VIP, "", GRACE_S)
    segment.wait_for_holders(VIP, "b", skew_s(100))
    assert goodbyes(segment, "a") == 1
    assert a.wait() == 1


def test_the_worker_stands_still(segment: Segment) -> None:
    """Its checks with it, while the VRRP process would go on for ever: systemd's watchdog is for both."""
    check = "vrrp_script check {\n    script /bin/true\n    interval 1\n}\n"
    a = segment.vipd("a", check + instance(OWNER, "track_script {", "    check", "}"))
    b = segment.vipd("b", instance(100))
    a.environment["WATCHDOG_USEC"] = "200000"
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", 2)
    os.kill(a.worker, signal.SIGSTOP)
    segment.wait_for_holders(VIP, "b", SILENT_BEATS * 0.1 + 2 + down_s(100))
    assert goodbyes(segment, "a") == 1
    assert a.wait(STOP_LIMIT_S + WORKER_END_S) == 1
    assert "its checks stand still" in a.log()


def test_both_processes_of_a_master_are_killed(segment: Segment) -> None:
    """The unit's ExecStopPost does what neither could; a second run finds nothing to do."""
    a, _b = master_and_backup(segment)
    a.kill()
    assert segment.holders(VIP) == {"a"}
    assert "(V) took its VIPs off eth0 and told the peers with priority 0" in a.release()
    assert goodbyes(segment, "a") == 1
    segment.wait_for_holders(VIP, "b", skew_s(100))
    assert segment.addresses.most_holders(VIP) == 1

    assert a.release() == ""
    assert goodbyes(segment, "a") == 1


def test_both_processes_of_a_backup_are_killed(segment: Segment) -> None:
    """It must not speak for a VIP that it did not hold: that would start an election."""
    _a, b = master_and_backup(segment)
    b.kill()
    assert b.release() == ""
    assert segment.packets.adverts("b") == []
    assert segment.holders(VIP) == {"a"}


def test_a_start_removes_what_a_crash_left(segment: Segment) -> None:
    a, b = segment.vipd("a", instance(150)), segment.vipd("b", instance(100))
    a.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    a.kill()
    b.start()
    segment.wait_for_holders(VIP, "ab", down_s(100))

    a.start()
    assert a.instance()["state"] == "BACKUP"
    segment.wait_for_holders(VIP, "b", 0.1)
    assert goodbyes(segment, "a") == 0, "b is master: a goodbye would be for nothing"
    segment.wait_for_holders(VIP, "a", down_s(150))
