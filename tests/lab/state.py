# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which labs exist and whose they are: one directory for each under /run/lbha-lab.

A lab's record is written before anything of it is made, and names everything by lab and node: so
whoever finds the record can remove the lab, however its owner ended.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .process import Process

RUN_DIRECTORY = Path("/run/lbha-lab")
RECORD_NAME = "state.json"


@dataclass(frozen=True)
class Record:
    """One lab, as its owner wrote it down."""

    name: str
    owner: Process
    detached: bool
    nodes: dict[str, str]  # name -> address
    machines: tuple[str, ...]  # those of them that have a kernel of their own

    @property
    def is_abandoned(self) -> bool:
        return not self.detached and not self.owner.is_alive()

    def write(self) -> None:
        content = {
            "name": self.name,
            "owner": {"pid": self.owner.pid, "start_time": self.owner.start_time},
            "detached": self.detached,
            "nodes": self.nodes,
            "machines": self.machines,
        }
        unfinished = state_directory(self.name) / f"{RECORD_NAME}.new"
        unfinished.write_text(json.dumps(content, indent=2) + "\n")
        unfinished.replace(state_directory(self.name) / RECORD_NAME)


def state_directory(name: str) -> Path:
    return RUN_DIRECTORY / name


def read_record(name: str) -> Record | None:
    try:
        content = json.loads((state_directory(name) / RECORD_NAME).read_text())
    except FileNotFoundError:
        return None
    owner, machines = Process(**content["owner"]), tuple(content.get("machines", ()))
    return Record(content["name"], owner, content["detached"], content["nodes"], machines)


def lab_names() -> list[str]:
    return sorted(path.name for path in RUN_DIRECTORY.glob("*") if path.is_dir())


@contextmanager
def claimed(name: str, wait: bool = True) -> Iterator[bool]:
    """Hold a lab's directory while it is made or removed; yields False if it is another's and not ``wait``."""
    descriptor = _lock_directory(state_directory(name), wait)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock_directory(directory: Path, wait: bool) -> int | None:
    """The lock is on the directory itself, which the previous holder may just have removed: then try again."""
    while True:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if directory.exists() and os.path.samestat(os.fstat(descriptor), directory.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        os.close(descriptor)
