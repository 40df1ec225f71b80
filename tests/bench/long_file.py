# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration of 255 instances and 5 000 real servers, 33 000 lines: how long it takes to be told that it is good,
and how late its reload makes an advert.

The daemons that reload it speak VRRP alone: this kernel may have no IPVS. They read all of it nevertheless.
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from tests.bench.configuration import configuration, one_vip_each
from tests.bench.contenders import NAMES, PYTHON, Contenders
from tests.bench.effort import Effort
from tests.bench.measures import Measure, Target, at_most
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

INSTANCES, SERVICES, SERVERS_EACH = 255, 100, 50
INTERVAL_S = 0.1
LATENESS_MAX_MS = 20.0
SETTLE_S = 3.0
WINDOW_S = 3.0  # in which a reload begins and ends
READ_S = 0.5
LIMIT_S = 30.0

ON_TIME = Target(f"max {LATENESS_MAX_MS:g} ms", lambda ours, _theirs: max(ours) <= LATENESS_MAX_MS)

# What a program does that has been started and has loaded itself: reads, checks, and forgets.
_READING = """
import sys, time
sys.path.insert(0, sys.argv[1])
from vipd.checks.security import unrunnable
from vipd.runtime.loading import read
began = time.perf_counter()
config, findings = read(sys.argv[2], "", ["eth0", "lo"])
passed = time.perf_counter() - began
assert config and not findings, findings
print(passed * 1e3)
"""


def text(priority: int = 200) -> str:
    return configuration(one_vip_each(INSTANCES), INTERVAL_S, priority) + "".join(map(_service, range(SERVICES)))


def _service(number: int) -> str:
    servers = "".join(
        f"    real_server 10.{2 + number}.{last}.1 80 {{\n        weight {last}\n"
        "        TCP_CHECK {\n            connect_timeout 3\n        }\n    }\n"
        for last in range(1, SERVERS_EACH + 1)
    )
    head = "    delay_loop 6\n    lb_algo wrr\n    lb_kind DR\n    protocol TCP\n"
    return f"virtual_server 10.1.0.{number + 1} 80 {{\n{head}{servers}}}\n"


def measure(contenders: Contenders, effort: Effort) -> list[Measure]:
    with contenders.segment(*NAMES) as segment:
        tests = {name: _tests_ms(contenders, name, segment, effort.starts) for name in NAMES}
        reading = [_reading_ms(contenders, segment) for _turn in range(effort.starts)]
    latest = {name: _latest_ms(contenders, name, effort.starts) for name in NAMES}
    what = f"{INSTANCES} instances, {SERVICES * SERVERS_EACH} real servers"
    adverts = f"{what}, {INTERVAL_S * 1000:g} ms adverts: latest"
    return [
        Measure(f"{what}: -t, with its start", "ms", tests["vipd"], tests["keepalived"], at_most(3)),
        Measure(f"{what}: read and checked; keepalived's -t", "ms", reading, tests["keepalived"], at_most(3)),
        Measure(f"{adverts} at rest", "ms", latest["vipd"][0], latest["keepalived"][0]),
        Measure(f"{adverts} at a reload", "ms", latest["vipd"][1], latest["keepalived"][1], ON_TIME),
    ]


def _tests_ms(contenders: Contenders, name: str, segment: Segment, turns: int) -> list[float]:
    daemon = contenders.daemon(name, segment.hosts[name], text())
    return [_run_ms(segment, name, [*daemon.command(), "-t"])[0] for _turn in range(turns)]


def _reading_ms(contenders: Contenders, segment: Segment) -> float:
    daemon = contenders.daemon("vipd", segment.hosts["vipd"], text())
    program = daemon.command()[0]
    _passed, said = _run_ms(segment, "vipd", [PYTHON, "-c", _READING, program, str(Path(daemon.path))])
    return float(said)


def _run_ms(segment: Segment, name: str, command: list[str]) -> tuple[float, str]:
    began = time.monotonic()
    process = segment.hosts[name].start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _nothing = process.communicate(timeout=LIMIT_S)
    passed = time.monotonic() - began
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit status {process.returncode}:\n{said.decode(errors='replace')}")
    return passed * 1e3, said.decode()


def _latest_ms(contenders: Contenders, name: str, turns: int) -> tuple[list[float], list[float]]:
    """By how much the latest advert of any instance was late, in each of some windows without and with a reload."""
    with contenders.segment("master") as segment:
        daemon = contenders.daemon(name, segment.hosts["master"], text())
        daemon.start()
        wait_for(lambda: segment.packets.adverts("master", INSTANCES), f"the last instance of {daemon}", LIMIT_S)
        time.sleep(SETTLE_S)
        rest = [_window_ms(segment) for _turn in range(turns)]
        reloads = []
        for _turn in range(turns):
            daemon.reload()
            reloads.append(_window_ms(segment))
        if daemon.exit_status() is not None:
            raise RuntimeError(f"{daemon} ended at a reload:\n{daemon.log()}")
        daemon.kill()
    return rest, reloads


def _window_ms(segment: Segment) -> float:
    began = time.time()
    while time.time() < began + WINDOW_S:
        time.sleep(READ_S)
        segment.packets.adverts("master", 1)
    gaps = [
        after - before
        for vrid in range(1, INSTANCES + 1)
        for before, after in pairwise(
            one.at for one in segment.packets.adverts("master", vrid) if one.at > began - INTERVAL_S
        )
    ]
    if not gaps:
        sys.exit("tests.bench: no adverts to measure")
    return max(0.0, max(gaps) - INTERVAL_S) * 1e3
