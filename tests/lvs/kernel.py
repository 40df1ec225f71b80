# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kernel with IPVS: the one that runs, or Debian's user-mode-linux, which is one as an ordinary program.

A machine of its own for each run, on this host's file system: what it writes to files stays, its network does not.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from vipd.linux.ipvs import Ipvs, NoIpvsError

PROGRAM = "linux.uml"
MEMORY = "1G"
LIMIT_S = 2100.0
INIT = Path(__file__).resolve().parent / "init.sh"


def has_ipvs() -> bool:
    try:
        Ipvs().close()
    except (NoIpvsError, OSError):
        return False
    return True


def run(command: Sequence[str], directory: Path, limit_s: float = LIMIT_S) -> int:
    """``command`` inside a kernel of its own, its output in ``directory/log``; the exit status it had."""
    if shutil.which(PROGRAM) is None:
        raise RuntimeError(f"neither this kernel has IPVS nor is {PROGRAM} there: apt-get install user-mode-linux")
    status = directory / "status"
    status.unlink(missing_ok=True)
    line = shlex.join(command)
    (directory / "command").write_text(f"cd {shlex.quote(os.getcwd())} && exec timeout {limit_s:.0f} {line}\n")
    machine = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "rw", f"mem={MEMORY}", f"init={INIT}"]
    console = ["con=null", "con0=fd:0,fd:1", "quiet", f"LVS_DIRECTORY={directory}"]
    with (directory / "console").open("wb") as output:
        subprocess.run(
            [PROGRAM, *machine, *console],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=limit_s + 60,
            check=False,
        )
    return int(status.read_text()) if status.exists() else 1
