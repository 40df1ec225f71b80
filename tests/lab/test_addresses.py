# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address watch against the kernel: namespaces with an interface of their own stand for nodes. Needs root."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest

from tests.lab import addresses
from tests.lab.addresses import AddressWatch
from tests.lab.holders import HolderLog, crowd
from tests.lab.host import run
from tests.lab.network import NODE_SYSCTLS, create_namespace, remove_namespace

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

VIP = "10.0.0.3"
LIMIT_S = 5.0


class Host:
    """A namespace with a loopback interface, which carries the VIP as well as any other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.netns = f"lbha-watch{os.getpid()}-{name}"

    def create(self) -> None:
        create_namespace(self.netns, NODE_SYSCTLS)

    def destroy(self) -> None:
        remove_namespace(self.netns)

    def take(self) -> None:
        run("ip", "-n", self.netns, "address", "add", f"{VIP}/24", "dev", "lo")

    def drop(self) -> None:
        run("ip", "-n", self.netns, "address", "delete", f"{VIP}/24", "dev", "lo")


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    pair = (Host("lb01"), Host("lb02"))
    try:
        for host in pair:
            host.create()
        yield pair
    finally:
        for host in pair:
            host.destroy()


def watch(log: HolderLog, hosts: tuple[Host, Host], start_s: float = 0.0) -> AddressWatch:
    return AddressWatch(log, {host.name: host.netns for host in hosts}, [VIP], start_s)


def wait_until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < until_s, f"did not come true within {LIMIT_S:g} s"
        time.sleep(0.005)


def test_what_was_held_before_the_watch_began_is_known_at_once(hosts: tuple[Host, Host]) -> None:
    hosts[1].take()
    log = HolderLog()
    with watch(log, hosts):
        assert log.holders(VIP) == {"lb02"}


def test_a_move_is_followed_and_other_addresses_are_not(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    log = HolderLog()
    with watch(log, hosts):
        run("ip", "-n", one.netns, "address", "add", "10.0.0.4/24", "dev", "lo")
        one.take()
        wait_until(lambda: log.holders(VIP) == {"lb01"})
        one.drop()
        two.take()
        wait_until(lambda: log.holders(VIP) == {"lb02"})
    assert [held.node for held in log.intervals(time.monotonic())] == ["lb01", "lb02"]


def test_an_overlap_of_two_nodes_is_seen_for_as_long_as_it_lasts(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    log = HolderLog()
    start_s = time.monotonic()
    with watch(log, hosts, start_s):
        one.take()
        two.take()
        wait_until(lambda: log.holders(VIP) == {"lb01", "lb02"})
        one.drop()
        wait_until(lambda: log.holders(VIP) == {"lb02"})
    found = crowd(log.intervals(time.monotonic() - start_s), 0.0, LIMIT_S)
    assert found.most == 2
    assert 0.0 < found.shared_s < 1.0


def test_a_node_that_loses_its_power_holds_nothing_and_is_found_again(hosts: tuple[Host, Host]) -> None:
    """A watch that kept the namespace alive would keep the VIP alive with it: then this waits in vain."""
    one, _other = hosts
    log = HolderLog()
    with watch(log, hosts):
        one.take()
        wait_until(lambda: log.holders(VIP) == {"lb01"})
        one.destroy()
        wait_until(lambda: not log.holders(VIP))
        one.create()
        one.take()
        wait_until(lambda: log.holders(VIP) == {"lb01"})


def test_a_watch_that_has_ended_says_so(hosts: tuple[Host, Host]) -> None:
    with watch(HolderLog(), hosts) as watching:
        assert watching.alive
    assert not watching.alive


def test_a_new_namespace_with_the_number_of_the_one_before_is_found(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel gives a freed inode number away again, but when it does cannot be chosen: here it always does."""
    identity = addresses._identity
    monkeypatch.setattr(addresses, "_identity", lambda path: (0, 0) if identity(path) else None)
    one, _other = hosts
    log = HolderLog()
    with watch(log, hosts):
        for _power_cycle in range(2):
            one.take()
            wait_until(lambda: log.holders(VIP) == {"lb01"})
            one.destroy()
            wait_until(lambda: not log.holders(VIP))
            one.create()
