# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator asks for, against a real core in this process. Whole daemons: tests/netns/test_daemon_wishes.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Callable

import pytest
from vipd.config.parse import parse
from vipd.core.events import AddressRefused, ConfigLoaded, DeadlineReached, LinkChanged, MaintenanceChanged
from vipd.core.router import Router
from vipd.runtime.maintenance_file import MaintenanceFile
from vipd.runtime.wishes import Wishes

DEADLINE_S = 20.0

CONFIG = """vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.0.0.3
    }
}
"""


class Node:
    """A master; each look at it takes half a second."""

    def __init__(self, directory: Path) -> None:
        self.router, self.now = Router(), 0.0
        self.router.handle(LinkChanged("eth0", True, IPv4Address("10.0.0.5")), 0.0)
        self.router.handle(ConfigLoaded(parse(CONFIG).config), 0.0)
        self._pass(4.0)
        self.file = MaintenanceFile(str(directory))
        self.sent: list[Any] = []

    def ask(self, command: Callable[[Wishes], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        async def asked() -> dict[str, Any]:
            return await command(Wishes(self.file, self.send, self.status))

        return asyncio.run(asked())

    def send(self, event: Any) -> None:
        self.sent.append(event)
        self.router.handle(event, self.now)

    async def status(self) -> dict[str, Any]:
        self._pass(0.5)
        return self.router.snapshot(self.now)

    def _pass(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.router.next_deadline()) is not None and due <= end:
            self.now = due
            self.router.handle(DeadlineReached(), due)
        self.now = end


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_an_offer_that_nobody_takes_is_waited_for(node: Node) -> None:
    answer = node.ask(lambda wishes: wishes.yield_addresses({}))
    assert answer["kept"] == ["V"]
    assert answer["instances"][0]["yielding"] is None


def test_an_offer_without_an_end_keeps_nobody_waiting(node: Node) -> None:
    """The kernel refused a VIP: the offer stands until somebody takes it."""
    node.router.handle(AddressRefused("eth0", IPv4Address("10.0.0.3"), "Permission denied"), node.now)
    answer = node.ask(lambda wishes: asyncio.wait_for(wishes.yield_addresses({}), DEADLINE_S))
    assert answer["kept"] == ["V"]
    assert not node.ask(lambda wishes: asyncio.wait_for(wishes.maintenance({"on": True}), DEADLINE_S))["maintenance"]
    assert node.ask(lambda wishes: wishes.yield_addresses({"end": True}))["instances"][0]["yielding"] is None


def test_an_instance_that_is_not_there_is_named(node: Node) -> None:
    answer = node.ask(lambda wishes: wishes.yield_addresses({"instances": ["W"]}))
    assert answer == {"error": "no instance W; this node has V"}
    assert not node.sent


@pytest.mark.parametrize("for_s", ["soon", -1, 1e12, float("nan")])
def test_nonsense_for_seconds_is_refused(node: Node, for_s: object) -> None:
    answer = node.ask(lambda wishes: wishes.yield_addresses({"for_s": for_s}))
    assert "expected seconds" in answer["error"]
    assert not node.sent


def test_no_maintenance_while_nobody_else_takes_the_addresses(node: Node) -> None:
    answer = node.ask(lambda wishes: wishes.maintenance({"on": True}))
    assert (answer["maintenance"], answer["kept"]) == (False, ["V"])
    assert node.file.read() is None


def test_forced_maintenance_is_remembered_and_begins_again(node: Node) -> None:
    answer = node.ask(lambda wishes: wishes.maintenance({"on": True, "force": True, "reason": "new disk"}))
    assert (answer["maintenance"], answer["kept"]) == (True, [])
    node.sent.clear()

    async def begun() -> None:
        kept = Wishes(node.file, node.send, node.status).begin()
        assert kept is not None
        assert kept.reason == "new disk"

    asyncio.run(begun())
    assert node.sent == [MaintenanceChanged(on=True, force=True)]
    assert node.ask(lambda wishes: wishes.maintenance({"on": False}))["maintenance"] is False
    assert node.file.read() is None


def test_a_disk_that_takes_nothing_means_no_maintenance(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    node = Node(tmp_path / "state")
    assert "cannot be remembered" in node.ask(lambda wishes: wishes.maintenance({"on": True, "force": True}))["error"]
    assert not node.sent
