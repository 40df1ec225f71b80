# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host whose processors were taken away for a while, and then given back."""

from __future__ import annotations

import os
import signal
import time

from tests.netns.configuration import GRACE_S, OTHER_VIP, OWNER, VIP, down_s, instance
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

STALL_S = 10.0


def test_a_node_stands_still_for_ten_seconds(segment: Segment) -> None:
    """``b`` is backup of V and master of W. Its timers have long expired when it wakes, and must not count."""
    a = segment.vipd("a", instance(150) + instance(100, name="W", vrid=52, vips=[OTHER_VIP]))
    b = segment.vipd("b", instance(100) + instance(150, name="W", vrid=52, vips=[OTHER_VIP]))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(100))
    segment.wait_for_holders(OTHER_VIP, "b", down_s(100))
    paused_at = time.time()
    b.pause()
    segment.wait_for_holders(OTHER_VIP, "ab", down_s(100))  # nobody can take it off a host that stands still
    wait_for(lambda: time.time() > paused_at + STALL_S, "the stall to last", STALL_S + 1)
    b.resume()

    segment.wait_for_holders(OTHER_VIP, "b", 1.5)
    heard = b.instance()["counters"]["adverts_received"]
    wait_for(lambda: b.instance()["counters"]["adverts_received"] > heard + 1, "b to listen again", 4)
    assert segment.packets.adverts("b", vrid=51) == [], "b took its old timer for a dead master"
    assert [entry["after"] for entry in b.status()["history"] if entry["instance"] == "V"] == ["BACKUP"]
    assert segment.holders(VIP) == {"a"}
    assert segment.addresses.most_holders(VIP) == 1
    assert segment.holders(OTHER_VIP) == {"b"}
    assert b.status()["lateness"]["max_s"] > STALL_S / 2, "a stall must be seen by the operator"


def test_the_worker_stands_still(segment: Segment) -> None:
    """Adverts do not need it, and a stop does not wait for it for ever."""
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    os.kill(a.worker, signal.SIGSTOP)
    sent = len(segment.packets.adverts("a"))
    wait_for(lambda: len(segment.packets.adverts("a")) > sent + 1, "adverts to go on", 2 + GRACE_S)

    os.kill(a.pid, signal.SIGTERM)
    segment.wait_for_holders(VIP, "", GRACE_S)
    assert a.wait(12) == 0
