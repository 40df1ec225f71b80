# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd and Debian's keepalived in one run, on this machine, now: ``make bench`` (root, about two minutes).

It measures and judges nothing: a busy machine gives the figures of a busy machine, and only those of one run compare.
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

from tests.bench import footprint, start, takeover
from tests.bench.contenders import Contenders, versions
from tests.bench.measures import Measure, table

OUTPUT = Path(__file__).resolve().parents[2] / "build" / "bench" / "bench.json"
LIMIT_S = 175

PARTS: dict[str, Callable[[Contenders], list[Measure]]] = {
    "takeovers": takeover.measure,
    "starts": start.measure,
    "footprint": footprint.measure,
}


def main() -> int:
    if os.geteuid() != 0:
        sys.exit("tests.bench: run this as root: it makes network namespaces")
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT_S)
    before = os.getloadavg()[0]
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="vipd-bench-") as directory, Contenders(Path(directory)) as contenders:
        for name, part in PARTS.items():
            began = time.monotonic()
            measures += part(contenders)
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
    raise TimeoutError(f"not done after {LIMIT_S} s: this machine is too busy to measure anything on it")


if __name__ == "__main__":
    sys.exit(main())
