# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast a dead server leaves the table: the configuration's own bound, and keepalived beside it in the same kernel.

A check comes at its own phase; so time counts from the last check that a server saw alive, which is when the formula's
clock starts: delay_loop, then retry times delay_before_retry.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from threading import Event, Thread

from tests.lvs.topology import VIP, Topology
from tests.netns.daemon import Daemon
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

SERVERS = [f"10.0.0.{number}" for number in range(21, 27)]
DELAY_LOOP_S, RETRY, DELAY_BEFORE_RETRY_S = 2, 1, 2
FORMULA_S = DELAY_LOOP_S + RETRY * DELAY_BEFORE_RETRY_S
SLACK_S = 3.0  # for a machine that does something else
ROUNDS = 3  # the median outlives a machine that stands still during one of them
ATTEMPTS = 3  # in one kernel, but not at one time: the machine may be busy during one of the two
SETTLED_S = 60.0
LOOK_S = 0.005
ASKS_S = 5.0

TCP = "TCP_CHECK {\n}\n"
HTTP = "HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\n}\n"
CHECKERS = dict(zip(SERVERS, [TCP, HTTP] * 3, strict=True))
PAGE = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK"

CONFIG = (
    f"virtual_server {VIP} 80 {{\nlb_algo rr\nlb_kind DR\nprotocol TCP\ndelay_loop {DELAY_LOOP_S}\nretry {RETRY}\n"
    f"delay_before_retry {DELAY_BEFORE_RETRY_S}\nwarmup 1\nconnect_timeout 3\n"
    + "".join(f"real_server {address} 80 {{\n{checker}}}\n" for address, checker in CHECKERS.items())
    + "}\n"
)


class Servers:
    """Listens on every address, and notes when it was last connected to."""

    def __init__(self, host: Namespace) -> None:
        self.seen: dict[str, float] = {}
        self._stop = Event()
        with host.entered():
            self._sockets = [socket.create_server((address, 80)) for address in SERVERS]
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            for one in self._sockets:
                selector.register(one, selectors.EVENT_READ, one)
            while not self._stop.is_set():
                for key, _events in selector.select(0.05):
                    connection, _peer = key.data.accept()
                    self.seen[connection.getsockname()[0]] = time.monotonic()
                    with connection:
                        answer(connection)

    def die(self) -> None:
        self._stop.set()
        self._thread.join()
        for one in self._sockets:
            one.close()


def answer(connection: socket.socket) -> None:
    """A page to who asks for one: TCP_CHECK says nothing and hangs up."""
    connection.settimeout(ASKS_S)
    with suppress(OSError):
        if connection.recv(4096):
            connection.sendall(PAGE)


def reactions(topology: Topology, daemon: Daemon) -> dict[str, list[float]]:
    """Seconds from the last check that each server saw to its end in the table, by checker."""
    host = topology.real_servers[0]
    found: dict[str, list[float]] = {TCP: [], HTTP: []}
    servers = Servers(host)
    daemon.launch()
    try:
        for _round in range(ROUNDS):
            wait_for(lambda: topology.destinations() == set(SERVERS), "all servers", SETTLED_S)
            began = time.monotonic()
            all_seen = all_later(servers, began)
            wait_for(all_seen, "a check of each server", SETTLED_S)
            servers.die()
            for address, seconds in left(topology, servers.seen).items():
                found[CHECKERS[address]].append(seconds)
            servers = Servers(host)
    finally:
        servers.die()
    daemon.stop()
    return found


def all_later(servers: Servers, began: float) -> Callable[[], bool]:
    return lambda: all(servers.seen.get(address, 0.0) > began for address in SERVERS)


def left(topology: Topology, seen: dict[str, float]) -> dict[str, float]:
    gone: dict[str, float] = {}
    deadline = time.monotonic() + SETTLED_S
    while len(gone) < len(SERVERS) and time.monotonic() < deadline:
        now = time.monotonic()
        for address in set(SERVERS) - topology.destinations() - gone.keys():
            gone[address] = now
        time.sleep(LOOK_S)
    return {address: gone[address] - seen[address] for address in SERVERS}


def test_a_dead_server_leaves_as_fast_as_with_keepalived(topology: Topology) -> None:
    for address in SERVERS:
        topology.real_servers[0].ip(f"address add {address}/24 dev eth0")
    assert any(alike(topology) for _attempt in range(ATTEMPTS))


def alike(topology: Topology) -> bool:
    theirs = reactions(topology, topology.keepalived(CONFIG))
    ours = reactions(topology, topology.vipd(CONFIG))
    for name, found in (("keepalived", theirs), ("vipd", ours)):
        for checker, seconds in found.items():
            listed = " ".join(f"{one:.2f}" for one in sorted(seconds))
            print(f"{name}, {checker.split()[0]}: median {median(seconds):.3f} s, formula {FORMULA_S} s: {listed}")
    return all(
        median(ours[checker]) < FORMULA_S + SLACK_S
        and abs(median(ours[checker]) - median(theirs[checker])) < 0.1 * median(theirs[checker])
        for checker in theirs
    )
