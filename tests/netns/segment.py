# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts on one switch, watched: host ``a`` is 10.0.0.1/24 at eth0, ``b`` is 10.0.0.2/24, and so on.

With ``ipv6`` they are fe80::1 and 2001:db8::1/64 as well, and no address waits for duplicate address detection.

The switch is a namespace of its own with a bridge, so that a cable can be pulled and everything that passes be
seen. Programs that run on a host are those of ``daemon.py``.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from tests.netns.daemon import Daemon, Keepalived, Vipd
from tests.netns.namespace import Namespace, ip
from tests.netns.waiting import wait_for
from tests.netns.witness import AddressWitness, PacketWitness

D = TypeVar("D", bound=Daemon)

_numbers = itertools.count(1)  # one process may have several segments


class Segment:
    """A context manager: on leaving, its daemons are ended and its namespaces removed."""

    def __init__(self, directory: Path, *labels: str, ipv6: bool = False) -> None:
        self._directory = directory
        self._ipv6 = ipv6
        self._labels = labels
        self._daemons: list[Daemon] = []
        self._opened = ExitStack()

    def __enter__(self) -> Segment:
        with ExitStack() as opened:
            self._build(opened, next(_numbers))
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        for daemon in self._daemons:
            daemon.close()
        self._opened.close()

    def _build(self, opened: ExitStack, number: int) -> None:
        self.switch = opened.enter_context(Namespace(f"{number}-sw"))
        self.switch.ip("link add br0 type bridge mcast_snooping 0 stp_state 0 forward_delay 0")
        self.switch.ip("link set br0 addrgenmode none up")
        self.hosts = {label: opened.enter_context(Namespace(f"{number}-{label}")) for label in self._labels}
        for position, (label, host) in enumerate(self.hosts.items(), start=1):
            self.switch.ip(f"netns set {host.name} {position}")  # the id by which the address witness knows it
            ip("-n", host.name, f"link add eth0 type veth peer name port-{label} netns {self.switch.name}")
            self.switch.ip(f"link set port-{label} master br0 addrgenmode none up")
            host.ip("link set eth0 addrgenmode none up")
            host.ip(f"address add 10.0.0.{position}/24 dev eth0")
            if self._ipv6:
                for address in (f"fe80::{position}/64", f"2001:db8::{position}/64"):
                    host.ip(f"address add {address} dev eth0 nodad")
        ports = {f"port-{label}": label for label in self.hosts}
        with self.switch.entered():
            self.addresses = opened.enter_context(closing(AddressWitness(dict(enumerate(self.hosts, start=1)))))
            self.packets = opened.enter_context(closing(PacketWitness(ports)))

    # Daemons

    def vipd(self, label: str, config: str) -> Vipd:
        """A vipd for host ``label``, not yet started."""
        return self.with_daemon(Vipd(self.hosts[label], config, self._directory / label))

    def keepalived(self, label: str, config: str) -> Keepalived:
        return self.with_daemon(Keepalived(self.hosts[label], config, self._directory / label))

    def with_daemon(self, daemon: D) -> D:
        """One of another kind: it is ended with the others."""
        self._daemons.append(daemon)
        return daemon

    def logs(self) -> str:
        return "\n".join(f"--- log of {daemon}\n{daemon.log()}" for daemon in self._daemons)

    # What happens on it

    def pull_cable(self, label: str) -> None:
        self.switch.ip(f"link set port-{label} down")

    def plug_cable(self, label: str) -> None:
        self.switch.ip(f"link set port-{label} up")

    def part(self) -> None:
        """A partition: every link stays up, and nobody hears anybody."""
        for label in self._labels:
            self.switch.ip(f"link set port-{label} type bridge_slave isolated on")

    def join(self) -> None:
        for label in self._labels:
            self.switch.ip(f"link set port-{label} type bridge_slave isolated off")

    def holders(self, vip: str) -> set[str]:
        return self.addresses.holders(vip)

    def wait_for_holders(self, vip: str, labels: str, within_s: float) -> None:
        """Until exactly the hosts ``labels`` (one letter each; "" is nobody) have ``vip``."""
        try:
            wait_for(lambda: self.holders(vip) == set(labels), f"{vip} on {labels or 'nobody'}", within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is on {sorted(self.holders(vip)) or 'nobody'}") from None
