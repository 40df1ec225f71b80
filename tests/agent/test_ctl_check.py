# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``vipctl check``: what it prints and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from vipd import ctl

GOOD = """\
vrrp_instance A {
interface lo
virtual_router_id 51
priority 150
virtual_ipaddress {
10.0.0.3/24
}
}
"""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    path = tmp_path / "lb01.conf"
    path.write_text(GOOD)
    return path


def test_a_good_file_is_silent(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ctl.main(["check", str(node)]) == 0
    assert ctl.main(["check", "--here", str(node)]) == 0
    assert capsys.readouterr().out == ""


def test_findings_have_a_place_and_a_remedy(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node.write_text(node.read_text().replace("priority", "priorty"))
    assert ctl.main(["check", str(node)]) == 5
    assert capsys.readouterr().out == f"{node}:4:1: error: unknown keyword 'priorty'; did you mean priority?\n"
    assert ctl.main(["check", "--format", "json", str(node)]) == 5
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {
        "severity": "error",
        "file": str(node),
        "line": 4,
        "column": 1,
        "message": "unknown keyword 'priorty'",
        "remedy": "did you mean priority?",
        "keepalived_says_so": True,
    }


def test_two_nodes_are_compared(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = node.with_name("lb02.conf")
    other.write_text(node.read_text().replace("51", "52"))
    assert ctl.main(["check", str(node), str(other)]) == 5
    assert f"10.0.0.3 has the virtual_router_id 52, but 51 at {node}:6:1" in capsys.readouterr().out


def test_what_is_wrong_within_one_file_is_told_once(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node.write_text(node.read_text() + node.read_text().replace("A {", "B {").replace("51", "52"))
    assert ctl.main(["check", str(node)]) == 5
    (told,) = capsys.readouterr().out.splitlines()
    assert "B: 10.0.0.3 is an address of A too" in told


def test_a_warning_is_an_error_to_keepalived(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node.write_text(node.read_text().replace("priority 150", "priority 255\nnopreempt"))
    assert ctl.main(["check", str(node)]) == 0
    assert ctl.main(["check", "--as", "keepalived", str(node)]) == 5


def test_what_only_vipd_says_is_nothing_to_keepalived(node: Path) -> None:
    node.write_text(node.read_text().replace("10.0.0.3/24", "10.0.0.3/24\n10.0.0.3/24"))
    assert ctl.main(["check", str(node)]) == 5
    assert ctl.main(["check", "--as", "keepalived", str(node)]) == 0


def test_scripts_without_security(node: Path) -> None:
    node.write_text(
        "vrrp_script s { script /bin/true }\n" + node.read_text().replace("}\n}", "}\ntrack_script {\ns\n}\n}")
    )
    assert ctl.main(["check", str(node)]) == 0
    assert ctl.main(["check", "--as", "keepalived", str(node)]) == 6
    node.write_text("global_defs {\nenable_script_security\n}\n" + node.read_text())
    assert ctl.main(["check", "--as", "keepalived", str(node)]) == 0


@pytest.mark.parametrize("flags", [[], ["--as", "keepalived"]])
def test_what_cannot_be_read(node: Path, flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    missing = node.with_name("lb09.conf")
    assert ctl.main(["check", *flags, str(node), str(missing)]) == 4
    assert f"cannot read '{missing}'" in capsys.readouterr().out


def test_programs_that_this_node_cannot_run(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node.write_text(node.read_text().replace("priority 150", "notify /nowhere/x"))
    assert ctl.main(["check", str(node)]) == 0
    assert ctl.main(["check", "--here", str(node)]) == 5
    assert f"{node}:1:1: error: vrrp_instance A cannot run /nowhere/x: No such file" in capsys.readouterr().out
    assert ctl.main(["check", "--as", "keepalived", str(node)]) == 0, "keepalived leaves it out and says nothing"


def test_what_this_node_is_itself(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node.write_text(node.read_text().replace("priority 150", "unicast_peer {\n127.0.0.1\n}"))
    assert ctl.main(["check", str(node)]) == 0
    assert ctl.main(["check", "--here", str(node)]) == 0
    assert "A: the peer 127.0.0.1 is an address of this node; name only the other nodes" in capsys.readouterr().out


def test_no_secret_is_told_across_files_either(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, number in ((node, 51), (node.with_name("lb02.conf"), 52)):
        text = GOOD.replace("51", str(number)).replace("vrrp_instance A", "vrrp_instance hunter2")
        path.write_text(text.replace("priority 150", "authentication {\nauth_type PASS\nauth_pass hunter2\n}"))
    assert ctl.main(["check", str(node), str(node.with_name("lb02.conf"))]) == 5
    told = capsys.readouterr().out
    assert "vrrp_instance ***: no other node has" in told
    assert "hunter2" not in told
