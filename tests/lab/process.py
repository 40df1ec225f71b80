# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes told apart for certain, and the control groups that hold a node's.

A pid alone never names a process here: it goes with its start time, or with a pidfd, or with
membership of a control group that the lab made.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .host import LabError, unified_cgroups

KILL_DEADLINE_S = 60.0
DEAD = "ZX"  # states of a process that only waits for its parent to notice
LISTENING = "0A"  # TCP_LISTEN in /proc/net/tcp
SYSTEMD_V1_HIERARCHY = Path("/sys/fs/cgroup/systemd")  # a hybrid host has it beside v2, and nspawn needs both


@dataclass(frozen=True)
class Process:
    """A process that stays the same one: the kernel reuses pids, never with the same start time."""

    pid: int
    start_time: int  # clock ticks since boot

    @classmethod
    def of(cls, pid: int) -> Process:
        return cls(pid, _start_time_and_state(pid)[0])

    def is_alive(self) -> bool:
        try:
            start_time, run_state = _start_time_and_state(self.pid)
        except ProcessLookupError:
            return False
        return start_time == self.start_time and run_state not in DEAD

    def send(self, number: int) -> None:
        """Signal it, or nothing if it has gone."""
        with suppress(ProcessLookupError), _pidfd(self.pid) as descriptor:
            if self.is_alive():
                signal.pidfd_send_signal(descriptor, number)


@contextmanager
def _pidfd(pid: int) -> Iterator[int]:
    """While it is open, the pid cannot come to mean another process."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _start_time_and_state(pid: int) -> tuple[int, str]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessLookupError(pid) from error
    fields = stat.rpartition(")")[2].split()  # from the third on; the name before may hold spaces
    return int(fields[19]), fields[0]


def is_init(pid: int) -> bool:
    """Whether the process is PID 1 of a pid namespace one level below ours."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return len(line.split()) == 3 and line.endswith("\t1")
    return False


def is_listening(pid: int, port: int) -> bool:
    """Whether a TCP port is open in the process's network; asks the kernel, so that no log shows it."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
            local_address, _remote_address, connection_state = line.split()[1:4]
            if connection_state == LISTENING and int(local_address.rpartition(":")[2], 16) == port:
                return True
    return False


def kill_all_in_netns(namespace: Path) -> None:
    """SIGKILL whatever still runs in a network namespace: a deleted name alone would leave it alive."""
    identity = _identity(namespace)
    for pid in _all_pids():
        with suppress(OSError), _pidfd(pid) as descriptor:  # gone meanwhile, or not ours to look into
            if _identity(Path(f"/proc/{pid}/ns/net")) == identity:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]


def _identity(namespace: Path) -> tuple[int, int]:
    status = namespace.stat()
    return status.st_dev, status.st_ino


class ControlGroup:
    """The group of one node: what is in it is the node's, and nothing else is."""

    def __init__(self, *names: str):
        unified = unified_cgroups()
        if unified is None:
            raise LabError("No cgroup v2 hierarchy at /sys/fs/cgroup or /sys/fs/cgroup/unified.")
        self._root = unified
        self._names = names
        self.path = unified.joinpath(*names)

    @property
    def all_paths(self) -> list[Path]:
        """The group in each hierarchy that systemd in a container wants."""
        return [self.path] + ([SYSTEMD_V1_HIERARCHY.joinpath(*self._names)] if SYSTEMD_V1_HIERARCHY.is_dir() else [])

    def create(self) -> None:
        for path in self.all_paths:
            path.mkdir(parents=True, exist_ok=True)
        for depth in range(len(self._names) + 1):
            self._delegate_controllers(self._root.joinpath(*self._names[:depth]))

    @staticmethod
    def _delegate_controllers(group: Path) -> None:
        """Let the node's systemd use MemoryMax and the like, as far as the host has them to give."""
        for controller in (group / "cgroup.controllers").read_text().split():
            with suppress(OSError):
                (group / "cgroup.subtree_control").write_text(f"+{controller}")

    def pids(self) -> Iterator[int]:
        for directory, _folders, _files in os.walk(self.path):
            with suppress(OSError):
                yield from map(int, Path(directory, "cgroup.procs").read_text().split())

    def is_populated(self) -> bool:
        try:
            return "populated 1" in (self.path / "cgroup.events").read_text()
        except FileNotFoundError:
            return False

    def kill(self) -> None:
        """SIGKILL everything in it at once, what is just being forked included; returns when all are gone."""
        if self.is_populated():
            (self.path / "cgroup.kill").write_text("1")
        self.wait_empty(KILL_DEADLINE_S)

    def wait_empty(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while self.is_populated():
            if time.monotonic() > deadline:
                raise LabError(f"Processes {list(self.pids())} of {self.path} are still there after {timeout_s} s.")
            time.sleep(0.005)

    def remove(self) -> None:
        for path in self.all_paths:
            for directory, _folders, _files in os.walk(path, topdown=False):
                os.rmdir(directory)
            with suppress(OSError):  # the lab's group, once its last node has gone
                path.parent.rmdir()
                path.parent.parent.rmdir()
