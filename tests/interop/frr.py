# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FRR's vrrpd as a program on a host of a segment, and the zebra that it needs.

The virtual addresses stay on a macvlan interface with the virtual router's MAC all the time; zebra takes that
interface down (protodown) while another node is master. So holding an address means that the interface runs.
Only processes started here are ever ended; FRR's service is never touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

from tests.interop.cell import LABELS, Cell
from tests.netns.daemon import START_LIMIT_S, STOP_LIMIT_S, Daemon
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

PROGRAMS = Path("/usr/lib/frr")
USER = "frr"  # it insists on a user of group frrvty, which root is not

MACVLAN = "vrrp"
_SIOCGIFFLAGS = 0x8913
_IFF_RUNNING = 0x40


class Frr(Daemon):
    def __init__(self, host: Namespace, cell: Cell, label: str, priority: int) -> None:
        # Not pytest's directories: those are root's alone.
        super().__init__(host, cell.frr(priority), Path(tempfile.mkdtemp(prefix="vipd-t-frr-")))
        self._zebra: subprocess.Popen[bytes] | None = None
        (self.directory / "zebra.conf").touch()
        for path in (self.directory, *self.directory.iterdir()):
            shutil.chown(path, USER, USER)
        self._make_macvlan(cell, label)

    def _make_macvlan(self, cell: Cell, label: str) -> None:
        ip = self.host.ip
        ip(f"link add {MACVLAN} link eth0 type macvlan mode bridge")
        ip(f"link set {MACVLAN} address {cell.mac} addrgenmode none")
        if cell.family == 6:
            # Its own link-local address: one derived from the shared MAC would be every router's.
            ip(f"address add fe80::51:{LABELS.index(label) + 1}/64 dev {MACVLAN} nodad")
        ip(f"address add {cell.vip}/{24 if cell.family == 4 else 64} dev {MACVLAN} {'nodad' * (cell.family == 6)}")
        ip(f"link set {MACVLAN} up")
        with self.host.entered():
            self._probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def command(self, program: str = "vrrpd") -> list[str]:
        directory, config = self.directory, self.path if program == "vrrpd" else self.directory / "zebra.conf"
        files = ["-f", str(config), "-i", f"{directory}/{program}.pid", "-z", f"{directory}/zserv.api"]
        terminal = ["--vty_socket", str(directory), "-A", "127.0.0.1", "-P", "0"]
        return [str(PROGRAMS / program), "-u", USER, "-g", USER, *files, *terminal, "--log", "stdout"]

    def launch(self, *flags: str) -> None:
        if self._zebra is None:
            with self._log.open("ab") as log:
                self._zebra = self.host.start(*self.command("zebra"), stdout=log, stderr=log)
            wait_for((self.directory / "zserv.api").exists, f"zebra of {self}", START_LIMIT_S)
        super().launch(*flags)

    def start(self) -> None:
        """Start, and wait until vrrpd has read its configuration: then it listens."""
        (self.directory / "vrrpd.vty").unlink(missing_ok=True)
        self.launch()
        wait_for((self.directory / "vrrpd.vty").exists, f"{self} to start", START_LIMIT_S)

    def kill(self) -> None:
        """vrrpd alone: zebra outlives it, as it does on a host that watches its daemons."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_LIMIT_S)

    def release(self) -> None:
        """What a killed vrrpd leaves is a running interface."""
        self.host.ip(f"link set {MACVLAN} protodown on")

    def holds(self, vip: str) -> bool:
        (flags,) = struct.unpack_from(
            "16xH", fcntl.ioctl(self._probe, _SIOCGIFFLAGS, MACVLAN.encode().ljust(32, b"\0"))
        )
        return bool(flags & _IFF_RUNNING)

    def close(self) -> None:
        self.kill()
        if self._zebra is not None:
            os.kill(self._zebra.pid, signal.SIGKILL)
            self._zebra.wait(STOP_LIMIT_S)
        self._probe.close()
        shutil.rmtree(self.directory, ignore_errors=True)
