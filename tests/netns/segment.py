# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts on one switch, watched: host ``a`` is 10.0.0.1/24 at eth0, ``b`` is 10.0.0.2/24, and so on.

The switch is a namespace of its own with a bridge, so that a cable can be pulled and everything that passes be
seen. Programs that run on a host are those of ``daemon.py``.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.netns.daemon import Daemon, Keepalived, Vipd
from tests.netns.namespace import Namespace, ip
from tests.netns.witness import AddressWitness, PacketWitness

_numbers = itertools.count(1)  # one process may have several segments

POLL_S = 0.02


def wait_until(holds: Callable[[], bool], within_s: float, what: str) -> float:
    """Look again and again until it is so; returns after how many seconds. Raises AssertionError at the deadline."""
    began = time.monotonic()
    while True:
        if holds():
            return time.monotonic() - began
        if time.monotonic() - began > within_s:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(POLL_S)


class Segment:
    """A context manager: on leaving, its daemons are ended and its namespaces removed."""

    def __init__(self, directory: Path, *labels: str) -> None:
        self._directory = directory
        self._labels = labels
        self._daemons: list[Daemon] = []
        self._made: list[Namespace] = []

    def __enter__(self) -> Segment:
        try:
            self._build(next(_numbers))
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            for daemon in self._daemons:
                print(f"--- log of {daemon}\n{daemon.log()}")
        self.addresses.close()
        self.packets.close()
        self._remove()

    def _build(self, number: int) -> None:
        self.switch = self._namespace(f"{number}-sw")
        self.switch.ip("link add br0 type bridge mcast_snooping 0 stp_state 0 forward_delay 0")
        self.switch.ip("link set br0 addrgenmode none up")
        self.hosts = {label: self._namespace(f"{number}-{label}") for label in self._labels}
        for position, (label, host) in enumerate(self.hosts.items(), start=1):
            self.switch.ip(f"netns set {host.name} {position}")
            ip("-n", host.name, f"link add eth0 type veth peer name {label} netns {self.switch.name}")
            self.switch.ip(f"link set {label} addrgenmode none master br0 up")
            host.ip("link set eth0 addrgenmode none up")
            host.ip(f"address add 10.0.0.{position}/24 dev eth0")
        with self.switch.entered():
            self.addresses = AddressWitness(dict(enumerate(self.hosts, start=1)))
            self.packets = PacketWitness("br0", {host.mac(): label for label, host in self.hosts.items()})

    def _namespace(self, label: str) -> Namespace:
        self._made.append(Namespace(label))
        return self._made[-1]

    def _remove(self) -> None:
        for daemon in self._daemons:
            daemon.kill()
        for namespace in self._made:
            namespace.delete()

    # Daemons

    def vipd(self, label: str, config: str) -> Vipd:
        """A vipd for host ``label``, not yet started."""
        return self._with(Vipd(self.hosts[label], config, self._directory / label))

    def keepalived(self, label: str, config: str) -> Keepalived:
        return self._with(Keepalived(self.hosts[label], config, self._directory / label))

    def _with[D: Daemon](self, daemon: D) -> D:
        self._daemons.append(daemon)
        return daemon

    # What happens on it

    def pull_cable(self, label: str) -> None:
        self.switch.ip(f"link set {label} down")

    def plug_cable(self, label: str) -> None:
        self.switch.ip(f"link set {label} up")

    def holders(self, vip: str) -> set[str]:
        return self.addresses.holders(vip)

    def wait_for_holders(self, vip: str, labels: str, within_s: float) -> float:
        """Until exactly the hosts ``labels`` (one letter each; "" is nobody) have ``vip``; returns the seconds."""
        found: set[str] = set()

        def so() -> bool:
            nonlocal found
            found = self.holders(vip)
            return found == set(labels)

        try:
            return wait_until(so, within_s, f"{vip} on {labels or 'nobody'}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it is on {sorted(found) or 'nobody'}") from None
