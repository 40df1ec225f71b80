# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks: an overlay over the image for each node, all of a lab on one tmpfs that goes with it.

A disk stays mounted while its node is off, so it can be read after a power cut. Never remove a
directory of a lab by hand before its mounts are gone.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from .host import LabError, run

NSPAWN_STATE = Path("/run/systemd/nspawn")


def mount_store(store: Path) -> None:
    """The space for all disks of a lab: memory, so that a lab needs no cleaning after a reboot of the host."""
    store.mkdir()
    run("mount", "-t", "tmpfs", "-o", "mode=755", "lbha-lab", str(store))


def disk_root(store: Path, node: str) -> Path:
    return store / node / "root"


def mount_disk(image: Path, store: Path, node: str) -> None:
    upper, work, root = store / node / "upper", store / node / "work", disk_root(store, node)
    for directory in (upper, work, root):
        directory.mkdir(parents=True)
    options = f"lowerdir={image},upperdir={upper},workdir={work}"
    run("mount", "-t", "overlay", "-o", options, "lbha-lab", str(root))


def personalise(root: Path, lab: str, node: str, addresses: Mapping[str, str], public_key: str) -> None:
    """What an installer would have asked: the name, the neighbours, who may log in."""
    (root / "etc/hostname").write_text(f"{node}\n")
    (root / "etc/hosts").write_text(
        "127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in addresses.items())
    )
    (root / "etc/machine-id").write_text(hashlib.sha256(f"{lab}/{node}".encode()).hexdigest()[:32] + "\n")
    ssh = root / "root/.ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    (ssh / "authorized_keys").write_text(public_key)


def forget_disk(root: Path, machine: str) -> None:
    """What systemd-nspawn leaves in /run when it is killed."""
    if root.is_dir():
        identity = root.stat()
        (NSPAWN_STATE / "locks" / f"inode-{identity.st_dev}:{identity.st_ino}").unlink(missing_ok=True)
    propagate = NSPAWN_STATE / "propagate" / machine
    if propagate.is_dir():
        propagate.rmdir()


def empty(directory: Path) -> None:
    """Remove what is in a lab's directory, mounts first; refuses to delete through a mount that will not go."""
    for mount in reversed(_mounts_below(directory)):
        run("umount", "--lazy", mount)
    if left := _mounts_below(directory):
        raise LabError(f"{left[0]} is still mounted: unmount it, then run `python3 -m tests.lab down` again.")
    for entry in directory.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _mounts_below(directory: Path) -> list[str]:
    table = Path("/proc/self/mountinfo").read_text().splitlines()
    return [mount for mount in (line.split()[4] for line in table) if mount.startswith(f"{directory}/")]
