# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan that numbers VIPs anew is seen, and what would keep their numbers is told.

What nodes have is what ``vip_info`` makes of an earlier plan: see ``told`` for who tells how much.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.filter.renumbering import changes
from ansible_collections.lbha.pair.plugins.module_utils import node_vips
from vipd.config.parse import parse
from vipd.core.events import ConfigLoaded
from vipd.core.router import Router
from vipd.core.snapshot import snapshot

from tests.unit.agents import Node

HOSTS = {"lb01": {"ansible_host": "10.0.0.5"}, "lb02": {"ansible_host": "10.0.0.6"}}
THREE = {"address": "10.0.0.3/24", "instance": "WEB"}
FOUR = {"address": "10.0.0.4/24", "instance": "MAIL"}
SIX = {"address": "2001:db8::4/64", "instance": "MAIL"}
NOTHING: dict[str, list[str]] = {"changes": [], "pins": []}


def planned(topology: str, *vips: Any, **more: Any) -> dict[str, Any]:
    settings = {"vips": list(vips), **more}
    given = {f"{topology}_{name}": value for name, value in settings.items()}
    return pair_plan(given, topology, hostvars=HOSTS, host="lb01", play_hosts=list(HOSTS))


class Told:
    """What ``vip_info`` returns on a node that runs what was planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
        self.patch, self.place = monkeypatch, place

    def agent(self, plan: dict[str, Any], *unknown: str) -> dict[str, Any]:
        """vipd; of an older release ``unknown`` is not there to be asked."""

        def status(text: str) -> dict[str, Any]:
            router = Router()
            router.handle(ConfigLoaded(parse(text).config), 0.0)
            said = json.loads(json.dumps(snapshot(router, 0.0)))
            for one in said["instances"]:
                for name in unknown:
                    del one[name]
            return {**said, "history": []}

        said = {host: status(of["text"]) for host, of in plan["hosts"].items()}
        return {host: self._look(Node(), lambda *_, its=its: its) for host, its in said.items()}

    def keepalived(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Its file is all that is known."""
        node = Node()
        node.units = {"keepalived": "active"}
        found = {}
        for host, of in plan["hosts"].items():
            path = self.place / f"{host}.conf"
            path.write_text(of["text"])
            self.patch.setattr(node_vips, "CONFIGURATIONS", {"keepalived": str(path)})
            found[host] = self._look(node, node.ask)
        return found

    def _look(self, node: Node, ask: Any) -> dict[str, Any]:
        self.patch.setattr(node_vips, "ask", ask)
        return json.loads(json.dumps(node_vips.look(node)))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Told:
    return Told(monkeypatch, tmp_path)


def test_the_same_plan_changes_nothing(told: Told) -> None:
    plan = planned("dual_master", THREE, FOUR, SIX)
    for seen in (told.agent(plan), told.keepalived(plan)):
        assert seen["lb01"]["instances"][1]["virtual_router_id"] == 52
        assert changes(plan, "dual_master", seen) == NOTHING


def test_one_that_goes_from_the_end_or_comes_at_the_end(told: Told) -> None:
    one, both = planned("dual_master", "10.0.0.3/24"), planned("dual_master", "10.0.0.3/24", "10.0.0.4/24")
    assert changes(one, "dual_master", told.agent(both)) == NOTHING
    assert changes(both, "dual_master", told.agent(one)) == NOTHING


@pytest.mark.parametrize(
    ("topology", "before", "after"),
    [
        ("dual_master", ["10.0.0.3/24", "10.0.0.4/24"], ["10.0.0.4/24"]),
        ("dual_master", [THREE, FOUR], [FOUR]),
        ("single_master", [THREE, FOUR], [FOUR]),
    ],
)
def test_one_that_goes_from_the_front(told: Told, topology: str, before: list[Any], after: list[Any]) -> None:
    plan, now = planned(topology, *after), planned(topology, *before)
    pin = f"{topology}_instances[0].virtual_router_id: 52"
    expected = {"changes": ["10.0.0.4 from VRID 52 to VRID 51 on lb01 and lb02"], "pins": [pin]}
    assert changes(plan, topology, told.agent(now)) == expected
    assert changes(plan, topology, told.keepalived(now)) == expected
    assert changes(plan, topology, told.agent(now, "family")) == expected, "of the first release"
    pinned = planned(topology, *after, instances=[{"virtual_router_id": 52}])
    assert changes(pinned, topology, told.agent(now)) == NOTHING


