# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One systemd-nspawn: started, halted, or killed in an instant.

A container has what root of a plain server has and a network service needs, no more. It belongs to
no unit of the host's systemd, which need not even run. Its kernel is the host's; ``machine.py`` has one of its own.
"""

from __future__ import annotations

import signal
from contextlib import suppress

from . import ssh
from .computer import Computer, Outlet, inside
from .network import Switch, namespace_path
from .process import Process, is_init, is_listening

# Beyond nspawn's own: addresses and sockets, real-time scheduling, locked memory.
CAPABILITIES = ("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_NICE", "CAP_IPC_LOCK")
OPEN_FILES = "1024:524288"  # as Debian's systemd sets it; otherwise the host's limits would be inherited
HALT_SIGNAL = signal.SIGRTMIN + 3  # tells systemd, as PID 1, to power off
# nspawn leaves /proc/sys/net writable then; it is the node's own, as its namespace is
ENVIRONMENT = {"SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"}


class Container(Computer):
    look_every_s = 0.02  # while it boots

    @property
    def door(self) -> ssh.Door:
        return ssh.Door(self.namespace, "127.0.0.1")

    def connect(self, switch: Switch) -> None:
        switch.connect(self.hostname, self.namespace, self.mac, self.address)

    def start(self, outlet: Outlet) -> None:
        self.boot(self._nspawn(), outlet, ENVIRONMENT)

    def _nspawn(self) -> list[str]:
        return [
            *("systemd-nspawn", "--boot", "--quiet", f"--directory={self.root}"),
            *(f"--machine={self.namespace}", f"--hostname={self.hostname}"),
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

    def command(self, leader_pid: int, *argv: str) -> list[str]:
        """The host's argv that runs ``argv`` inside as root."""
        return ["nsenter", "--target", str(leader_pid), "--all", *inside(*argv)]

    def journal_command(self, *options: str) -> list[str]:
        """The host's argv that shows the journal, also of a node that is off."""
        return ["journalctl", f"--directory={self.root}/var/log/journal", *options]

    def hears_ssh(self) -> bool:
        leader = self.find_leader()
        return leader is not None and is_listening(leader.pid, ssh.PORT)

    def halt(self, timeout_s: float) -> None:
        leader = self.find_leader()
        if leader is not None:
            leader.send(HALT_SIGNAL)
        self.group.wait_empty(timeout_s)
