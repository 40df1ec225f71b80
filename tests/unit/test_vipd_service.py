# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd is started or restarted, and the answer comes when the node can take a VIP over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Unit
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError
from ansible_collections.lbha.pair.plugins.modules import vipd_service
from ansible_collections.lbha.pair.plugins.modules.vipd_service import UnreadyError


class Node:
    """AnsibleModule and the agent of a node, which says one of ``states`` each time it is asked, the last for ever."""

    def __init__(self) -> None:
        self.unit = Unit(there=True, enabled=True, running=True)
        self.states: list[str | None] = ["BACKUP"]
        self.told: list[str] = []
        self.status = 0

    def get_bin_path(self, arg: str) -> str:
        return arg

    def run_command(self, args: list[str]) -> tuple[int, str, str]:
        self.told.append(" ".join(args[1:]))
        return self.status, "", "Job for vipd.service failed."

    def ask(self, _path: str, _command: str) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state is None:
            raise NoAnswerError("no answer from vipd")
        return {"instances": [{"name": "VI_1", "state": state}]}


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node()
    monkeypatch.setattr(vipd_service, "units", lambda _host, _names: {"vipd": node.unit})
    monkeypatch.setattr(vipd_service, "ask", node.ask)
    monkeypatch.setattr(vipd_service, "POLL_INTERVAL_S", 0.0)
    return node


def run(node: Node, restart: bool = False, wait_s: float = 60.0, dry: bool = False) -> dict[str, Any]:
    return vipd_service.run(node, restart, wait_s, "control.sock", dry)


def test_a_first_start_is_for_every_boot_and_waits_for_the_checks(node: Node) -> None:
    node.unit = Unit(there=True, enabled=False, running=False)
    node.states = [None, "INIT", "INIT", "BACKUP"]
    assert run(node) == {"changed": True, "states": {"VI_1": "BACKUP"}}
    assert node.told == ["enable vipd", "start vipd"]
    assert node.states == ["BACKUP"]


def test_what_runs_is_not_started_again(node: Node) -> None:
    assert run(node) == {"changed": False, "states": {"VI_1": "BACKUP"}}
    assert node.told == []


def test_what_is_started_over_and_over_is_started_from_what_is_there_now(node: Node) -> None:
    """systemd says that it runs; it may do so with a unit of before."""
    node.unit = Unit(there=True, enabled=True, running=True, starting=True)
    assert run(node, dry=True)["changed"]
    assert run(node)["changed"]
    assert node.told == ["daemon-reload", "start vipd"]


def test_a_restart_reads_the_unit_again(node: Node) -> None:
    node.states = [None, "MASTER"]
    assert run(node, restart=True)["states"] == {"VI_1": "MASTER"}
    assert node.told == ["daemon-reload", "restart vipd"]


@pytest.mark.parametrize("restart", [True, False])
def test_check_mode_does_nothing(node: Node, restart: bool) -> None:
    node.unit = Unit(there=False, enabled=False, running=False)
    assert run(node, restart, dry=True)["changed"]
    assert node.told == []


def test_what_does_not_start_is_told(node: Node) -> None:
    node.status = 1
    with pytest.raises(UnreadyError, match="systemctl daemon-reload: Job for vipd"):
        run(node, restart=True)


@pytest.mark.parametrize(
    ("state", "expected"), [("INIT", "still in INIT: VI_1; its checks have not spoken"), (None, "no answer from vipd")]
)
def test_what_is_not_ready_in_time_is_told(node: Node, state: str | None, expected: str) -> None:
    node.states = [state]
    with pytest.raises(UnreadyError, match=f"not ready after 0 s: {expected}"):
        run(node, wait_s=0.0)
