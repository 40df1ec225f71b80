# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told what: the lines in a notify FIFO, and the programs that run, beside keepalived's for the same events.

Two virtual servers have the same real servers; one of them says ``alpha`` and ``omega``.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lvs.topology import VIP, Topology
from tests.netns.daemon import Daemon
from tests.netns.waiting import wait_for

FIRST, SECOND = "10.0.0.21", "10.0.0.22"
SETTLED_S = 60.0
BACKLOG = 1000  # nobody accepts: the kernel answers a check
PLAIN, CAREFUL = 80, 81

NOTE = '#!/bin/sh\necho "$*" >> {notes}\n'


def service(port: int, program: Path, *lines: str) -> str:
    real_servers = "".join(
        f'real_server {address} 80 {{\nnotify_up "{program} {port} {address} up"\n'
        f'notify_down "{program} {port} {address} down"\n'
        "TCP_CHECK {\nconnect_timeout 3\nretry 0\n}\n}\n"
        for address in (FIRST, SECOND)
    )
    quorum = f'quorum 2\nquorum_up "{program} {port} quorum up"\nquorum_down "{program} {port} quorum down"\n'
    inside = "\n".join(lines)
    return (
        f"virtual_server {VIP} {port} {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\ndelay_loop 1\nwarmup 0\n"
        f"{inside}\n{quorum}{real_servers}}}\n"
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

    def config(self) -> str:
        node = f"global_defs {{\nscript_user root\nenable_script_security\nlvs_notify_fifo {self.fifo}\n}}\n"
        return node + service(PLAIN, self.program) + service(CAREFUL, self.program, "alpha", "omega")

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


@contextmanager
def serving(topology: Topology, address: str) -> Iterator[None]:
    with topology.real_servers[0].entered():
        listener = socket.create_server((address, 80), backlog=BACKLOG)
    with listener:
        yield


def happen(topology: Topology, daemon: Daemon) -> None:
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
            daemon.stop()


def test_the_same_is_told_as_by_keepalived(topology: Topology, tmp_path: Path) -> None:
    for address in (FIRST, SECOND):
        topology.real_servers[0].ip(f"address add {address}/24 dev eth0")
    theirs, ours = Told(tmp_path / "theirs"), Told(tmp_path / "ours")
    try:
        happen(topology, topology.keepalived(theirs.config()))
        happen(topology, topology.vipd(ours.config()))
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
