# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node enters and leaves maintenance, whether its agent runs or not; or nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils import node_vips
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.maintenance_file import MaintenanceFile
from ansible_collections.lbha.pair.plugins.modules import vip_maintenance
from ansible_collections.lbha.pair.plugins.modules.vip_maintenance import NotDoneError

from tests.unit.agents import Node


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node()
    monkeypatch.setattr(node_vips, "ask", node.ask)
    monkeypatch.setattr(vip_maintenance, "ask", node.ask)
    return node


@pytest.fixture
def file(tmp_path: Path) -> MaintenanceFile:
    return MaintenanceFile(str(tmp_path / "vipd"))


def run(node: Node, file: MaintenanceFile, state: str, dry: bool = False, force: bool = False) -> dict[str, Any]:
    wanted = {"state": state, "reason": "new disk", "force": force, "socket": "control.sock"}
    return vip_maintenance.run(node_vips.look(node), file, wanted, dry)


def test_a_running_node_enters_and_leaves(node: Node, file: MaintenanceFile) -> None:
    entered = run(node, file, "entered")
    assert (entered["changed"], entered["maintenance"]) == (True, True)
    assert entered["diff"] == {"before": "maintenance: off\n", "after": "maintenance: on (new disk)\n"}
    assert not run(node, file, "entered")["changed"]
    assert run(node, file, "left")["changed"]
    assert not run(node, file, "left")["changed"]
    assert not node.maintenance


def test_check_mode_changes_nothing(node: Node, file: MaintenanceFile) -> None:
    assert run(node, file, "entered", dry=True)["changed"]
    node.units["vipd"] = "inactive"
    assert run(node, file, "held", dry=True)["changed"]
    assert file.read() is None
    assert {command for command, _more in node.asked} == {"status"}


def test_no_maintenance_while_no_peer_takes_the_vips(node: Node, file: MaintenanceFile) -> None:
    node.peer_takes = False
    with pytest.raises(NotDoneError, match=r"no peer took 10\.0\.0\.3/24, which stay here"):
        run(node, file, "entered")
    assert run(node, file, "entered", force=True)["maintenance"]


def test_a_node_whose_agent_does_not_run_will_find_itself_in_maintenance(node: Node, file: MaintenanceFile) -> None:
    for units in ({"vipd": "inactive"}, {}, {"keepalived": "inactive"}):
        node.units = units
        assert run(node, file, "held")["changed"]
        assert not run(node, file, "entered")["changed"]
        kept = file.read()
        assert kept is not None
        assert kept.reason == "new disk"
        assert run(node, file, "left")["changed"]
        assert file.read() is None


def test_held_leaves_a_node_alone_that_serves(node: Node, file: MaintenanceFile) -> None:
    held = run(node, file, "held")
    assert (held["changed"], held["maintenance"]) == (False, False)


@pytest.mark.parametrize("hangs", [True, False])
def test_who_cannot_be_asked_changes_nothing(node: Node, file: MaintenanceFile, hangs: bool) -> None:
    node.hangs, node.units = hangs, {"vipd": "active"} if hangs else {"keepalived": "active"}
    told = "does not answer" if hangs else "keepalived knows no maintenance"
    with pytest.raises(NotDoneError, match=told):
        run(node, file, "entered")
    assert file.read() is None
