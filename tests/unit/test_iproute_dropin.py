# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses and rules that a unit keeps, on a kernel and a systemd that are made up of sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.modules.iproute_dropin import FailedError, Unit, absent, present

Answer = tuple[int, str, str]
DONE: Answer = (0, "", "")


def step(address: str) -> dict[str, str]:
    return {
        "start": f"address replace {address} dev lo",
        "stop": f"address delete {address} dev lo",
        "show": f"address show to {address}",
    }


FIRST, SECOND = step("10.0.0.250/32"), step("10.0.0.251/32")


class Host:
    """What ``ip`` and ``systemctl`` would have done, and were asked."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self.enabled = False
        self.active = False
        self.asked: list[str] = []

    def ip(self, *words: str) -> Answer:
        self.asked.append(" ".join(words))
        _object, verb, *rest = words
        if verb == "show":
            return (0, f"{rest[1]}\n" if rest[1] in self.addresses else "", "")
        if rest[0] == "nonsense":
            return (1, "", "Error: any valid prefix is expected\n")
        (self.addresses.add if verb == "replace" else self.addresses.discard)(rest[0])
        return DONE

    def systemctl(self, verb: str, *_words: str) -> Answer:
        if verb == "is-enabled":
            return (0 if self.enabled else 1, "", "")
        if verb == "is-active":
            return (0 if self.active else 3, "", "")
        self.enabled = {"enable": True, "disable": False}.get(verb, self.enabled)
        self.active = {"start": True, "disable": False}.get(verb, self.active)
        return DONE


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def unit(tmp_path: Path, host: Host) -> Unit:
    return Unit(str(tmp_path / "lvs.service"), "/sbin/ip", host.ip, host.systemctl)


def test_steps_are_done_at_once_and_at_boot(unit: Unit, host: Host) -> None:
    result = present(unit, "Test", [FIRST, SECOND], dry=False)
    assert result["started"] == [FIRST["start"], SECOND["start"]]
    assert host.addresses == {"10.0.0.250/32", "10.0.0.251/32"}
    assert (host.enabled, host.active) == (True, True)
    assert "ExecStart=/sbin/ip address replace 10.0.0.250/32 dev lo\n" in unit.text()
    assert not present(unit, "Test", [FIRST, SECOND], dry=False)["changed"]


def test_what_is_asked_for_no_more_goes_and_the_rest_is_not_touched(unit: Unit, host: Host) -> None:
    present(unit, "Test", [FIRST, SECOND], dry=False)
    host.asked.clear()
    assert present(unit, "Test", [SECOND], dry=False)["changed"]
    assert host.addresses == {"10.0.0.251/32"}
    assert [words for words in host.asked if "show" not in words] == [FIRST["stop"]]


def test_who_can_only_be_asked_for_everything_is_asked_what_is_in_it(unit: Unit, host: Host) -> None:
    one = {"start": "fou add port 6080 gue", "stop": "fou del port 6080", "show": "fou show", "shows": "port 6080 gue"}
    said = "port 6081 gue\n"
    unit.ip = lambda *_words: (0, said, "")
    assert unit.is_missing(one)
    said += "port 6080 gue\n"
    assert not unit.is_missing(one)
    assert "ExecStart=-/sbin/ip fou del port 6080\nExecStart=/sbin/ip fou add port 6080 gue\n" in unit.wanted("", [one])


def test_what_somebody_took_away_comes_back(unit: Unit, host: Host) -> None:
    present(unit, "Test", [FIRST], dry=False)
    host.addresses.clear()
    assert present(unit, "Test", [FIRST], dry=False)["started"] == [FIRST["start"]]
    host.enabled = False
    assert present(unit, "Test", [FIRST], dry=False)["changed"]
    assert host.enabled


def test_removal_leaves_nothing(unit: Unit, host: Host) -> None:
    present(unit, "Test", [FIRST, SECOND], dry=False)
    assert absent(unit, dry=False)["changed"]
    assert (host.addresses, host.enabled, host.active, unit.text()) == (set(), False, False, "")
    assert not absent(unit, dry=False)["changed"]


def test_check_mode_changes_nothing(unit: Unit, host: Host) -> None:
    assert present(unit, "Test", [FIRST], dry=True)["changed"]
    assert (host.addresses, unit.text()) == (set(), "")
    present(unit, "Test", [FIRST], dry=False)
    assert absent(unit, dry=True)["changed"]
    assert host.addresses == {"10.0.0.250/32"}


def test_what_the_kernel_refuses_is_told_and_no_unit_is_left(unit: Unit) -> None:
    with pytest.raises(FailedError, match="ip address replace nonsense dev lo: Error: any valid prefix is expected"):
        present(unit, "Test", [step("nonsense")], dry=False)
    assert unit.text() == ""


def test_routes_that_need_a_gateway_wait_for_the_network(unit: Unit) -> None:
    assert "network-online" not in unit.wanted("Test", [FIRST])
    route = {"start": "route replace default via 10.0.0.1 table 7", "stop": "route flush table 7", "show": "route show"}
    text = unit.wanted("Test", [route])
    assert "Wants=network-online.target\n" in text
    assert "After=systemd-modules-load.service systemd-sysctl.service network-online.target\n" in text


def test_a_rule_is_there_once_however_often_the_unit_starts(unit: Unit) -> None:
    rule = {"start": "-4 rule add priority 7", "stop": "-4 rule delete priority 7", "show": "-4 rule show priority 7"}
    lines = [line for line in unit.wanted("Test", [rule]).splitlines() if line.startswith("ExecStart")]
    assert lines == ["ExecStart=-/sbin/ip -4 rule delete priority 7", "ExecStart=/sbin/ip -4 rule add priority 7"]
