# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""5 000 checks a second on the running kernel, whether it has IPVS or not: do they keep to their schedule?

The director's process, but for a table that is nowhere. keepalived checks nothing on a kernel without IPVS, so there is
nothing to be beside. ``python -m tests.bench.checks_alone FILE DIRECTORY`` is that process.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vipd import asking
from vipd.config.lvs_services import ServiceKey
from vipd.config.parse import load
from vipd.director.table import Change, Service
from vipd.linux.ipvs import Ipvs
from vipd.runtime.direction import Direction
from vipd.runtime.journal import Journal
from vipd.runtime.options import Options

from tests.bench.contenders import PYTHON, Contenders
from tests.bench.director_run import ACCEPTING, START_LIMIT_S, Watched, configuration
from tests.bench.effort import Effort
from tests.bench.footprint import processor_s
from tests.bench.measures import Measure, Target, percentile
from tests.netns.daemon import AGENT
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

COUNT, PERIOD_S = 5000, 1.0
LATE_P99_MS = 50.0

ON_TIME = Target(f"p99 <= {LATE_P99_MS:g} ms", lambda ours, _theirs: percentile(ours, 99) <= LATE_P99_MS)


class NoTable(Ipvs):
    """Takes every change, and has nothing."""

    def __init__(self) -> None:
        pass

    def services(self) -> dict[ServiceKey, Service]:
        return {}

    def apply(self, change: Change) -> None:
        pass


def measure(_contenders: Contenders, effort: Effort) -> list[Measure]:
    load = f"{COUNT} real servers, {PERIOD_S:g} s, checks alone"
    with tempfile.TemporaryDirectory(prefix="vipd-bench-checks-") as text, Namespace("bench-checks") as host:
        directory = Path(text)
        path = directory / "keepalived.conf"
        path.write_text(configuration(COUNT, PERIOD_S))
        host.ip("route add local 10.0.0.0/8 dev lo")
        with host.entered():
            watched = Watched(PERIOD_S)
        try:
            with _running(host, path) as pid:
                wait_for(lambda: len(watched.seen) == 100, "the first check of each", START_LIMIT_S)
                time.sleep(2 * PERIOD_S)
                before, since = processor_s(pid), time.monotonic()
                time.sleep(effort.checks_s)
                cpu_percent = 100 * (processor_s(pid) - before) / (time.monotonic() - since)
                told = asking.ask(str(directory / "director.sock"), "director")
        finally:
            watched.die()
    lateness = told["lateness"]
    return [
        Measure(f"{load}: processor", "%", [cpu_percent]),
        Measure(f"{load}: later than due, seen by the servers", "ms", watched.late_ms(since), target=ON_TIME),
        Measure(f"{load}: later than due, p99 as published", "ms", [lateness["p99_s"] * 1e3], target=ON_TIME),
    ]


@contextmanager
def _running(host: Namespace, path: Path) -> Iterator[int]:
    """Those that accept, and the process that checks them; its pid."""
    environment = {**os.environ, "PYTHONPATH": f"{AGENT}:{AGENT.parents[1]}"}
    checking = [PYTHON, "-m", "tests.bench.checks_alone", str(path), str(path.parent)]
    programs: list[subprocess.Popen[bytes]] = []
    try:
        programs.append(host.start(PYTHON, "-c", ACCEPTING))
        programs.append(host.start(*checking, env=environment))
        yield programs[-1].pid
    finally:
        for program in programs:
            program.kill()
            program.wait()


async def _check(path: str, directory: str) -> None:
    options = Options(path, foreground=True, runtime_directory=directory)
    await Direction(load(path).config, options, Journal(to_console=True), NoTable()).run()


if __name__ == "__main__":
    asyncio.run(_check(*sys.argv[1:]))
