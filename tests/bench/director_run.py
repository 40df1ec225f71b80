# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One director with thousands of real servers, measured from outside, in a kernel with IPVS; see ``real_servers.py``.

All servers are addresses of one network namespace. Most connect to a program that accepts and closes; those of the
first virtual servers are accepted here, at a shorter period: when each was looked at says how late checks are, and
they die at the end.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

from vipd.config.lvs_services import ServiceKey
from vipd.director.table import DestinationKey
from vipd.linux.ipvs import Ipvs

from tests.bench.contenders import NAMES, installed_director
from tests.bench.footprint import processor_s, rss_mb
from tests.netns.daemon import Daemon
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

EACH = 50  # real servers of a virtual server
WATCHED = 2  # virtual servers whose checks are watched
WATCHED_PERIOD_S = 2
RELOADS = 5
CROWD_PORT, WATCHED_PORT = 7000, 7001
START_LIMIT_S = 60.0
LOOK_S = 0.02  # a look each 5 ms would take a third of the one processor of a user-mode kernel

ACCEPTING = """
import socket
with socket.create_server(("", 7000), backlog=4096) as listening:
    while True:
        listening.accept()[0].close()
"""


def configuration(count: int, period_s: float, weight: int = 1) -> str:
    """``weight`` is that of one server, in the middle."""
    return "".join(
        _service(number, period_s, weight if number == count // EACH // 2 else 1) for number in range(count // EACH)
    )


def _service(number: int, period_s: float, weight: int) -> str:
    watched = number < WATCHED
    period_s = min(WATCHED_PERIOD_S, period_s) if watched else period_s
    port = WATCHED_PORT if watched else CROWD_PORT
    servers = "".join(
        f"real_server 10.{2 + number}.0.{last} {port} {{\nweight {weight if last == 1 else 1}\n"
        "TCP_CHECK {\nconnect_timeout 3\n}\n}\n"
        for last in range(1, EACH + 1)
    )
    head = f"lb_algo rr\nlb_kind NAT\nprotocol TCP\ndelay_loop {period_s:g}\nwarmup {period_s:g}\nretry 0\n"
    return f"virtual_server 10.1.0.{number + 1} 80 {{\n{head}{servers}}}\n"


class Table:
    """The kernel's, a service at a time: cheap enough to look often."""

    def __init__(self) -> None:
        self._kernel = Ipvs()

    def weights(self, number: int) -> dict[DestinationKey, int]:
        """Of its destinations; none while there is no such service."""
        key = ServiceKey(4, "TCP", IPv4Address(f"10.1.0.{number + 1}"), 80)
        with contextlib.suppress(OSError):
            return {where: one.weight for where, one, _counts in self._kernel.destinations(key)}
        return {}


class Watched:
    """Listens for the watched servers, and notes each connection."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self.seen: dict[str, list[float]] = defaultdict(list)
        self._stop = Event()
        self._socket = socket.create_server(("", WATCHED_PORT), backlog=1024)
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            while not self._stop.is_set():
                if selector.select(0.1):
                    connection, _peer = self._socket.accept()
                    self.seen[connection.getsockname()[0]].append(time.monotonic())
                    connection.close()

    def die(self) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def late_ms(self, since: float) -> list[float]:
        """By how much each check came later than one period after the one before."""
        return [
            max(0.0, after - before - self._period_s) * 1e3
            for times in list(self.seen.values())
            for before, after in pairwise(times)
            if before > since
        ]


def figures(daemon: Daemon, count: int, period_s: float, window_s: float) -> dict[str, list[float]]:
    table, watched = Table(), Watched(WATCHED_PERIOD_S)
    try:
        began = time.monotonic()
        daemon.launch()
        last = count // EACH - 1
        wait_for(lambda: len(table.weights(last)) == EACH, f"the table of {daemon}", START_LIMIT_S)
        load_ms = (time.monotonic() - began) * 1e3
        time.sleep(2 * WATCHED_PERIOD_S)  # every check begins within its warmup: from here on they are spread evenly
        pid = daemon.processes()[-1]
        before, since = processor_s(pid), time.monotonic()
        time.sleep(window_s)
        cpu_percent = 100 * (processor_s(pid) - before) / (time.monotonic() - since)
        late_ms = wait_for(lambda: watched.late_ms(since), f"two checks of a server by {daemon}", START_LIMIT_S)
        memory_mb = rss_mb(pid)
        reload_ms = [_reload_ms(daemon, table, count, period_s, 2 + turn) for turn in range(RELOADS)]
    finally:
        watched.die()
    lag_ms = list(_lags_ms(table, watched.seen))
    return {
        "cpu_percent": [cpu_percent],
        "rss_mb": [memory_mb],
        "load_ms": [load_ms],
        "reload_ms": reload_ms,
        "late_ms": late_ms,
        "lag_ms": lag_ms,
    }


def _reload_ms(daemon: Daemon, table: Table, count: int, period_s: float, weight: int) -> float:
    middle = count // EACH // 2
    text = configuration(count, period_s, weight)
    began = time.monotonic()
    daemon.reload(text)
    while weight not in table.weights(middle).values():
        if time.monotonic() > began + START_LIMIT_S:
            raise AssertionError(f"{daemon} does not reload:\n{daemon.log()}")
        time.sleep(LOOK_S)
    taken_s = time.monotonic() - began
    time.sleep(2 * WATCHED_PERIOD_S)  # for what follows it: vipd looks through the table, keepalived checks all anew
    return taken_s * 1e3


def _lags_ms(table: Table, seen: dict[str, list[float]]) -> Iterator[float]:
    """How long after the first check that must have failed was due each dead server was gone."""
    left = dict.fromkeys(range(WATCHED), EACH)
    gone: set[str] = set()
    deadline = time.monotonic() + START_LIMIT_S
    while any(left.values()):
        if time.monotonic() > deadline:
            raise AssertionError(f"dead servers are still there: {left}")
        for number in [one for one, there in left.items() if there]:
            now = time.monotonic()
            present = {str(where.address) for where in table.weights(number)}
            mine = {address for address in seen if address.startswith(f"10.{2 + number}.")}
            for address in mine - present - gone:
                gone.add(address)
                yield max(0.0, now - seen[address][-1] - WATCHED_PERIOD_S) * 1e3
            left[number] = len(present)
        time.sleep(LOOK_S)


def main(name: str, program: str, directory: str, output: str, *load: str) -> int:
    count, period_s, window_s = int(load[0]), float(load[1]), float(load[2])
    if name not in NAMES:
        sys.exit(f"tests.bench: no contender {name}")
    with Namespace("bench-director") as host, host.entered():
        host.ip("route add local 10.0.0.0/8 dev lo")
        accepting = subprocess.Popen([sys.executable, "-c", ACCEPTING])
        daemon = installed_director(name, Path(program), host, configuration(count, period_s), Path(directory) / name)
        try:
            found = figures(daemon, count, period_s, window_s)
        finally:
            daemon.kill()
            accepting.kill()
            accepting.wait()
    Path(output).write_text(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
