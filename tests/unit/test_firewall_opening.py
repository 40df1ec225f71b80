# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is opened in firewalld and ufw is what was closed, and that alone is closed again; on made-up firewalls.

They answer as the programs of Debian 12 did on a node.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.filter.firewall_openings import firewall_openings
from ansible_collections.lbha.pair.plugins.module_utils.deployed_file import DeployedFile
from ansible_collections.lbha.pair.plugins.module_utils.firewalls import (
    Firewalld,
    FirewallError,
    Opening,
    Ufw,
    active,
)
from ansible_collections.lbha.pair.plugins.modules.firewall_opening import run, run_without

VRRP = Opening("eth0", "vrrp")
WEB = Opening("eth0", "tcp", 80)
OURS = {VRRP, WEB}


class FirewallCmd:
    """Zone dmz has eth0; the default one is public."""

    def __init__(self, open_now: set[str] | None = None, open_then: set[str] | None = None) -> None:
        self.questions: list[str] = []
        self.open = {"now": {*(open_now or ())}, "then": {*(open_then or ())}}

    def __call__(self, argv: Sequence[str]) -> tuple[int, str, str]:
        program, *words = argv
        if program != "firewall-cmd":
            return 127, "", "there is none"
        if words == ["--state"]:
            return 0, "running\n", ""
        if words[0].startswith("--get"):
            self.questions.append(words[0])
        if words[0].startswith("--get-zone"):
            return (0, "dmz\n", "") if words[0].endswith("=eth0") else (2, "no zone\n", "")
        if words[0] == "--get-default-zone":
            return 0, "public\n", ""
        scope = "then" if words[0] == "--permanent" else "now"
        zone, verb = (words[1:] if scope == "then" else words)[-2:]
        verb, what = verb.removeprefix("--").split("-", 1)
        return self.do(verb, self.open[scope], f"{zone.removeprefix('--zone=')} {what}")

    def do(self, verb: str, there: set[str], what: str) -> tuple[int, str, str]:
        if "=nonsense" in what:
            return 103, "", "Error: INVALID_PROTOCOL: nonsense\n"
        if verb == "query":
            return (0, "yes\n", "") if what in there else (1, "no\n", "")
        (there.add if verb == "add" else there.remove)(what)
        return 0, "success\n", ""


class UfwProgram:
    def __init__(self, *rules: str, status: str = "active") -> None:
        self.rules = [*rules]
        self.status = status

    def __call__(self, argv: Sequence[str]) -> tuple[int, str, str]:
        program, *words = argv
        if program != "ufw":
            return 127, "", "there is none"
        if words == ["status"]:
            return 0, f"Status: {self.status}\n", ""
        if "sctp" in words:
            return 1, "", "ERROR: Unsupported protocol 'sctp'\n"
        options = {word for word in words if word.startswith("--")}
        rule = " ".join(word for word in words if word not in (*options, "delete"))
        if "delete" in words:
            self.rules.remove(rule)
            return 0, "Rule deleted\nRule deleted (v6)\n", ""
        if rule in self.rules:
            return 0, "Skipping adding existing rule\nSkipping adding existing rule (v6)\n", ""
        if "--dry-run" not in options:
            self.rules.append(rule)
        return 0, "Rule added\nRule added (v6)\n", ""


@pytest.fixture
def record(tmp_path: Path) -> DeployedFile:
    return DeployedFile(str(tmp_path / "opened.json"))


def opened(program: Any, wanted: set[Opening], record: DeployedFile, dry: bool = False) -> dict[str, Any]:
    firewall = active(program)
    assert firewall is not None
    return run(firewall, wanted, record, dry)


@pytest.mark.parametrize("program", [FirewallCmd(), UfwProgram()])
def test_the_one_that_is_active_is_found(program: Any) -> None:
    assert isinstance(active(program), Firewalld if isinstance(program, FirewallCmd) else Ufw)


def test_there_may_be_none() -> None:
    assert active(UfwProgram(status="inactive")) is None


def test_firewalld_is_opened_now_and_for_good(record: DeployedFile) -> None:
    program = FirewallCmd()
    assert opened(program, OURS, record)["opened"] == ["80/tcp at eth0", "vrrp at eth0"]
    assert program.open["now"] == program.open["then"] == {"dmz protocol=vrrp", "dmz port=80/tcp"}
    assert program.questions == ["--get-zone-of-interface=eth0"]
    assert not opened(program, OURS, record)["changed"]


def test_an_interface_of_no_zone_is_the_default_zone_s(record: DeployedFile) -> None:
    program = FirewallCmd()
    opened(program, {Opening("eth1", "vrrp"), Opening("", "udp", 8848)}, record)
    assert program.open["now"] == {"public protocol=vrrp", "public port=8848/udp"}


