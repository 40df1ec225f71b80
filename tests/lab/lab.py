# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lab and Node: boot Debian nodes on one switch, cut their power, pull their cables.

    with Lab("my-test", nodes=DEFAULT_NODES) as lab:      # up() ... down()
        lab["lb01"].run("systemctl", "stop", "vipd")
        lab["lb01"].power_cut()
        lab["lb01"].power_on()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from types import TracebackType

DEFAULT_NODES: Mapping[str, str] = {
    "lb01": "10.0.0.5",
    "lb02": "10.0.0.6",
    "web01": "10.0.0.7",
    "web02": "10.0.0.8",
    "client": "10.0.0.100",
}


class LabError(Exception):
    """A sentence for a person: what was found, what was expected, what to do."""


class Node:
    """One Debian server of a lab. Every method may be called from any thread."""

    name: str
    address: str  # "10.0.0.5"
    mac: str
    netns: str  # "lbha-<lab>-<node>"
    disk: Path  # the root of the node's file system, readable and writable while the node is on or off

    @property
    def leader_pid(self) -> int:
        """The pid, seen from the host, of the node's PID 1."""
        raise NotImplementedError

    def is_running(self) -> bool:
        raise NotImplementedError

    def wait_ssh(self, timeout_s: float = 30.0) -> None:
        raise NotImplementedError

    def run(
        self, *argv: str, check: bool = True, input: str | None = None, timeout: float | None = 60.0
    ) -> CompletedProcess[str]:
        """Run a command inside the node, about 10 ms; LabError with its stderr when it fails and ``check``."""
        raise NotImplementedError

    def power_on(self, timeout_s: float = 60.0) -> None:
        """Boot from the same disk with the same MAC; returns when ssh answers."""
        raise NotImplementedError

    def power_cut(self) -> None:
        """Electricity gone in one instant: no address answers from then on, every process is killed."""
        raise NotImplementedError

    def shutdown(self, timeout_s: float = 90.0) -> None:
        """A clean halt, as ``poweroff`` does."""
        raise NotImplementedError

    def pull_cable(self) -> None:
        """The node sees NO-CARRIER on eth0."""
        raise NotImplementedError

    def plug_cable(self) -> None:
        raise NotImplementedError

    def partition(self, other: Node | None = None, one_way: bool = False) -> None:
        """Frames from this node to ``other`` (None: to everybody) are dropped; both ways unless ``one_way``."""
        raise NotImplementedError


class Lab:
    """Nodes on one switch. Two labs of different names never meet."""

    name: str
    state_dir: Path  # /run/lbha-lab/<name>
    connection_file: Path  # state_dir / "connection.yml": ansible-playbook -i INVENTORY -i this
    nodes: dict[str, Node]

    def __init__(self, name: str, nodes: Mapping[str, str] | Sequence[str] = DEFAULT_NODES, detached: bool = False):
        """``nodes``: names of DEFAULT_NODES, or name -> address. ``detached``: stays up when its owner is gone."""
        raise NotImplementedError

    @classmethod
    def attach(cls, name: str) -> Lab:
        """The lab of that name, which somebody else started."""
        raise NotImplementedError

    def up(self) -> None:
        """Clean what a dead run left behind, then boot all nodes in parallel; returns when ssh answers on each."""
        raise NotImplementedError

    def down(self) -> None:
        """Processes, namespaces, mounts and files gone; safe to call twice."""
        raise NotImplementedError

    def heal(self) -> None:
        """End every partition (cables stay as they are)."""
        raise NotImplementedError

    def __getitem__(self, node: str) -> Node:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Node]:
        raise NotImplementedError

    def __enter__(self) -> Lab:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError


def missing_requirements() -> list[str]:
    """One sentence for each thing this machine lacks; empty when a lab can run here."""
    raise NotImplementedError
