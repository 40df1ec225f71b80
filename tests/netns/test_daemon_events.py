# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source for ansible-rulebook beside real daemons: a takeover comes as events of both nodes."""

from __future__ import annotations

import asyncio

from tests.eda import Rulebook
from tests.netns.configuration import VIP, instance
from tests.netns.segment import Segment

LIMIT_S = 30.0


def test_a_takeover_is_told_by_both_nodes(segment: Segment) -> None:
    a, b = segment.vipd("a", instance(150)), segment.vipd("b", instance(100))
    for daemon in (a, b):
        daemon.foreground = (*daemon.foreground, "--log-format", "json")
    logs = {"a": a.directory / "log", "b": b.directory / "log"}
    follow = ["tail", "-n", "+1", "-F", f"{a.directory.parent}/{{host}}/log"]
    assert {str(path) for path in logs.values()} == {follow[-1].replace("{host}", host) for host in logs}

    async def main() -> list[tuple[str, str, str]]:
        seen = []
        async with Rulebook(hosts=["a", "b"], command=follow) as rulebook:
            await asyncio.to_thread(a.start)
            await asyncio.to_thread(segment.wait_for_holders, VIP, "a", 10)
            await asyncio.to_thread(b.start)
            await asyncio.to_thread(b.wait_for_state, "BACKUP", 10)
            await asyncio.to_thread(a.stop)
            while ("b", "BACKUP", "MASTER") not in seen:
                event = (await rulebook.next(LIMIT_S))["vipd"]
                seen.append((event["host"], event["from"], event["to"]))
        return seen

    seen = asyncio.run(main())
    assert [one for one in seen if one[0] == "a"] == [
        ("a", "INIT", "BACKUP"),
        ("a", "BACKUP", "MASTER"),
        ("a", "MASTER", "STOP"),
    ]
    assert [one for one in seen if one[0] == "b"] == [("b", "INIT", "BACKUP"), ("b", "BACKUP", "MASTER")]
