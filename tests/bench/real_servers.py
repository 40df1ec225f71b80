# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of real servers with a TCP_CHECK each, beside keepalived's checker process.

It takes a kernel with IPVS. Where the running one has none, both run in the user-mode kernel, one after the other: a
system call costs many times more there, for both. So only the ratio counts, and checks are fewer a second
(``director_run.py`` measures one contender, inside). That kernel has one processor, and gets one of this machine:
handing each system call over to another takes half of the time again on an idle machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.contenders import NAMES, Contenders
from tests.bench.effort import Effort
from tests.bench.measures import Measure, Target, at_most
from tests.lvs.kernel import has_ipvs, run
from tests.netns.daemon import AGENT

PERIODS_S = {True: {1000: 1, 5000: 5}, False: {1000: 10, 5000: 40}}  # by whether this kernel has IPVS
RELOAD_MAX_MS = 1000.0
LIMIT_S = 240.0

RELOAD = Target(f"median <= {RELOAD_MAX_MS:g} ms", lambda ours, _theirs: median(ours) <= RELOAD_MAX_MS)

_ROWS: tuple[tuple[str, str, str, Target | None], ...] = (
    ("cpu_percent", "processor", "%", at_most(4)),
    ("rss_mb", "RSS", "MB", None),
    ("load_ms", "start to a whole table", "ms", None),
    ("reload_ms", "reload that changes a weight", "ms", RELOAD),
    ("late_ms", "check later than due", "ms", None),
    ("lag_ms", "dead server gone, after its check was due", "ms", None),
)

Figures = dict[str, list[float]]


def measure(contenders: Contenders, effort: Effort) -> list[Measure]:
    here = has_ipvs()
    measures = []
    for count, period_s in PERIODS_S[here].items():
        figures = {name: _figures(contenders, name, here, [count, period_s, effort.checks_s]) for name in NAMES}
        load = f"{count} real servers, {period_s} s{'' if here else ', user-mode kernel'}"
        measures += [
            Measure(f"{load}: {what}", unit, figures["vipd"][row], figures["keepalived"][row], target)
            for row, what, unit, target in _ROWS
        ]
    return measures


def _figures(contenders: Contenders, name: str, here: bool, load: list[float]) -> Figures:
    with tempfile.TemporaryDirectory(prefix="vipd-bench-lvs-") as directory:
        output = Path(directory) / "figures"
        contender = [name, str(contenders.program), directory, str(output)]
        command = ["env", f"PYTHONPATH={AGENT}", sys.executable, "-m", "tests.bench.director_run"]
        command += [*contender, *(f"{one:g}" for one in load)]
        if here:
            subprocess.run(command, check=False, timeout=LIMIT_S)
        else:
            with _one_processor():
                run(command, Path(directory), LIMIT_S)
        if not output.exists():
            said = "".join(path.read_text(errors="replace") for path in Path(directory).rglob("log"))
            raise RuntimeError(f"{name} with {load[0]:g} real servers was not measured:\n{said}")
        figures: Figures = json.loads(output.read_text())
    return figures


@contextmanager
def _one_processor() -> Iterator[None]:
    """For what is started within."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