def test_an_agent_that_tells_no_number_is_not_compared(told: Told) -> None:
    seen = told.agent(planned("single_master", THREE, FOUR), "vrid")
    assert changes(planned("single_master", FOUR), "single_master", seen) == NOTHING


def test_one_that_comes_at_the_front(told: Told) -> None:
    """The pins are such that the plan is right with them: the new one gets a number that no other has."""
    seen = told.agent(planned("single_master", THREE, FOUR))
    new = {"address": "10.0.0.9/24", "instance": "NEW"}
    found = changes(planned("single_master", new, THREE, FOUR), "single_master", seen)
    name = "single_master_instances[{}].virtual_router_id: {}".format
    assert found["pins"] == [name(0, 54), name(1, 51), name(2, 52)]
    pins = [{"virtual_router_id": vrid} for vrid in (54, 51, 52)]
    pinned = planned("single_master", new, THREE, FOUR, instances=pins)
    assert changes(pinned, "single_master", seen) == NOTHING


def test_the_family_of_adverts_counts(told: Told) -> None:
    """The IPv6 address of both families goes with adverts over IPv4, and alone with its own."""
    both = planned("single_master", FOUR, SIX)
    found = changes(planned("single_master", SIX), "single_master", told.agent(both))
    expected = "2001:db8::4 from adverts over IPv4 to adverts over IPv6 on lb01 and lb02"
    assert found == {"changes": [expected], "pins": []}
    assert changes(planned("single_master", FOUR), "single_master", told.agent(both)) == NOTHING


def test_the_interface_counts(told: Told) -> None:
    now = planned("single_master", THREE, FOUR, instances=[{}, {"interface": "eth1"}])
    found = changes(planned("single_master", FOUR), "single_master", told.keepalived(now))
    expected = "10.0.0.4 from VRID 52, interface eth1 to VRID 51, interface eth0 on lb01 and lb02"
    assert found == {"changes": [expected], "pins": []}


def test_vips_that_come_together_or_part_cannot_be_pinned(told: Told) -> None:
    one, two = planned("single_master", "10.0.0.3/24", "10.0.0.4/24"), planned("single_master", THREE, FOUR)
    found = changes(one, "single_master", told.agent(two))
    assert found == {"changes": ["10.0.0.4 from VRID 52 to VRID 51 on lb01 and lb02"], "pins": []}
    found = changes(two, "single_master", told.agent(one))
    assert found == {"changes": ["10.0.0.4 from VRID 51 to VRID 52 on lb01 and lb02"], "pins": []}


class TestOfThoseThatAreLeftOut:
    """``--limit``: what a node that is deployed has now does not matter."""

    def test_only_they_keep_what_they_have(self, told: Told) -> None:
        before, after = planned("single_master", THREE, FOUR), planned("single_master", FOUR)
        seen = {"lb01": told.agent(after)["lb01"], "lb02": told.agent(before)["lb02"]}
        assert changes(after, "single_master", seen, ["lb02"]) == NOTHING, "it completes what was begun"
        (found,) = changes(after, "single_master", seen, ["lb01"])["changes"]
        assert found == "10.0.0.4 from VRID 52 to VRID 51 on lb02"

    def test_a_silent_one_has_what_the_others_have(self, told: Told) -> None:
        before, after = planned("single_master", THREE, FOUR), planned("single_master", FOUR)
        seen = {"lb01": told.agent(before)["lb01"], "lb02": {"unreachable": True, "msg": "timed out"}}
        (found,) = changes(after, "single_master", seen, ["lb01"])["changes"]
        assert found == "10.0.0.4 from VRID 52 to VRID 51 on lb01"
        assert changes(before, "single_master", seen, ["lb01"]) == NOTHING

    def test_nothing_is_known_of_nodes_that_have_nothing(self) -> None:
        plan = planned("single_master", FOUR)
        seen: dict[str, Any] = {"lb01": {"instances": []}, "lb02": {"unreachable": True}}
        assert changes(plan, "single_master", seen, ["lb01"]) == NOTHING
        assert changes(plan, "single_master", {}) == NOTHING
