# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration gets on a node whole and checked, or the node is as it was; what it will do is known before."""

from __future__ import annotations

import os
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils import new_config
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_services import ServiceKey
from ansible_collections.lbha.pair.plugins.module_utils.vipd.director.table import Service
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime import ipvs_here
from ansible_collections.lbha.pair.plugins.modules import vip_config
from ansible_collections.lbha.pair.plugins.modules.vip_config import RefusedError

CONFIG = """vrrp_instance VI_1 {
    interface lo
    virtual_router_id 51
    priority 150
    authentication {
        auth_type PASS
        auth_pass s3cret
    }
    virtual_ipaddress {
        10.0.0.3/24
    }
}
"""


class Module:
    """AnsibleModule, as far as this module uses it."""

    def __init__(self, directory: Path, content: str, check_mode: bool = False) -> None:
        path = directory / "keepalived.conf"
        self.params: dict[str, Any] = {"path": str(path), "content": content, "socket": "control.sock"}
        self.params.update(load=True, here=True, extensions=None)
        self.check_mode = check_mode
        self.tmpdir = tempfile.mkdtemp(dir=directory.parent)

    def atomic_move(self, source: str, target: str) -> None:
        os.replace(source, target)

    def load_file_common_arguments(self, _params: dict[str, Any], _path: str) -> dict[str, Any]:
        return {}

    def set_fs_attributes_if_different(self, _arguments: dict[str, Any], changed: bool) -> bool:
        return changed


