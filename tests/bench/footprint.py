# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pair costs while nothing happens: processor time and memory of both of its daemons, at 1 s adverts.

A pair of vipd and a pair of keepalived run at the same time, on segments of their own, so that both meet the same load.
A daemon is all of its processes. RSS counts memory that they share once for each, PSS once for all of them together.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.contenders import NAMES, Contenders
from tests.bench.measures import Measure
from tests.netns.configuration import GRACE_S, down_s, instance
from tests.netns.daemon import Daemon
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

COUNTS = (1, 50)
ROLES = {"master": 150, "backup": 100}
SETTLE_S = 6.0  # the second set of announcements comes five seconds after the takeover
WINDOW_S = 10.0


def measure(contenders: Contenders) -> list[Measure]:
    return [one for count in COUNTS for one in _at(contenders, count)]


def _at(contenders: Contenders, count: int) -> list[Measure]:
    with ExitStack() as opened:
        daemons: dict[tuple[str, str], Daemon] = {}
        segments = {name: opened.enter_context(contenders.segment(*ROLES)) for name in NAMES}
        for role, priority in ROLES.items():
            for name, segment in segments.items():
                daemon = contenders.daemon(name, segment.hosts[role], configuration(count, priority))
                opened.callback(daemon.kill)
                daemon.start()
                daemons[name, role] = daemon
        for segment in segments.values():
            _wait_until_held(segment.hosts["master"], count)
        time.sleep(SETTLE_S)
        percent = _processor_percent(daemons)
        rss = {key: _kilobytes(daemon, "VmRSS", "status") / 1024 for key, daemon in daemons.items()}
        pss = {key: _kilobytes(daemon, "Pss", "smaps_rollup") / 1024 for key, daemon in daemons.items()}
    named = (
        ("processor", "%", percent),
        ("resident memory (RSS)", "MB", rss),
        ("proportional memory (PSS)", "MB", pss),
    )
    return [
        Measure(f"{count} x 1 s, {role}: {what}", unit, [figures["vipd", role]], [figures["keepalived", role]])
        for role in ROLES
        for what, unit, figures in named
    ]


def configuration(count: int, priority: int) -> str:
    return "".join(instance(priority, name=f"V{n}", vrid=n, vips=[vip(n)]) for n in range(1, count + 1))


def vip(vrid: int) -> str:
    return f"10.0.1.{vrid}"


def _wait_until_held(host: Namespace, count: int) -> None:
    wanted = {vip(vrid) for vrid in range(1, count + 1)}
    wait_for(
        lambda: wanted <= {address["local"] for address in host.addresses()},
        f"{count} addresses on {host.name}",
        down_s(ROLES["master"]) + GRACE_S,
    )


def _processor_percent(daemons: dict[tuple[str, str], Daemon]) -> dict[tuple[str, str], float]:
    before = {key: (time.monotonic(), _processor_s(daemon)) for key, daemon in daemons.items()}
    time.sleep(WINDOW_S)
    after = {key: (time.monotonic(), _processor_s(daemon)) for key, daemon in daemons.items()}
    return {key: 100 * (after[key][1] - used) / (after[key][0] - at) for key, (at, used) in before.items()}


def _processor_s(daemon: Daemon) -> float:
    """Time on a processor, of every thread, to the nanosecond."""
    tasks = [task for pid in daemon.processes() for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _kilobytes(daemon: Daemon, field: str, file: str) -> int:
    texts = [Path(f"/proc/{pid}/{file}").read_text() for pid in daemon.processes()]
    return sum(int(text.split(f"\n{field}:")[1].split()[0]) for text in texts)
