# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a start takes, and how long it takes to be told that a configuration is good.

Ready is when the owner of an address (priority 255, which waits for nobody) sends its first advert: all that a start
has to do is behind it, and it is seen from outside for both alike.
"""

from __future__ import annotations

import subprocess
import time

from tests.bench.configuration import PRIORITY, configuration, one_vip_each
from tests.bench.contenders import NAMES, Contenders
from tests.bench.effort import Effort
from tests.bench.measures import Measure
from tests.netns.configuration import OWNER
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

OWNED = one_vip_each(1)
INSTANCES = 255
LIMIT_S = 15.0


def measure(contenders: Contenders, effort: Effort) -> list[Measure]:
    with contenders.segment(*NAMES) as segment:
        starts: dict[str, list[float]] = {name: [] for name in NAMES}
        tests: dict[str, list[float]] = {name: [] for name in NAMES}
        for _turn in range(effort.starts):
            for name in NAMES:
                starts[name].append(_start_ms(contenders, name, segment))
        for _turn in range(effort.starts):
            for name in NAMES:
                tests[name].append(_test_ms(contenders, name, segment))
    return [
        Measure("start to first advert of an owner", "ms", starts["vipd"], starts["keepalived"]),
        Measure(f"-t on {INSTANCES} instances", "ms", tests["vipd"], tests["keepalived"]),
    ]


def _start_ms(contenders: Contenders, name: str, segment: Segment) -> float:
    config = configuration(OWNED, 1, OWNER).replace("state BACKUP", "state MASTER")  # or keepalived's owner waits, too
    daemon = contenders.daemon(name, segment.hosts[name], config)
    began = time.time()
    daemon.launch()
    advert = wait_for(
        lambda: next((one for one in segment.packets.adverts(name, 1) if one.at > began), None),
        f"the first advert of {daemon}",
        LIMIT_S,
    )
    daemon.kill()
    segment.hosts[name].ip(f"address flush dev eth0 to {OWNED[0][0]}")
    return (advert.at - began) * 1e3


def _test_ms(contenders: Contenders, name: str, segment: Segment) -> float:
    daemon = contenders.daemon(name, segment.hosts[name], configuration(one_vip_each(INSTANCES), 1, PRIORITY))
    command = [*daemon.command(), "-t"]
    began = time.monotonic()
    process = segment.hosts[name].start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _nothing = process.communicate(timeout=LIMIT_S)
    passed = time.monotonic() - began
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit status {process.returncode}:\n{said.decode(errors='replace')}")
    return passed * 1e3
