# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd --log-format json: every line an object, the transitions among them."""

from __future__ import annotations

import json

from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.segment import Segment


def test_transitions_are_objects(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER))
    a.foreground = (*a.foreground, "--log-format", "json")
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    a.stop()
    lines = [json.loads(line) for line in a.log().splitlines()]
    transitions = [one for one in lines if one["event"] == "transition"]
    assert [(one["instance"], one["from"], one["to"]) for one in transitions] == [
        ("V", "INIT", "BACKUP"),
        ("V", "BACKUP", "MASTER"),
        ("V", "MASTER", "STOP"),
    ]
    assert transitions[1]["reason"] == "this node owns the addresses (priority 255)"
    assert {"time", "level", "text", "priority"} <= transitions[1].keys()
    assert [one["time"] for one in lines] == sorted(one["time"] for one in lines)
