# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Debian image that every node starts from: built once, cached, never changed afterwards.

It is a plain server: nginx and keepalived are on it but disabled, and timers that would burn
CPU in the middle of a measurement are masked. A directory of its final name is a complete image:
it is built under another name and renamed, so a killed build is never used.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .host import LabError, Progress, say

DEFAULT_CACHE = "/var/cache/lbha-lab"
DEFAULT_SUITE = "bookworm"
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "kmod", "procps", "ca-certificates", "sudo", "openssh-server"),
    *("python3", "python3-apt"),
    *("iproute2", "iputils-ping", "iputils-arping", "nftables", "ufw", "ipvsadm", "tcpdump", "netcat-openbsd", "curl"),
    *("nginx", "haproxy", "keepalived", "mariadb-server"),
)
DISABLED_UNITS = (
    *("nginx.service", "haproxy.service", "keepalived.service", "ipvsadm.service"),
    *("mariadb.service", "ufw.service"),
)
MASKED_UNITS = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "systemd-tmpfiles-clean.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer", "systemd-pstore.service"),
    *("console-getty.service", "getty@tty1.service", "dev-hugepages.mount"),
)
CUSTOMIZE = (
    'rm -f "$1/etc/resolv.conf"',  # the builder's; a node has no name server, and need not wait for one
    f'chroot "$1" systemctl --quiet disable {" ".join(DISABLED_UNITS)}',
    f'chroot "$1" systemctl --quiet mask {" ".join(MASKED_UNITS)}',
)
BUILD_PREFIX = "building-"
LOG_LINES_SHOWN = 15


def cache_directory() -> Path:
    return Path(os.environ.get("LBHA_LAB_CACHE", DEFAULT_CACHE))


def suite() -> str:
    """Which Debian the nodes are."""
    return os.environ.get("LBHA_LAB_SUITE", DEFAULT_SUITE)


def image_path() -> Path:
    """Where the image of today's recipe is, or will be."""
    recipe = json.dumps([suite(), PACKAGES, CUSTOMIZE])
    return cache_directory() / f"{suite()}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def ensure_image(progress: Progress = say) -> Path:
    """The root directory of the image, built first if need be; a second caller waits for the first."""
    image = image_path()
    if not image.is_dir():
        image.parent.mkdir(parents=True, exist_ok=True)
        with _only_builder(image.parent, progress):
            if not image.is_dir():
                _remove_killed_builds(image.parent)
                _build(image, progress)
    return image


@contextmanager
def _only_builder(cache: Path, progress: Progress) -> Iterator[None]:
    with open(cache / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("image: another run builds it, waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_killed_builds(cache: Path) -> None:
    for leftover in cache.glob(BUILD_PREFIX + "*"):
        shutil.rmtree(leftover)  # its mounts, if it had any, went with the mount namespace it was built in


def _build(image: Path, progress: Progress) -> None:
    target = image.parent / f"{BUILD_PREFIX}{os.getpid()}"
    started = time.monotonic()
    progress(f"image: building {suite()} in {image.parent}, once, about half a minute")
    _run_mmdebstrap(target, progress)
    target.rename(image)
    progress(f"image: ready after {time.monotonic() - started:.0f} s")


def _run_mmdebstrap(target: Path, progress: Progress) -> None:
    mirror = os.environ.get("LBHA_LAB_MIRROR")
    argv = [
        # Whoever kills this build kills all of it, and its mounts (proc, sys, dev) are never seen outside.
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--include=" + ",".join(PACKAGES)),
        *(f"--customize-hook={hook}" for hook in CUSTOMIZE),
        *(suite(), str(target)),
        *([mirror] if mirror else []),
    ]
    lines = []
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("I: ") and line.endswith("...\n"):  # a step that takes time
                progress(f"image: {line[3:].strip()}")
    if process.returncode != 0:
        last_words = "\n".join(lines[-LOG_LINES_SHOWN:])
        raise LabError(
            f"The Debian image could not be built (mmdebstrap's status: {process.returncode}). It needs a Debian "
            f"mirror; LBHA_LAB_MIRROR names another one. Its last words:\n{last_words}"
        )
