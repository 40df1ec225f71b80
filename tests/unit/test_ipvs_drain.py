# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real server is drained and serves again, by vipd's director and without it; kernel and director are made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Forwarding
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_services import ServiceKey
from ansible_collections.lbha.pair.plugins.module_utils.vipd.director.table import (
    Destination,
    DestinationKey,
    SetDestination,
)
from ansible_collections.lbha.pair.plugins.modules import ipvs_info
from ansible_collections.lbha.pair.plugins.modules.ipvs_drain import (
    ByDirector,
    ByWeight,
    Clock,
    Hand,
    NotDoneError,
    Table,
    run,
)

WEB01, WEB02 = DestinationKey(IPv4Address("10.0.0.7"), 80), DestinationKey(IPv4Address("10.0.0.8"), 80)
HTTP = ServiceKey(4, "TCP", IPv4Address("10.0.0.250"), 80)
NAME = "TCP 10.0.0.250:80 -> 10.0.0.7:80"


class Kernel:
    """Two real servers; ``active`` is how many connections the first one has at each look."""

    def __init__(self) -> None:
        dr = Destination(3, Forwarding("DR"))
        self.weights = {WEB01: dr, WEB02: replace(dr, weight=1)}
        self.active: list[int] = [0]

    def services(self) -> list[ServiceKey]:
        return [HTTP]

    def destinations(self, _key: ServiceKey) -> Iterator[tuple[DestinationKey, Destination, dict[str, int]]]:
        active = self.active.pop(0) if len(self.active) > 1 else self.active[0]
        for key, destination in self.weights.items():
            yield key, destination, {"active": active if key == WEB01 else 99}

    def apply(self, change: SetDestination) -> None:
        self.weights[change.key] = change.destination


class Director:
    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.admin = "up"

    def say(self, state: str) -> dict[str, Any]:
        self.admin = state
        weight = 0 if state == "drain" else 3
        self.kernel.weights[WEB01] = replace(self.kernel.weights[WEB01], weight=weight)
        return {}

    def ask(self) -> dict[str, Any]:
        servers = [{"address": "10.0.0.7", "real_server": "10.0.0.7:80", "admin": self.admin}]
        return {"virtual_servers": [{"real_servers": servers}]}


class Fast(Clock):
    def __init__(self) -> None:
        self.time_s = 0.0

    def now(self) -> float:
        return self.time_s

    def sleep(self, seconds: float) -> None:
        self.time_s += seconds


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture(params=["director", "weight"])
def hand(request: pytest.FixtureRequest, kernel: Kernel, tmp_path: Path) -> Hand:
    if request.param == "weight":
        return ByWeight(table(kernel, tmp_path))
    director = Director(kernel)
    return ByDirector(director.say, director.ask)


def table(kernel: Any, tmp_path: Path, real_server: str = "10.0.0.7") -> Table:
    return Table(kernel, real_server, str(tmp_path / "notes.json"))


def wanted(**more: Any) -> dict[str, Any]:
    return {"state": "drained", "wait": True, "connections": 0, "timeout_s": 5.0, "undo": False, **more}


def test_drained_and_back_with_the_weight_from_before(kernel: Kernel, hand: Hand, tmp_path: Path) -> None:
    there = table(kernel, tmp_path)
    drained = run(there, hand, wanted(), False, Fast())
    assert (drained["changed"], drained["weights"]) == (True, {NAME: 0})
    assert kernel.weights[WEB02].weight == 1
    assert not run(there, hand, wanted(), False, Fast())["changed"]
    served = run(there, hand, wanted(state="serving"), False, Fast())
    assert (served["changed"], served["weights"]) == (True, {NAME: 3})
    assert not (tmp_path / "notes.json").exists()
    assert not run(there, hand, wanted(state="serving"), False, Fast())["changed"]


def test_it_waits_until_few_connections_are_left(kernel: Kernel, hand: Hand, tmp_path: Path) -> None:
    kernel.active = [9] * 4 + [5, 2]
    result = run(table(kernel, tmp_path), hand, wanted(connections=2, timeout_s=60.0), False, Fast())
    assert result["active"] == 2
    assert result["waited_s"] > 0


def test_connections_that_do_not_end(kernel: Kernel, hand: Hand, tmp_path: Path) -> None:
    kernel.active = [7]
    with pytest.raises(
        NotDoneError, match=r"after 5 s 10\.0\.0\.7 has 7 active connections, and 0 are allowed\. It stays"
    ):
        run(table(kernel, tmp_path), hand, wanted(), False, Fast())
    assert kernel.weights[WEB01].weight == 0


def test_connections_that_do_not_end_and_a_way_back(kernel: Kernel, hand: Hand, tmp_path: Path) -> None:
    kernel.active = [7]
    with pytest.raises(NotDoneError, match="It serves again"):
        run(table(kernel, tmp_path), hand, wanted(undo=True), False, Fast())
    assert kernel.weights[WEB01].weight == 3


def test_check_mode_changes_nothing_and_waits_for_nothing(kernel: Kernel, hand: Hand, tmp_path: Path) -> None:
    kernel.active = [7]
    result = run(table(kernel, tmp_path), hand, wanted(), True, Fast())
    assert (result["changed"], result["waited_s"]) == (True, 0.0)
    assert result["diff"]["after"] == f"drained\n{NAME} weight 0\n"
    assert kernel.weights[WEB01].weight == 3


@pytest.mark.parametrize("hand", ["director", "weight"], indirect=True)
def test_a_real_server_that_is_none(kernel: Kernel, hand: Hand, tmp_path: Path) -> None:
    stranger = table(kernel, tmp_path, "10.0.0.9")
    own = ByWeight(stranger) if isinstance(hand, ByWeight) else hand
    with pytest.raises(NotDoneError, match=r"the real server 10\.0\.0\.9"):
        run(stranger, own, wanted(), False, Fast())


@pytest.mark.parametrize("state", ["drained", "serving"])
def test_what_an_operator_took_down_is_left_alone(state: str, kernel: Kernel, tmp_path: Path) -> None:
    director = Director(kernel)
    director.admin = "down"
    hand = ByDirector(director.say, director.ask)
    with pytest.raises(NotDoneError, match=r"an operator has taken 10[.]0[.]0[.]7 down"):
        run(table(kernel, tmp_path), hand, wanted(state=state), False, Fast())
    assert director.admin == "down"


def test_a_node_without_ipvs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise ipvs_info.NoIpvsError

    monkeypatch.setattr(ipvs_info, "Ipvs", none)
    assert ipvs_info.table() == {"available": False, "version": "", "services": []}


def test_a_director_that_does_not_run_is_no_fault(tmp_path: Path) -> None:
    assert ipvs_info.director(str(tmp_path / "director.sock"), 1.0) == {"director": False, "virtual_servers": []}