class Agent:
    """A vipd that runs; ``findings``: it refuses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.findings: list[str] = []
        self.status: dict[str, Any] = {}
        monkeypatch.setattr(vip_config, "status_of", lambda _socket: self.status)
        self.asked: list[str] = []
        monkeypatch.setattr(vip_config, "provider", lambda _module: ("vipd", True))
        monkeypatch.setattr(vip_config, "ask", self.ask)

    def ask(self, _path: str, command: str, _timeout_s: float) -> dict[str, Any]:
        self.asked.append(command)
        return {"reloaded": not self.findings, "findings": self.findings}


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Agent:
    return Agent(monkeypatch)


def run(directory: Path, content: str, check_mode: bool = False, extensions: str | None = None) -> dict[str, Any]:
    module = Module(directory, content, check_mode)
    module.params["extensions"] = extensions
    told = vip_config.run(module)  # type: ignore[arg-type]
    assert os.listdir(module.tmpdir) == []
    return told


def files(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_first_deploy_then_nothing(tmp_path: Path, agent: Agent) -> None:
    first = run(tmp_path, CONFIG)
    assert (first["changed"], first["action"]) == (True, "restart")
    again = run(tmp_path, CONFIG)
    assert (again["changed"], again["action"], again["will_move_vip"]) == (False, "none", False)
    assert agent.asked == ["reload"]
    assert files(tmp_path) == {"keepalived.conf": CONFIG}


def test_what_systemd_does_not_answer_is_not_taken_for_a_node_without_vipd(
    tmp_path: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drop(_module: object) -> tuple[str, bool]:
        raise OSError("Connection reset by peer")

    (tmp_path / "keepalived.conf").write_text(CONFIG)
    monkeypatch.setattr(vip_config, "provider", drop)
    with pytest.raises(OSError, match="reset by peer"):
        run(tmp_path, CONFIG.replace("priority 150", "priority 160"))
    assert files(tmp_path) == {"keepalived.conf": CONFIG}
    assert agent.asked == []


@pytest.mark.parametrize(
    ("old", "new", "action", "moves"),
    [
        ("priority 150", "priority 160", "reload", False),
        ("priority 150", "priority 140", "reload", True),
        ("10.0.0.3/24", "10.0.0.4/24", "reload", True),
        ("s3cret", "0ther", "reload", True),
        ("priority 150", "priority  150", "none", False),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_a_change_does_is_told(  # noqa: PLR0917
    tmp_path: Path, agent: Agent, old: str, new: str, action: str, moves: bool, check_mode: bool
) -> None:
    (tmp_path / "keepalived.conf").write_text(CONFIG)
    told = run(tmp_path, CONFIG.replace(old, new), check_mode)
    assert (told["changed"], told["action"], told["will_move_vip"]) == (True, action, moves)
    assert "s3cret" not in str(told)
    assert "0ther" not in str(told)
    assert agent.asked == ([] if check_mode else ["reload"])
    assert files(tmp_path) == {"keepalived.conf": CONFIG if check_mode else CONFIG.replace(old, new)}


def test_a_vip_that_gets_another_number_is_warned_of(tmp_path: Path, agent: Agent) -> None:
    """A node that has not been deployed yet would not hear this one any more."""
    assert "warnings" not in run(tmp_path, CONFIG)
    assert "warnings" not in run(tmp_path, CONFIG.replace("150", "160"))
    (warning,) = run(tmp_path, CONFIG.replace("virtual_router_id 51", "virtual_router_id 52"))["warnings"]
    assert warning.startswith("10.0.0.3 from VRID 51 to VRID 52: until all nodes of the pair have this configuration")


def test_mistakes_are_named_and_nothing_is_written(tmp_path: Path, agent: Agent) -> None:
    (tmp_path / "keepalived.conf").write_text(CONFIG)
    with pytest.raises(RefusedError, match=r"nothing was changed:\n.*keepalived\.conf:3") as refused:
        run(tmp_path, CONFIG.replace("virtual_router_id 51", "virtual_router_id 551"))
    assert "s3cret" not in str(refused.value)
    assert files(tmp_path) == {"keepalived.conf": CONFIG}
    assert agent.asked == []


def test_a_vipd_that_is_restarted_soon_need_not_load_it(tmp_path: Path, agent: Agent) -> None:
    module = Module(tmp_path, CONFIG)
    module.params["load"] = False
    assert vip_config.run(module)["changed"]  # type: ignore[arg-type]
    assert agent.asked == []


def test_a_file_that_an_aborted_run_left_unread_is_loaded(tmp_path: Path, agent: Agent) -> None:
    (tmp_path / "keepalived.conf").write_text(CONFIG)
    agent.status = {"started_at": 1.0, "configuration": {"loaded_at": 2.0}}
    module = Module(tmp_path, CONFIG)
    told = vip_config.run(module)  # type: ignore[arg-type]
    assert (told["changed"], told["action"], agent.asked) == (True, "reload", ["reload"])


@pytest.mark.parametrize("here", [True, False])
def test_what_this_node_lacks_counts_unless_it_is_about_to_come(tmp_path: Path, agent: Agent, here: bool) -> None:
    script = 'vrrp_script up {\n    script "/nowhere/check"\n}\n'
    tracking = CONFIG.replace("    virtual_ipaddress", "    track_script {\n        up\n    }\n    virtual_ipaddress")
    module = Module(tmp_path, script + tracking, check_mode=True)
    module.params["here"] = here
    if here:
        with pytest.raises(RefusedError, match="cannot run /nowhere/check"):
            vip_config.run(module)  # type: ignore[arg-type]
    else:
        assert vip_config.run(module)["changed"]  # type: ignore[arg-type]


@pytest.mark.parametrize("served", [(), ("10.0.0.3:80 TCP",)])
def test_a_service_that_somebody_else_made_is_named_before_it_is_taken_over(
    tmp_path: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch, served: tuple[str, ...]
) -> None:
    table = {ServiceKey(4, "TCP", ip_address("10.0.0.3"), 80): Service("lc")}
    monkeypatch.setattr(ipvs_here, "Ipvs", lambda: Kernel(table))
    monkeypatch.setattr(ipvs_here, "MODULES", str(tmp_path / "none"))
    monkeypatch.setattr(new_config, "served", lambda _socket: set(served))
    server = "virtual_server 10.0.0.3 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nsorry_server 10.0.0.9 80\n}\n"
    told = run(tmp_path, CONFIG + server, check_mode=True)
    named = [
        one for one in told.get("warnings", ()) if "has the service TCP 10.0.0.3:80 already, with scheduler lc" in one
    ]
    assert bool(named) is not bool(served)
    assert set(told.get("warnings", ())) <= set(told["findings"])


class Kernel:
    """What is asked of IPVS."""

    def __init__(self, table: dict[ServiceKey, Service]) -> None:
        self._table = table

    def services(self) -> dict[ServiceKey, Service]:
        return self._table

    def close(self) -> None:
        pass


@pytest.mark.parametrize("there", [CONFIG, None])
def test_the_former_file_comes_back_when_vipd_refuses(tmp_path: Path, agent: Agent, there: str | None) -> None:
    if there:
        (tmp_path / "keepalived.conf").write_text(there)
    agent.findings = ["interface eth9 does not exist"]
    with pytest.raises(RefusedError, match="is what it was:\ninterface eth9 does not exist"):
        run(tmp_path, CONFIG.replace("150", "160"))
    assert files(tmp_path) == ({"keepalived.conf": there} if there else {})


SLOW = "global_defs {\n    slow_start 30\n}\n"


def test_vipd_s_own_file_is_written_replaced_and_removed(tmp_path: Path, agent: Agent) -> None:
    first = run(tmp_path, CONFIG, extensions=SLOW)
    assert (first["changed"], files(tmp_path)) == (True, {"keepalived.conf": CONFIG, "vipd.conf": SLOW})
    assert not run(tmp_path, CONFIG, extensions=SLOW)["changed"]
    slower = run(tmp_path, CONFIG, extensions=SLOW.replace("30", "60"))
    assert (slower["action"], slower["will_move_vip"]) == ("reload", False)
    assert "30" in slower["diff"]["after"]
    assert "60" in slower["diff"]["after"]
    assert run(tmp_path, CONFIG, extensions="")["changed"]
    assert files(tmp_path) == {"keepalived.conf": CONFIG}
    assert not run(tmp_path, CONFIG, extensions="")["changed"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_one_that_somebody_else_wrote_stays_and_counts(tmp_path: Path, agent: Agent, check_mode: bool) -> None:
    (tmp_path / "vipd.conf").write_text("vrrp_instance VI_2 {\n}\n")
    with pytest.raises(RefusedError, match=rf"{tmp_path}/vipd\.conf:1:1: error: there is no vrrp_instance VI_2"):
        run(tmp_path, CONFIG, check_mode)
    (tmp_path / "vipd.conf").write_text(SLOW)
    assert run(tmp_path, CONFIG, check_mode)["changed"]
    assert files(tmp_path) == {"vipd.conf": SLOW, **({} if check_mode else {"keepalived.conf": CONFIG})}


def test_a_mistake_in_it_is_named_and_nothing_is_written(tmp_path: Path, agent: Agent) -> None:
    with pytest.raises(RefusedError, match=rf"nothing was changed:\n{tmp_path}/vipd\.conf:2:\d+: error: .*slow_start"):
        run(tmp_path, CONFIG, extensions=SLOW.replace("30", "never"))
    assert files(tmp_path) == {}


@pytest.mark.parametrize("there", [SLOW, None])
def test_both_files_come_back_when_vipd_refuses(tmp_path: Path, agent: Agent, there: str | None) -> None:
    before = {"keepalived.conf": CONFIG, **({"vipd.conf": there} if there else {})}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    agent.findings = ["interface eth9 does not exist"]
    with pytest.raises(RefusedError, match="interface eth9 does not exist"):
        run(tmp_path, CONFIG.replace("150", "160"), extensions=SLOW.replace("30", "60"))
    assert files(tmp_path) == before


def test_one_that_an_aborted_run_left_unread_is_loaded(tmp_path: Path, agent: Agent) -> None:
    for name, text in (("keepalived.conf", CONFIG), ("vipd.conf", SLOW)):
        (tmp_path / name).write_text(text)
    os.utime(tmp_path / "keepalived.conf", (1.0, 1.0))
    agent.status = {"started_at": 1.0, "configuration": {"loaded_at": 2.0}}
    assert run(tmp_path, CONFIG, extensions=SLOW)["action"] == "reload"
    assert agent.asked == ["reload"]
