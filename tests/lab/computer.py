# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node runs as: a container or a machine have this in common, and are started here.

A computer runs in the node's own control groups, and ``boot.sh`` stays with it until it halts. How it is started,
halted and entered is said in ``container.py`` and ``machine.py``: the same methods, and ``Node`` asks for no others.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .host import LabError
from .process import ControlGroup

BOOT_SCRIPT = Path(__file__).with_name("boot.sh")
CONSOLE_LINES_SHOWN = 10
# What a command in a node finds, whichever way it gets in.
ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")


@dataclass(frozen=True)
class Outlet:
    """Where a node is plugged in: its port of the switch, and the command that lays a new cable when it reboots."""

    switch: str
    port: str
    reconnect: Sequence[str]


@dataclass(frozen=True)
class Computer:
    hostname: str
    root: Path
    namespace: str
    mac: str
    address: str
    console: Path
    group: ControlGroup

    def boot(self, argv: Sequence[str], outlet: Outlet, environment: Mapping[str, str]) -> None:
        """Returns once the node's control group holds it; the boot goes on by itself."""
        self.group.create()
        groups = " ".join(str(path) for path in self.group.all_paths)
        launcher = ["sh", str(BOOT_SCRIPT), groups, outlet.switch, outlet.port, " ".join(outlet.reconnect)]
        with open(self.console, "ab") as console:
            subprocess.run(
                [*launcher, *argv],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=True,
                env={"PATH": os.environ["PATH"], **environment},
            )

    def explain_death(self) -> LabError:
        lines = self.console.read_text(errors="replace").splitlines()[-CONSOLE_LINES_SHOWN:]
        return LabError(f"{self.namespace} stopped while it booted; the end of {self.console}:\n" + "\n".join(lines))


def inside(*argv: str) -> list[str]:
    """``argv`` with the environment of a node and nothing of the host's."""
    return ["/usr/bin/env", "-i", *ENVIRONMENT, *argv]
