# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node says of its VIPs when all is well, and that a node in trouble says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.module_utils import node_vips, systemd_units
from ansible_collections.lbha.pair.plugins.module_utils.node_vips import look

from tests.unit.agents import MAC, PEER, VIP, Node

CONFIG = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.0.0.3/24
    }
}
"""


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Node:
    (tmp_path / "keepalived.conf").write_text(CONFIG)
    node = Node()
    monkeypatch.setattr(node_vips, "ask", node.ask)
    paths = dict.fromkeys(node_vips.PROVIDERS, str(tmp_path / "keepalived.conf"))
    monkeypatch.setattr(node_vips, "CONFIGURATIONS", paths)
    return node


def test_a_healthy_master(node: Node) -> None:
    found = look(node)
    assert (found["provider"], found["running"], found["answers"], found["faults"]) == ("vipd", True, True, [])
    assert (found["vips"], found["held"], found["instances"][0]["state"]) == ([VIP], [VIP], "MASTER")
    assert (found["macs"], found["instances"][0]["settled"]) == ({VIP: MAC}, True)


def test_a_backup_names_its_master(node: Node) -> None:
    node.state, node.addresses, node.master = "BACKUP", [], PEER
    found = look(node)
    assert (found["held"], found["faults"]) == ([], [])
    assert found["instances"][0]["master"] == "10.0.0.6"
    assert found["instances"][0]["advert_age_s"] == 0.3
    assert not found["instances"][0]["settled"], "it is about to preempt"
    node.yielding = {"offering": False, "back_off_s": None, "why": "an operator asked it to yield"}
    assert look(node)["instances"][0]["settled"]


def test_an_agent_of_the_first_release_says_less(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows no sync groups, no maintenance, and not how often its master speaks."""
    node.state, node.addresses, node.master = "BACKUP", [], PEER
    now = node.ask("", "status")
    (instance,) = now["instances"]
    for unknown in ("sync_group", "master_advert_int_s", "yielding"):
        del instance[unknown]
    first = {"instances": [instance], "history": []}
    monkeypatch.setattr(node_vips, "ask", lambda _path, _command, _timeout_s: first)
    found = look(node)
    assert (found["faults"], found["maintenance"], found["vips"]) == ([], None, [VIP])
    assert (found["instances"][0]["sync_group"], found["instances"][0]["stale"]) == (None, False)


@pytest.mark.parametrize(
    ("state", "addresses", "doubt"),
    [
        ("MASTER", [], "VI_1 is MASTER and this node does not have 10.0.0.3"),
        ("BACKUP", [VIP], "VI_1 is BACKUP and this node has 10.0.0.3"),
    ],
)
def test_agent_and_kernel_contradict_each_other(node: Node, state: str, addresses: list[str], doubt: str) -> None:
    node.state, node.addresses = state, addresses
    assert look(node)["faults"] == [doubt]


def test_a_master_has_none(node: Node) -> None:
    node.master = {**PEER, "heard_s_ago": 300.0}  # the one before it
    found = look(node)
    assert (found["faults"], found["instances"][0]["master"]) == ([], None)


def test_a_master_that_went_silent_is_stale(node: Node) -> None:
    node.state, node.addresses, node.master = "BACKUP", [], {**PEER, "heard_s_ago": 3.5}
    found = look(node)
    assert found["instances"][0]["stale"]
    assert found["faults"] == ["VI_1 heard its master 3.5 s ago"]


def test_a_hung_agent_is_seen_and_the_kernel_still_asked(node: Node) -> None:
    node.hangs = True
    found = look(node)
    assert (found["running"], found["answers"]) == (True, False)
    assert found["faults"][0].startswith("it runs and does not answer:")
    assert (found["vips"], found["held"], found["instances"][0]["state"]) == ([VIP], [VIP], "MASTER")


def test_a_stopped_agent(node: Node) -> None:
    node.units["vipd"], node.addresses = "failed", []
    found = look(node)
    assert (found["provider"], found["running"]) == ("vipd", False)
    assert found["faults"] == ["vipd does not run: systemctl status vipd"]
    assert (found["vips"], found["held"], found["instances"][0]["state"]) == ([VIP], [], None)


def test_keepalived_is_known_by_its_addresses(node: Node) -> None:
    node.units = {"keepalived": "active"}
    found = look(node)
    assert (found["provider"], found["running"], found["faults"]) == ("keepalived", True, [])
    assert (found["held"], found["instances"][0]["state"]) == ([VIP], "MASTER")
    assert (found["instances"][0]["virtual_router_id"], found["instances"][0]["family"]) == (51, 4)


def test_neither_is_there(node: Node) -> None:
    node.units = {}
    assert look(node)["faults"] == ["neither vipd nor keepalived is installed"]


def test_a_systemd_that_cannot_be_asked_is_not_a_node_without_an_agent(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd_units, "PAUSE_S", 0.0)
    node.bus_drops = True
    with pytest.raises(OSError, match=r"systemctl show .*: Failed to get properties: Connection reset by peer"):
        look(node)


def test_a_file_that_cannot_be_read_is_named(node: Node) -> None:
    node.hangs = True
    Path(node_vips.CONFIGURATIONS["vipd"]).unlink()
    assert "keepalived.conf" in look(node)["faults"][1]