def test_what_is_open_until_the_next_start_only_is_opened_for_good(record: DeployedFile) -> None:
    program = FirewallCmd(open_now={"dmz protocol=vrrp"})
    assert opened(program, {VRRP}, record)["opened"] == ["vrrp at eth0"]
    assert program.open["then"] == {"dmz protocol=vrrp"}


def test_ufw_is_opened_for_the_interface(record: DeployedFile) -> None:
    program = UfwProgram()
    opened(program, OURS, record)
    assert set(program.rules) == {"allow in on eth0 proto vrrp from any", "allow in on eth0 proto tcp to any port 80"}
    assert not opened(program, OURS, record)["changed"]


@pytest.mark.parametrize("dry", [True, False])
def test_only_what_was_closed_before_is_closed_again(record: DeployedFile, dry: bool) -> None:
    program = FirewallCmd({"dmz port=80/tcp"}, {"dmz port=80/tcp"})
    opened(program, OURS, record)
    told = opened(program, set(), record, dry)
    assert (told["changed"], told["closed"]) == (True, ["vrrp at eth0"])
    left = {"dmz port=80/tcp", *({"dmz protocol=vrrp"} if dry else ())}
    assert program.open["now"] == program.open["then"] == left
    assert bool(record.text()) is dry


def test_a_service_that_is_gone_is_closed(record: DeployedFile) -> None:
    program = UfwProgram()
    opened(program, OURS, record)
    assert opened(program, {VRRP}, record)["closed"] == ["80/tcp at eth0"]
    assert program.rules == ["allow in on eth0 proto vrrp from any"]
    assert [one["protocol"] for one in json.loads(record.text())] == ["vrrp"]


def test_what_another_interface_of_the_zone_still_needs_stays_open(record: DeployedFile) -> None:
    program = FirewallCmd()
    two = {Opening("eth1", "vrrp"), Opening("eth2", "vrrp")}
    opened(program, two, record)
    assert not opened(program, {Opening("eth1", "vrrp")}, record)["changed"]
    assert program.open["now"] == {"public protocol=vrrp"}
    opened(program, set(), record)
    assert program.open == {"now": set(), "then": set()}


def test_check_mode_opens_nothing(record: DeployedFile) -> None:
    program = UfwProgram()
    assert opened(program, OURS, record, dry=True)["opened"] == ["80/tcp at eth0", "vrrp at eth0"]
    assert (program.rules, record.text()) == ([], "")


@pytest.mark.parametrize(
    ("program", "opening", "expected"),
    [
        (FirewallCmd(), Opening("eth0", "nonsense"), "firewall-cmd says of nonsense at eth0: Error: INVALID_PROTOCOL"),
        (UfwProgram(), Opening("eth0", "sctp", 80), "fails for 80/sctp at eth0: ERROR: Unsupported protocol 'sctp'"),
    ],
)
def test_a_refusal_is_told_and_nothing_is_noted(
    record: DeployedFile, program: Any, opening: Opening, expected: str
) -> None:
    with pytest.raises(FirewallError, match=expected):
        opened(program, {opening}, record)
    assert record.text() == ""


def test_a_firewall_that_was_turned_off_meanwhile_is_told_of(record: DeployedFile) -> None:
    opened(UfwProgram(), {VRRP}, record)
    assert not run_without(record, {VRRP}, dry=False)["changed"]
    told = run_without(record, set(), dry=False)
    assert told["warnings"] == ["no firewall is active that could be told to close again: vrrp at eth0"]
    assert record.text() == ""
    assert not run_without(record, set(), dry=False)["changed"]


DIRECTOR = """
global_defs {
    lvs_sync_daemon eth1 VI_1
}
vrrp_instance VI_1 {
    interface eth1
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.0.0.3/24 dev eth0
    }
}
virtual_server_group G {
    10.0.0.3 443
    fwmark 7
}
virtual_server 10.0.0.3 53 {
    protocol UDP
    real_server 10.0.0.7 53 {
    }
}
virtual_server group G {
    protocol TCP
    real_server 10.0.0.7 443 {
    }
}
virtual_server 10.0.0.3 69 {
    real_server 10.0.0.7 69 {
    }
}
virtual_server fwmark 8 {
    real_server 10.0.0.7 80 {
    }
}
"""


def test_a_director_has_to_hear_vrrp_its_services_and_the_other_s_connections() -> None:
    assert [str(Opening.of(one)) for one in firewall_openings(DIRECTOR)] == [
        "vrrp at eth1",
        "53/udp at eth0",
        "53/udp at eth1",
        "443/tcp at eth0",
        "443/tcp at eth1",
        "69/udp at eth0",
        "69/udp at eth1",
        "8848/udp at eth1",
    ]
