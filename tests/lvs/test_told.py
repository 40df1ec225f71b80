# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told what: the lines in a notify FIFO, and the programs that run, beside keepalived's for the same events.

Two virtual servers have the same real servers; one of them says ``alpha`` and ``omega``.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lvs.topology import VIP, Topology
from tests.netns.daemon import Daemon
from tests.netns.waiting import wait_for

FIRST, SECOND = "10.0.0.21", "10.0.0.22"
SETTLED_S = 60.0
BACKLOG = 1000  # nobody accepts: the kernel answers a check
PLAIN, CAREFUL, LATER = 80, 81, 82
BOTH = (FIRST, SECOND)

NOTE = '#!/bin/sh\necho "$*" >> {notes}\n'


def service(port: int, program: Path, *lines: str, addresses: Sequence[str] = BOTH, quorum: int = 2) -> str:
    real_servers = "".join(
        f'real_server {address} 80 {{\nnotify_up "{program} {port} {address} up"\n'
        f'notify_down "{program} {port} {address} down"\n'
        "TCP_CHECK {\nconnect_timeout 3\nretry 0\n}\n}\n"
        for address in addresses
    )
    told = f'quorum {quorum}\nquorum_up "{program} {port} quorum up"\nquorum_down "{program} {port} quorum down"\n'
    inside = "\n".join(lines)
    return (
        f"virtual_server {VIP} {port} {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\ndelay_loop 1\nwarmup 0\n"
        f"{inside}\n{told}{real_servers}}}\n"
    )


class Told:
    """The FIFO, which somebody has to read, and what programs noted."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.fifo, self._notes, self.program = (directory / name for name in ("fifo", "notes", "note"))
        self.program.write_text(NOTE.format(notes=self._notes))
        self.program.chmod(0o755)
        os.mkfifo(self.fifo)
        self._reader = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)
        self._lines = ""

    def close(self) -> None:
        os.close(self._reader)

    def config(self, *services: str, node: str = "") -> str:
        told = f"script_user root\nenable_script_security\nlvs_notify_fifo {self.fifo}\n{node}"
        return f"global_defs {{\n{told}\n}}\n" + "".join(services)

    def pair(self) -> str:
        return self.config(service(PLAIN, self.program), service(CAREFUL, self.program, "alpha", "omega"))

    def lines(self, port: int) -> list[str]:
        """What the FIFO said of this virtual server, in its order."""
        try:
            self._lines += os.read(self._reader, 65536).decode()
        except BlockingIOError:
            pass
        return [line for line in self._lines.splitlines() if f"[{VIP}]:tcp:{port} " in line]

    def programs(self) -> list[str]:
        """They run beside each other, in no order."""
        return sorted(self._notes.read_text().splitlines()) if self._notes.exists() else []

    def await_programs(self, count: int) -> None:
        """A daemon that stops, or reads its file again, ends what has not run yet."""
        wait_for(lambda: len(self.programs()) >= count, f"{count} programs", SETTLED_S)


@contextmanager
def serving(topology: Topology, address: str) -> Iterator[None]:
    with topology.real_servers[0].entered():
        listener = socket.create_server((address, 80), backlog=BACKLOG)
    with listener:
        yield


TOLD_BEFORE_ITS_END = 16  # by what happens below


def happen(topology: Topology, daemon: Daemon, told: Told) -> None:
    """Both real servers serve, fail one after the other, come back, and the daemon stops."""

    def await_table(*addresses: str) -> None:
        expected = {f"{address}:80" for address in addresses}
        wait_for(lambda: topology.endpoints_of_each() == [expected, expected], str(expected), SETTLED_S)

    with serving(topology, FIRST):
        with serving(topology, SECOND):
            daemon.launch()
            await_table(FIRST, SECOND)
        await_table(FIRST)
    await_table()
    with serving(topology, FIRST):
        await_table(FIRST)
        with serving(topology, SECOND):
            await_table(FIRST, SECOND)
            told.await_programs(TOLD_BEFORE_ITS_END)
            daemon.stop()


def test_the_same_is_told_as_by_keepalived(topology: Topology, tmp_path: Path) -> None:
    for address in (FIRST, SECOND):
        topology.real_servers[0].ip(f"address add {address}/24 dev eth0")
    theirs, ours = Told(tmp_path / "theirs"), Told(tmp_path / "ours")
    try:
        happen(topology, topology.keepalived(theirs.pair()), theirs)
        happen(topology, topology.vipd(ours.pair()), ours)
        for port in (PLAIN, CAREFUL):
            print("\n".join(theirs.lines(port)))
            assert ours.lines(port) == theirs.lines(port)
        assert any(line.startswith("VS ") and line.endswith("DOWN") for line in theirs.lines(PLAIN))
        assert "81 quorum down" in theirs.programs()
        print(theirs.programs(), ours.programs(), sep="\n")
        wait_for(lambda: ours.programs() == theirs.programs(), "the programs of keepalived", SETTLED_S)
    finally:
        theirs.close()
        ours.close()


def reload(topology: Topology, start: Callable[[str], Daemon], told: Told, node: str, counts: Sequence[int]) -> None:
    """Virtual servers come and go, and a real server of one that stays. ``counts``: what was told after each step."""
    plain, smaller = (service(PLAIN, told.program, addresses=some, quorum=1) for some in (BOTH, BOTH[:1]))
    added = service(CAREFUL, told.program, "alpha", "omega"), service(LATER, told.program)

    def await_table(count: int, *services: Sequence[str]) -> None:
        expected = sorted(sorted(f"{address}:80" for address in addresses) for addresses in services)
        wait_for(lambda: sorted(map(sorted, topology.endpoints_of_each())) == expected, str(expected), SETTLED_S)
        told.await_programs(count)

    with serving(topology, FIRST), serving(topology, SECOND):
        daemon = start(told.config(plain, node=node))
        daemon.launch()
        await_table(counts[0], BOTH)
        daemon.reload(told.config(plain, *added, node=node))
        await_table(counts[1], BOTH, BOTH, BOTH)
        daemon.reload(told.config(smaller, node=node))
        await_table(counts[2], BOTH[:1])
        daemon.reload(told.config(plain, node=node))
        await_table(counts[3], BOTH)
        daemon.stop()


@pytest.mark.parametrize(("node", "counts"), [("", (1, 5, 12, 12)), ("rs_init_notifies", (3, 9, 16, 17))])
def test_a_reload_tells_the_same_as_keepalived(
    node: str, counts: Sequence[int], topology: Topology, tmp_path: Path
) -> None:
    for address in BOTH:
        topology.real_servers[0].ip(f"address add {address}/24 dev eth0")
    theirs, ours = Told(tmp_path / "theirs"), Told(tmp_path / "ours")
    try:
        reload(topology, topology.keepalived, theirs, node, counts)
        reload(topology, topology.vipd, ours, node, counts)
        for port in (PLAIN, CAREFUL, LATER):
            assert ours.lines(port) == theirs.lines(port)
        assert len(theirs.programs()) == counts[-1]
        assert ours.programs() == theirs.programs()
    finally:
        theirs.close()
        ours.close()
