# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd and keepalived as nodes run them: started alike, ended for certain.

vipd is the zipapp that the roles install, run by the node's own Python, which compiles the sources at each start as it
does there. keepalived is Debian's, and logs to syslog as its unit has it: where nobody listens there, that costs it
nothing, while lines written to a file would make its takeovers milliseconds late. Both have their own defaults: vipd's
VRRP process gives itself real-time priority, keepalived's does not; a measurement may set either. Tests never use this:
they run the checkout.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

from vipd.runtime.daemon import REALTIME_PRIORITY

from plugins.plugin_utils.program import build
from tests.lvs.topology import DirectorOnly, KeepalivedCheckers
from tests.netns.daemon import Daemon, Keepalived, Vipd
from tests.netns.namespace import Namespace
from tests.netns.segment import Segment

PYTHON = "/usr/bin/python3"
NAMES = ("vipd", "keepalived")


class InstalledVipd(Vipd):
    def __init__(self, program: Path, host: Namespace, config: str, directory: Path) -> None:
        super().__init__(host, config, directory)
        self._program = program

    def command(self) -> list[str]:
        return [str(self._program), *_without(super().command()[3:], "-D")]


class InstalledKeepalived(Keepalived):
    def command(self) -> list[str]:
        return _without(super().command(), "-D", "-l")


class InstalledDirector(DirectorOnly):
    def __init__(self, program: Path, host: Namespace, config: str, directory: Path) -> None:
        super().__init__(host, config, directory)
        self._program = program

    def command(self) -> list[str]:
        return [str(self._program), *super().command()[3:]]


class InstalledCheckers(KeepalivedCheckers):
    def command(self) -> list[str]:
        return _without(super().command(), "-D", "-l")


def installed_director(name: str, program: Path, host: Namespace, config: str, directory: Path) -> Daemon:
    """Not yet started: health checks and the IPVS table, without VRRP."""
    if name == "vipd":
        return InstalledDirector(program, host, config, directory)
    return InstalledCheckers(host, config, directory)


def _without(command: list[str], *flags: str) -> list[str]:
    return [word for word in command if word not in flags]


class Contenders:
    """Makes daemons of either kind, each with a directory of its own, and ends all of them on leaving."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made = 0
        self._opened = ExitStack()
        self.program = directory / "vipd.pyz"
        self.program.write_bytes(build(PYTHON).content)
        self.program.chmod(0o755)

    def __enter__(self) -> Contenders:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()

    def segment(self, *labels: str) -> Segment:
        return Segment(self._directory, *labels)

    def daemon(self, name: str, host: Namespace, config: str) -> Daemon:
        """Not yet started."""
        self._made += 1
        directory = self._directory / f"{self._made}-{name}"
        daemon: Daemon
        if name == "vipd":
            daemon = InstalledVipd(self.program, host, config, directory)
        else:
            daemon = InstalledKeepalived(host, config, directory)
        self._opened.callback(daemon.kill)
        return daemon


def vrrp_process(daemon: Daemon) -> int:
    """vipd's main process speaks VRRP itself, keepalived's has a child for it."""
    return daemon.processes()[0 if isinstance(daemon, Vipd) else 1]


def set_realtime(daemon: Daemon, realtime: bool) -> None:
    """The same for either, whatever its own configuration would ask for: nothing limits how long it may compute."""
    policy, priority = (os.SCHED_FIFO, REALTIME_PRIORITY) if realtime else (os.SCHED_OTHER, 0)
    os.sched_setscheduler(vrrp_process(daemon), policy, os.sched_param(priority))


def versions() -> dict[str, str]:
    """What was measured, for people who compare two runs."""
    keepalived = subprocess.run(["keepalived", "--version"], capture_output=True, text=True, check=True).stderr
    python = subprocess.run([PYTHON, "--version"], capture_output=True, text=True, check=True).stdout
    return {"keepalived": keepalived.split()[1], "python": python.split()[1]}
