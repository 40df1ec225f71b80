# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How even adverts are at 10 ms, and whether a backup ever takes a living master for dead: idle, and on a busy machine.

A pair of one contender runs, then a pair of the other. Busy is two endless loops for each processor.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise

from tests.bench.configuration import configuration, one_vip_each
from tests.bench.contenders import NAMES, Contenders
from tests.bench.effort import Effort
from tests.bench.measures import NONE_AT_ALL, Measure

INTERVAL_S = 0.01
LOOPS_PER_PROCESSOR = 2
SETTLE_S = 2.0
MANY = 5  # intervals without an advert of the backup end its mastership
READ_S = 0.5  # the queue of the witness holds some ten times as much


def measure(contenders: Contenders, effort: Effort) -> list[Measure]:
    return [
        one for loops in (0, LOOPS_PER_PROCESSOR * (os.cpu_count() or 1)) for one in _with(contenders, effort, loops)
    ]


def _with(contenders: Contenders, effort: Effort, loops: int) -> list[Measure]:
    seen = {name: _watch(contenders, name, loops, effort.jitter_s) for name in NAMES}
    gaps_ms, failovers = ({name: seen[name][column] for name in NAMES} for column in (0, 1))
    when = f"{INTERVAL_S * 1000:g} ms adverts, {f'{loops} busy loops' if loops else 'idle'}"
    return [
        Measure(f"{when}: interval", "ms", gaps_ms["vipd"], gaps_ms["keepalived"]),
        Measure(f"{when}: false failovers", "", failovers["vipd"], failovers["keepalived"], target=NONE_AT_ALL),
    ]


def _watch(contenders: Contenders, name: str, loops: int, duration_s: float) -> tuple[list[float], list[float]]:
    """Times between the master's adverts, in ms; and how often the backup became master."""
    with ExitStack() as opened:
        segment = opened.enter_context(contenders.segment("master", "backup"))
        for role, priority in (("master", 150), ("backup", 100)):
            text = configuration(one_vip_each(1), INTERVAL_S, priority)
            daemon = contenders.daemon(name, segment.hosts[role], text)
            opened.callback(daemon.kill)
            daemon.start()
        opened.enter_context(_busy(loops))
        time.sleep(SETTLE_S)
        began = time.time()
        while time.time() < began + duration_s:
            time.sleep(READ_S)
            segment.packets.adverts("master", 1)
        master, backup = (
            [one.at for one in segment.packets.adverts(role, 1) if one.at > began] for role in segment.hosts
        )
    gaps_ms = [(after - before) * 1e3 for before, after in pairwise(master)]
    failovers = sum(after - before > MANY * INTERVAL_S for before, after in pairwise([began - 1, *backup]))
    return gaps_ms, [float(failovers)]


@contextmanager
def _busy(loops: int) -> Iterator[None]:
    running = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _loop in range(loops)]
    try:
        yield
    finally:
        for loop in running:
            loop.kill()
            loop.wait()
