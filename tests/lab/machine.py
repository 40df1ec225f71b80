# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node with a kernel of its own: Debian's user-mode-linux, which is Linux as an ordinary program.

For what the running kernel does not have, such as IPVS. It boots from the same image as a container and has the same
interface here; ``machine.sh`` is its first process. What it writes is on a drive of its own: what it has not
synced is lost when its power is cut, as on any machine. It must never write to the host's file system, which it sees.
"""

from __future__ import annotations

import shlex
import shutil
from contextlib import suppress
from pathlib import Path

from . import ssh
from .computer import Computer, Outlet, inside
from .host import LabError, run
from .network import CARD, CHASSIS, PREFIX_LENGTH, Switch, link_local
from .process import Process

PROGRAMS = {"linux.uml": "user-mode-linux", "mke2fs": "e2fsprogs", "modprobe": "kmod"}
FIRST_PROCESS = Path(__file__).with_name("machine.sh")
MEMORY = "512M"
DRIVE_SIZE = "2G"  # sparse
ATTEMPT_S = 60.0  # where nobody listens it ends by itself, in three seconds


class Machine(Computer):
    look_every_s = 0.25  # while it boots: a look is a login

    @property
    def door(self) -> ssh.Door:
        return ssh.Door(self.namespace, f"{link_local(self.mac)}%{CHASSIS}")

    def connect(self, switch: Switch) -> None:
        switch.connect_chassis(self.hostname, self.namespace)

    def start(self, outlet: Outlet) -> None:
        if lacks := missing_programs():
            raise LabError(lacks)
        self._make_drive()
        # A kernel that was killed leaves its pid here; the next takes another place if some process has that pid now.
        shutil.rmtree(self._state_dir / self.hostname, ignore_errors=True)
        argv = ["ip", "netns", "exec", self.namespace, "linux.uml", *self._hardware(), *self._first_process()]
        self.boot(argv, outlet, environment={})

    @property
    def _state_dir(self) -> Path:
        return self.console.parent

    @property
    def _drive(self) -> Path:
        return self.root.with_name("drive")

    def _make_drive(self) -> None:
        """Once: it is the disk that a machine finds again when its power is back."""
        if not self._drive.exists():
            run("mke2fs", "-q", "-t", "ext4", str(self._drive), DRIVE_SIZE)

    def _hardware(self) -> list[str]:
        return [
            *(f"mem={MEMORY}", f"ubd0={self._drive}", f"vec0:transport=raw,ifname={CARD},mac={self.mac}"),
            *("con=null", "con0=fd:0,fd:1"),
            *(f"uml_dir={self._state_dir}/", f"umid={self.hostname}"),
        ]

    def _first_process(self) -> list[str]:
        """The kernel hands what it does not know itself, in capitals, to the first process as its environment."""
        return [
            *("root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet", f"init={FIRST_PROCESS}"),
            # Nobody sits at the console. Of the cpu controller this kernel grants no real-time scheduling in a group.
            *("systemd.getty_auto=0", "cgroup_disable=cpu"),
            *(f"LAB_DISK={self.root}", f"LAB_ADDRESS={self.address}/{PREFIX_LENGTH}"),
        ]

    def find_leader(self) -> Process | None:
        """The process that is the kernel; None while it is off."""
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int((self._state_dir / self.hostname / "pid").read_text())
            if pid in self.group.pids():
                return Process.of(pid)
        return None

    def command(self, _leader_pid: int, *argv: str) -> list[str]:
        """The host's argv that runs ``argv`` inside as root."""
        return self._by_ssh(*argv)

    def _by_ssh(self, *argv: str) -> list[str]:
        """There is no other way into a machine."""
        return ssh.shell_command(self._state_dir, self.door, self.hostname, shlex.join(inside(*argv)))

    def journal_command(self, *options: str) -> list[str]:
        """The host's argv that shows the journal; the machine has to be on."""
        return self._by_ssh("journalctl", *options)

    def hears_ssh(self) -> bool:
        """Whether a login works: whether it listens, its own kernel alone knows."""
        with suppress(LabError):
            return run(*self._by_ssh("true"), check=False, timeout=ATTEMPT_S).returncode == 0
        return False

    def halt(self, timeout_s: float) -> None:
        if self.find_leader() is not None:
            run(*self._by_ssh("systemctl", "poweroff"), check=False, timeout=timeout_s)
        self.group.wait_empty(timeout_s)


def missing_programs() -> str | None:
    packages = sorted(package for program, package in PROGRAMS.items() if not shutil.which(program))
    if not packages:
        return None
    return f"A node with a kernel of its own needs `apt-get install --no-install-recommends {' '.join(packages)}`."
