# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs move, or everything is as it was and the message says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils import node_vips
from ansible_collections.lbha.pair.plugins.modules import vip_failover
from ansible_collections.lbha.pair.plugins.modules.vip_failover import Failover, NotMovedError

from tests.unit.agents import VIP, Node


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node()
    monkeypatch.setattr(node_vips, "ask", node.ask)
    monkeypatch.setattr(vip_failover, "ask", node.ask)
    return node


def run(node: Node, state: str = "away", dry: bool = False, vips: tuple[str, ...] = ()) -> dict[str, Any]:
    failover = Failover(lambda: node_vips.look(node), "control.sock", list(vips), settle_s=0.3)
    return vip_failover.run(failover, state, 60.0, False, dry)


def commands(node: Node) -> list[str]:
    return [f"{command}{' end' if more.get('end') else ''}" for command, more in node.asked if command != "status"]


def test_it_moves_and_comes_back(node: Node) -> None:
    moved = run(node, vips=(VIP,))
    assert (moved["changed"], moved["moved"], moved["holders"]) == (True, [VIP], {VIP: "10.0.0.6"})
    assert moved["diff"] == {"before": "10.0.0.3: here\n", "after": "10.0.0.3: 10.0.0.6\n"}
    assert ("yield", {"instances": ["VI_1"], "for_s": 60.0, "force": False}) in node.asked
    assert not run(node)["changed"]
    back = run(node, "back")
    assert (back["changed"], back["moved"], back["holders"]) == (True, [VIP], {VIP: "here"})
    assert not run(node, "back")["changed"]


def test_check_mode_tells_and_asks_for_nothing(node: Node) -> None:
    told = run(node, dry=True)
    assert (told["changed"], told["moved"]) == (True, [VIP])
    assert commands(node) == []


@pytest.mark.parametrize(("takes", "why"), [(False, "no peer took them"), (True, "no peer was heard as their master")])
def test_in_doubt_it_takes_them_back(node: Node, takes: bool, why: str) -> None:
    node.peer_takes, node.peer_is_heard = takes, False
    with pytest.raises(NotMovedError, match=f"10.0.0.3 did not move: {why}"):
        run(node)
    assert commands(node) == ["yield", "yield end"]
    assert node.state == "MASTER"


def test_an_unknown_vip_is_named(node: Node) -> None:
    with pytest.raises(NotMovedError, match=r"this node has no VIP 10\.0\.0\.9; it has 10\.0\.0\.3"):
        run(node, vips=("10.0.0.9",))


@pytest.mark.parametrize(
    ("units", "hangs", "told"),
    [
        ({"keepalived": "active"}, False, "keepalived cannot be asked to yield"),
        ({"vipd": "inactive"}, False, "vipd does not run: systemctl status vipd"),
        ({"vipd": "active"}, True, "it runs and does not answer"),
    ],
)
def test_who_cannot_be_asked(node: Node, units: dict[str, str], hangs: bool, told: str) -> None:
    node.units, node.hangs = units, hangs
    with pytest.raises(NotMovedError, match=told):
        run(node)
