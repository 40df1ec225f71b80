# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One systemd-nspawn: started, halted, or killed in an instant.

A container has what root of a plain server has and a network service needs, no more. It belongs to
no unit of the host's systemd, which need not even run.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .host import LabError
from .network import namespace_path
from .process import ControlGroup, Process, is_init

BOOT_SCRIPT = Path(__file__).with_name("boot.sh")
# Beyond nspawn's own: addresses and sockets, real-time scheduling, locked memory.
CAPABILITIES = ("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_NICE", "CAP_IPC_LOCK")
OPEN_FILES = "1024:524288"  # as Debian's systemd sets it; otherwise the host's limits would be inherited
HALT_SIGNAL = signal.SIGRTMIN + 3  # tells systemd, as PID 1, to power off
CONSOLE_LINES_SHOWN = 10


@dataclass(frozen=True)
class Container:
    machine: str
    hostname: str
    root: Path
    namespace: str
    console: Path
    group: ControlGroup

    def start(self, switch: str, port: str, reconnect: list[str]) -> None:
        """Returns once the node's control group holds it; the boot goes on by itself."""
        self.group.create()
        groups = " ".join(str(path) for path in self.group.all_paths)
        argv = ["sh", str(BOOT_SCRIPT), groups, switch, port, " ".join(reconnect), *self._nspawn()]
        with open(self.console, "ab") as console:
            subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=True,
                # nspawn leaves /proc/sys/net writable then; it is the node's own, as its namespace is
                env={"PATH": os.environ["PATH"], "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"},
            )

    def _nspawn(self) -> list[str]:
        return [
            *("systemd-nspawn", "--boot", "--quiet", f"--directory={self.root}"),
            *(f"--machine={self.machine}", f"--hostname={self.hostname}"),
            *("--register=no", "--keep-unit", f"--network-namespace-path={namespace_path(self.namespace)}"),
            f"--capability={','.join(CAPABILITIES)}",
            f"--rlimit=NOFILE={OPEN_FILES}",
            *("--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=read-only"),
        ]

    def find_leader(self) -> Process | None:
        """PID 1 of the node, as the host sees it; None while it is off."""
        for pid in self.group.pids():
            if is_init(pid):
                with suppress(ProcessLookupError):
                    return Process.of(pid)
        return None

    def halt(self, timeout_s: float) -> None:
        leader = self.find_leader()
        if leader is not None:
            leader.send(HALT_SIGNAL)
        self.group.wait_empty(timeout_s)

    def kill(self) -> None:
        self.group.kill()

    def explain_death(self) -> LabError:
        lines = self.console.read_text(errors="replace").splitlines()[-CONSOLE_LINES_SHOWN:]
        return LabError(f"{self.machine} stopped while it booted; the end of {self.console}:\n" + "\n".join(lines))
