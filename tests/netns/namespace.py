# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces for tests: hosts of one machine, joined by virtual Ethernet cables.

A namespace is named after the process that made it, so that two runs do not collide, and what a killed run left behind
is removed by the next. Programs run inside through ``start``; this process enters with ``entered``.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.netns.waiting import wait_for

PREFIX = "vipd-t-"
DIRECTORY = Path("/run/netns")
CLONE_NEWNET = 0x40000000


def ip(*arguments: str) -> str:
    """Run ip(8), arguments split at spaces: ``ip("-n", "a", "link set eth0 up")``."""
    argv = ["ip", *(word for argument in arguments for word in argument.split())]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """One network namespace with its loopback up: ``with Namespace("left") as left``. Its cables go with it."""

    def __init__(self, label: str) -> None:
        self.name = f"{PREFIX}{os.getpid()}-{label}"

    def __enter__(self) -> Namespace:
        remove_abandoned()
        ip("netns add", self.name)
        self.ip("link set lo up")
        return self

    def __exit__(self, *_exception: object) -> None:
        ip("netns delete", self.name)

    def ip(self, command: str) -> str:
        return ip("-n", self.name, command)

    def batch(self, commands: str) -> None:
        """Many ip(8) commands, one a line, as fast as the kernel takes them."""
        subprocess.run(["ip", "-n", self.name, "-batch", "-"], input=commands, text=True, check=True)

    def is_running(self, interface: str) -> bool:
        link: dict[str, Any] = json.loads(self.ip(f"-json link show {interface}"))[0]
        return link["operstate"] == "UP"

    def addresses(self, interface: str = "eth0", family: int = 4) -> list[dict[str, Any]]:
        """The interface's addresses, as ``ip -j address`` describes them."""
        links = json.loads(self.ip(f"-j -{family} address show dev {interface}"))
        return [address for link in links for address in link.get("addr_info", [])]

    def mac(self, interface: str = "eth0") -> bytes:
        link = json.loads(self.ip(f"-j link show dev {interface}"))[0]
        return bytes.fromhex(link["address"].replace(":", ""))

    def start(self, *argv: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a program inside; whoever starts it ends it."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *argv], **options)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread inside the namespace: sockets made here stay there."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        inside = os.open(DIRECTORY / self.name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(inside)
            yield
        finally:
            _setns(before)
            os.close(inside)
            os.close(before)


def connect(one: Namespace, other: Namespace, interface: str = "eth0") -> None:
    """Lay a cable: an interface of the same name at both ends, up, without addresses of any kind.

    The kernel drops without a word what is sent before it has noticed the carrier.
    """
    ip("-n", one.name, f"link add {interface} type veth peer name {interface} netns {other.name}")
    for end in (one, other):
        end.ip(f"link set {interface} addrgenmode none up")
    for end in (one, other):
        wait_for(lambda end=end: end.is_running(interface), f"a carrier on {interface} of {end.name}")


def remove_abandoned() -> None:
    """Delete the namespaces of runs that are no more, and end what still runs in them."""
    for path in DIRECTORY.glob(f"{PREFIX}*-*"):
        pid = path.name[len(PREFIX) :].split("-")[0]
        if not Path("/proc", pid).exists():
            _end_all(path.name)
            subprocess.run(["ip", "netns", "delete", path.name], check=False)  # another run may have been faster


def _end_all(name: str) -> None:
    inside = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
    for pid in inside.stdout.split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def _setns(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)  # os.setns comes with Python 3.12
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
