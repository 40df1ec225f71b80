# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd and Debian's keepalived in one run, on this machine, now: ``make bench`` (root, about twenty-five minutes).

``make bench QUICK=1`` takes eight; BENCH_RUNS=200 asks for more takeovers; names of parts ask for these alone.
It never fails over a figure: a busy machine gives those of a busy machine, and only figures of one run compare.
The table goes to standard output, every sample to build/bench/bench.json.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tests.bench import checks_alone, footprint, jitter, long_file, real_servers, site_run, start, takeover
from tests.bench.contenders import Contenders, versions
from tests.bench.effort import Effort, wanted
from tests.bench.measures import Measure, table

OUTPUT = Path(__file__).resolve().parents[2] / "build" / "bench" / "bench.json"

PARTS: dict[str, Callable[[Contenders, Effort], list[Measure]]] = {
    "takeovers": takeover.measure,
    "footprint": footprint.measure,
    "jitter": jitter.measure,
    "starts": start.measure,
    "long file": long_file.measure,
    "real servers": real_servers.measure,
    "checks alone": checks_alone.measure,
    "site run": site_run.measure,
}


def main(names: list[str]) -> int:
    effort = wanted()
    if os.geteuid() != 0:
        sys.exit("tests.bench: run this as root: it makes network namespaces")
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(effort.limit_s)
    before = os.getloadavg()[0]
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="vipd-bench-") as directory, Contenders(Path(directory)) as contenders:
        for name in names or PARTS:
            began = time.monotonic()
            measures += PARTS[name](contenders, effort)
            print(f"  measured {name} in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    machine = {
        **versions(),
        "kernel": platform.release(),
        "processors": os.cpu_count(),
        "load": [round(before, 2), round(os.getloadavg()[0], 2)],
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"machine": machine, "measures": [one.as_json() for one in measures]}, indent=1))
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print(table(measures))
    return 0


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError("not done in time: this machine is too busy to measure anything on it")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
