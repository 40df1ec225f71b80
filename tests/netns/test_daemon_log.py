# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd --log-format json: every line an object, the transitions among them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.segment import Segment

# The one of docs/observability.md, which people write their filters after.
(_BLOCK,) = re.findall(
    r"^```json\n(.*?)^```$",
    (Path(__file__).resolve().parents[2] / "docs" / "observability.md").read_text(),
    re.MULTILINE | re.DOTALL,
)
SHOWN: dict[str, Any] = json.loads(_BLOCK)


def _text(said: dict[str, Any]) -> str:
    was = f"[was {said['from']}, priority {said['priority']}]"
    return f"({said['instance']}) Entering {said['to']} STATE: {said['reason']} {was}"


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
    assert all(one.keys() == SHOWN.keys() for one in transitions)
    assert transitions[1]["text"] == _text(transitions[1])
    assert SHOWN["text"] == _text(SHOWN)
    assert [one["time"] for one in lines] == sorted(one["time"] for one in lines)
