# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lab and Node: boot Debian nodes on one switch, cut their power, pull their cables.

    with Lab("my-test", nodes=["lb01", "lb02", "client"]) as lab:
        lab["lb01"].run("systemctl", "stop", "vipd")
        lab["lb01"].power_cut()
        lab["lb01"].power_on()

What a fault does is said in README.md. Look next at ``container.py`` and ``network.py``, which do it.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from types import TracebackType

from . import disk, network, ssh, state
from .computer import Outlet
from .container import Container
from .host import LabError, Progress, missing_requirements, run, say
from .image import ensure_image
from .machine import Machine
from .process import ControlGroup, Process

__all__ = ["DEFAULT_NODES", "Lab", "LabError", "Node", "missing_requirements", "running_labs"]

DEFAULT_NODES: Mapping[str, str] = {
    "lb01": "10.0.0.5",
    "lb02": "10.0.0.6",
    "web01": "10.0.0.7",
    "web02": "10.0.0.8",
    "client": "10.0.0.100",
}
LAB_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
NODE_NAME = re.compile(r"(?!sw$)[a-z][a-z0-9]{0,14}")  # no dash, not `sw`: namespaces are called lbha-<lab>-<node>
BOOT_LIMIT_S = 300.0  # a container takes one second, a machine ten, on a host that has time for it
REPOSITORY = Path(__file__).parents[2]


class Node:
    """One Debian server of a lab. Every method may be called from any thread."""

    def __init__(self, lab: Lab, name: str, address: str, kind: type[Container | Machine] = Container):
        self.lab = lab
        self.name = name
        self.address = address
        self.mac = network.stable_mac(lab.name, name)
        self.netns = f"lbha-{lab.name}-{name}"
        self.disk = disk.disk_root(lab.disks, name)  # on or off; of a machine, what it had at its first start
        self.console = lab.state_dir / f"{name}.console"
        self._leader: Process | None = None
        self.group = ControlGroup("lbha-lab", lab.name, name)
        self._computer = kind(
            hostname=name,
            root=self.disk,
            namespace=self.netns,
            mac=self.mac,
            address=address,
            console=self.console,
            group=self.group,
        )

    @property
    def leader_pid(self) -> int:
        """The pid, seen from the host, of a container's PID 1, or of a machine's kernel."""
        if self._leader is None or not self._leader.is_alive():
            self._leader = self._computer.find_leader()
        if self._leader is None:
            raise LabError(f"Node {self.name} of lab {self.lab.name} is off: power it on first.")
        return self._leader.pid

    def is_running(self) -> bool:
        return self.group.is_populated()

    def command(self, *argv: str) -> list[str]:
        """The host's argv that runs ``argv`` inside the node as root: for Popen, where ``run`` is not enough."""
        return self._computer.command(self.leader_pid, *argv)

    def run(
        self, *argv: str, check: bool = True, input: str | None = None, timeout: float | None = 300.0
    ) -> CompletedProcess[str]:
        """Run a command inside the node, about 10 ms (in a machine 200); LabError with its stderr when it fails and
        ``check``."""
        called = f"`{' '.join(argv)}` on {self.name}"
        return run(*self.command(*argv), check=check, input=input, timeout=timeout, called=called)

    def login_command(self, *argv: str) -> list[str]:
        """The host's argv of an ssh login."""
        return ssh.shell_command(self.lab.state_dir, self.door, self.name, *argv)

    def journal_command(self, *options: str) -> list[str]:
        """The host's argv of journalctl."""
        return self._computer.journal_command(*options)

    @property
    def door(self) -> ssh.Door:
        return self._computer.door

    def power_on(self, timeout_s: float = BOOT_LIMIT_S) -> None:
        """Boot from the same disk with the same MAC; returns when ssh answers."""
        if self.is_running():
            raise LabError(f"Node {self.name} of lab {self.lab.name} is already on.")
        self.reconnect()
        again = [sys.executable, "-m", "tests.lab", "reconnect", "--lab", self.lab.name, self.name]
        self._computer.start(Outlet(self.lab.switch.namespace, self.name, ["env", f"PYTHONPATH={REPOSITORY}", *again]))
        self.wait_ssh(timeout_s)

    def reconnect(self) -> None:
        """A new network namespace and a new cable: what an interface forgets in a power cycle is forgotten."""
        self._disconnect()
        network.create_namespace(self.netns, network.NODE_SYSCTLS)
        self._computer.connect(self.lab.switch)

    def wait_ssh(self, timeout_s: float = BOOT_LIMIT_S) -> None:
        deadline = time.monotonic() + timeout_s
        while not self._computer.hears_ssh():
            if not self.is_running():
                raise self._computer.explain_death()
            if time.monotonic() > deadline:
                raise LabError(f"Node {self.name} does not answer ssh after {timeout_s:.0f} s, see {self.console}.")
            time.sleep(self._computer.look_every_s)

    def power_cut(self) -> None:
        """Electricity gone in one instant: no address answers from then on, every process is killed."""
        self.lab.switch.disconnect(self.name)
        self.group.kill()
        self._disconnect()

    def shutdown(self, timeout_s: float = 300.0) -> None:
        """A clean halt, as ``poweroff`` does."""
        self._computer.halt(timeout_s)
        self._disconnect()

    def pull_cable(self) -> None:
        """The node sees NO-CARRIER on eth0."""
        self.lab.switch.set_carrier(self.name, up=False)

    def plug_cable(self) -> None:
        self.lab.switch.set_carrier(self.name, up=True)

    def has_cable(self) -> bool:
        return self.lab.switch.has_carrier(self.name)

    def partition(self, other: Node | None = None, one_way: bool = False) -> None:
        """Frames from this node to ``other`` (None: to everybody) are dropped; both ways unless ``one_way``."""
        peer = None if other is None else other.name
        self.lab.switch.drop(self.name, peer)
        if not one_way:
            self.lab.switch.drop(peer, self.name)

    def dismantle(self) -> None:
        """Cut the power and forget all that is outside the lab's directory."""
        self.power_cut()
        self.group.remove()
        disk.forget_disk(self.disk, self.netns)

    def _disconnect(self) -> None:
        self.lab.switch.disconnect(self.name)
        network.remove_namespace(self.netns)


