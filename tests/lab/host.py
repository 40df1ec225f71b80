# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab needs of this machine, and how it runs a command on it.

Nothing here changes the machine. ``missing_requirements`` looks; it installs nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Progress = Callable[[str], None]

PROGRAMS = {
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "nc": "netcat-openbsd",
    "nft": "nftables",
    "nsenter": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sysctl": "procps",
    "systemd-nspawn": "systemd-container",
}
"""Program -> the Debian package that brings it."""


class LabError(Exception):
    """A sentence for a person: what was found, what was expected, what to do."""


def say(line: str) -> None:
    """Progress for a person, apart from a command's output."""
    print(f"lab: {line}", file=sys.stderr, flush=True)


def run(
    *argv: str, check: bool = True, input: str | None = None, timeout: float | None = 60.0, called: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command; LabError with its last words when it fails and ``check``, or when time is up.

    ``called`` is the name an error gives it; its words otherwise."""
    called = called or f"`{' '.join(argv)}`"
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # so that a timeout can end what nsenter forked, too
    )
    try:
        stdout, stderr = process.communicate(input, timeout)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise LabError(f"{called} did not finish within {timeout} s.") from error
        raise
    if check and process.returncode != 0:
        words = (stderr or stdout).strip() or "it said nothing"
        raise LabError(f"{called} ended with status {process.returncode}: {words}")
    return subprocess.CompletedProcess(argv, process.returncode, stdout, stderr)


def unified_cgroups() -> Path | None:
    """Where cgroup v2 is mounted: the whole tree, or beside v1 on a hybrid host."""
    for root in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
        if (root / "cgroup.controllers").exists():
            return root
    return None


def missing_requirements() -> list[str]:
    """One sentence for each thing this machine lacks; empty when a lab can run here."""
    if sys.platform != "linux":
        return ["The lab runs on Linux only."]
    if os.geteuid() != 0:
        return ["The lab makes network namespaces and mounts and must run as root: use sudo."]
    return _missing_programs() + _missing_kernel_parts()


def has_ipvs() -> bool:
    """Whether nodes that share the running kernel can be directors. Loads the module where it is one."""
    return _loads("ip_vs") or Path("/proc/net/ip_vs").exists()


def _missing_programs() -> list[str]:
    packages = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if not packages:
        return []
    return [f"Debian packages are missing: run `apt-get install --no-install-recommends {' '.join(packages)}`."]


def _missing_kernel_parts() -> list[str]:
    lacks = []
    if "\toverlay\n" not in Path("/proc/filesystems").read_text() and not _loads("overlay"):
        lacks.append("The kernel has no overlayfs (module `overlay`).")
    if shutil.which("ip"):
        lacks += [
            f"The kernel has no {kind} interfaces (module `{kind}`), or this container may not make them."
            for kind in ("bridge", "veth")
            if not _makes_link(kind)
        ]
    cgroups = unified_cgroups()
    if cgroups is None or not os.access(cgroups, os.W_OK) or os.statvfs(cgroups).f_flag & os.ST_RDONLY:
        lacks.append("No writable cgroup v2 hierarchy at /sys/fs/cgroup or /sys/fs/cgroup/unified.")
    return lacks


def _loads(module: str) -> bool:
    modprobe = shutil.which("modprobe")
    return modprobe is not None and run(modprobe, "-q", module, check=False).returncode == 0


def _makes_link(kind: str) -> bool:
    """Try it in a namespace that vanishes with the command: the only answer that is never wrong."""
    return run("unshare", "--net", "ip", "link", "add", "name", "probe0", "type", kind, check=False).returncode == 0