class Lab:
    """Nodes on one switch. Two labs of different names never meet."""

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, str] | Sequence[str] = tuple(DEFAULT_NODES),
        detached: bool = False,
        owner_pid: int | None = None,
        *,
        machines: Collection[str] = (),
        progress: Progress = say,
    ):
        """``nodes``: names of DEFAULT_NODES, or name -> address. ``detached``: stays up when its owner has gone.
        ``owner_pid``: the process whose death makes the lab a leftover; this one unless given. ``machines``: the
        nodes that have a kernel of their own (see ``machine.py``); containers are quicker."""
        if not LAB_NAME.fullmatch(name):
            raise LabError(f"Lab name {name!r}: expected up to 31 of a-z, 0-9 and -, such as `demo`.")
        addresses = dict(nodes) if isinstance(nodes, Mapping) else {name: default_address(name) for name in nodes}
        for node in addresses:
            if not NODE_NAME.fullmatch(node):
                raise LabError(f"Node name {node!r}: expected a letter, then up to 14 of a-z and 0-9, and not `sw`.")
        self.name = name
        self.detached = detached
        self.state_dir = state.state_directory(name)
        self.connection_file = self.state_dir / "connection.yml"
        self.disks = self.state_dir / "disks"
        self.switch = network.Switch(f"lbha-{name}-sw")
        self.nodes = {
            node: Node(self, node, address, Machine if node in machines else Container)
            for node, address in addresses.items()
        }
        self._machines = tuple(node for node in self.nodes if node in machines)
        self._owner_pid = owner_pid or os.getpid()
        self._progress = progress

    @classmethod
    def attach(cls, name: str) -> Lab:
        """The lab of that name, which somebody else started."""
        record = state.read_record(name)
        if record is None:
            raise LabError(f"There is no lab `{name}`: `python3 -m tests.lab up --lab {name}` starts one.")
        return cls._of(record)

    @classmethod
    def _of(cls, record: state.Record) -> Lab:
        return cls(record.name, record.nodes, record.detached, record.owner.pid, machines=record.machines)

    def up(self) -> None:
        """Clean what a dead run left behind, then boot all nodes in parallel; returns when ssh answers on each."""
        if lacks := missing_requirements():
            raise LabError(" ".join(lacks))
        record = state.Record(self.name, self._owner(), self.detached, self._addresses, self._machines)
        image = ensure_image(self._progress)
        started = time.monotonic()
        _reap_abandoned(self._progress, but=self.name)
        with state.claimed(self.name):
            self._remove_previous()
            record.write()
            try:
                self._furnish(image)
                self._boot_all()
            except BaseException:
                self._dismantle()
                self.state_dir.rmdir()
                raise
        self._progress(f"{self.name}: {len(self.nodes)} nodes up after {time.monotonic() - started:.1f} s")

    def down(self) -> None:
        """Processes, namespaces, mounts and files gone; safe to call twice."""
        if self.state_dir.exists():
            with state.claimed(self.name):
                self._recorded()._dismantle()
                self.state_dir.rmdir()

    def heal(self) -> None:
        """End every partition (cables stay as they are)."""
        self.switch.heal()

    def __getitem__(self, node: str) -> Node:
        if node not in self.nodes:
            raise LabError(f"Lab {self.name} has no node {node!r}: it has {', '.join(self.nodes)}.")
        return self.nodes[node]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __enter__(self) -> Lab:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _owner(self) -> Process:
        try:
            return Process.of(self._owner_pid)
        except ProcessLookupError as error:
            raise LabError(f"There is no process {self._owner_pid} to own lab `{self.name}`.") from error

    @property
    def _addresses(self) -> dict[str, str]:
        return {node.name: node.address for node in self}

    def _recorded(self) -> Lab:
        """This lab as it was last started: its nodes may have been others."""
        record = state.read_record(self.name)
        return self if record is None else Lab._of(record)

    def _remove_previous(self) -> None:
        previous = state.read_record(self.name)
        if previous is None:
            return
        if not previous.detached and previous.owner.is_alive() and previous.owner.pid != self._owner_pid:
            raise LabError(
                f"Lab `{self.name}` is in use by process {previous.owner.pid}: choose another name, or end that run."
            )
        self._progress(f"{self.name}: removing the lab a previous run left")
        Lab._of(previous)._dismantle()

    def _furnish(self, image: Path) -> None:
        """Everything but power."""
        self.switch.create()
        disk.mount_store(self.disks)
        public_key = ssh.make_key(self.state_dir)
        ssh.write_connection_file(self.connection_file, [(node.name, node.door) for node in self])
        for node in self:
            disk.mount_disk(image, self.disks, node.name)
            disk.personalise(node.disk, self.name, node.name, self._addresses, public_key)

    def _boot_all(self) -> None:
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            for booted in [pool.submit(self._boot, node) for node in self]:
                booted.result()

    def _boot(self, node: Node) -> None:
        started = time.monotonic()
        node.power_on()
        self._progress(f"{self.name}: {node.name} ({node.address}) up after {time.monotonic() - started:.1f} s")

    def _dismantle(self) -> None:
        """All but the lab's directory itself: the caller has claimed that."""
        for node in self:
            node.dismantle()
        self.switch.remove()
        disk.empty(self.state_dir)


def running_labs() -> list[Lab]:
    records = [state.read_record(name) for name in state.lab_names()]
    return [Lab._of(record) for record in records if record is not None]


def _reap_abandoned(progress: Progress, but: str) -> None:
    """Remove the labs of dead owners; one that is being made or removed right now is left to whoever does it."""
    for name in state.lab_names():
        if name == but:
            continue
        with state.claimed(name, wait=False) as ours:
            record = state.read_record(name)
            if not ours or (record is not None and not record.is_abandoned):
                continue
            if record is not None:
                progress(f"{name}: its owner (process {record.owner.pid}) has gone, removing it")
                Lab._of(record)._dismantle()
            state.state_directory(name).rmdir()


def default_address(name: str) -> str:
    if name not in DEFAULT_NODES:
        raise LabError(f"Node {name!r} has no default address: known are {', '.join(DEFAULT_NODES)}.")
    return DEFAULT_NODES[name]
