# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two masters, no master, nodes that say nothing and tables that lead astray are seen when all nodes are looked at."""

from __future__ import annotations

from typing import Any

from ansible_collections.lbha.pair.plugins.plugin_utils.pair_state import pair_state

VIP = "10.0.0.3"
MACS = {"lb01": "52:54:00:00:00:05", "lb02": "52:54:00:00:00:06"}


def node(host: str, held: bool, **other: Any) -> dict[str, Any]:
    instance = {"state": "MASTER" if held else "BACKUP", "vips": [VIP], "stale": False}
    plain = {"provider": "vipd", "running": True, "maintenance": False, "maintenance_reason": "", "faults": []}
    its = {"vips": [VIP], "held": [VIP] if held else [], "macs": {VIP: MACS[host]} if held else {}}
    return {**plain, **its, "instances": [instance], **other}


def pair(one: bool = True, other: bool = False) -> dict[str, Any]:
    return {"lb01": node("lb01", one), "lb02": node("lb02", other)}


def neighbour(mac: str, *state: str) -> dict[str, Any]:
    return {"dst": VIP, "lladdr": mac, "state": list(state)}


def test_a_healthy_pair_leaves_no_doubt() -> None:
    state = pair_state(pair())
    assert (state.holders, state.ready, state.doubts) == ({VIP: ["lb01"]}, {VIP: ["lb02"]}, [])


def test_two_holders_and_none() -> None:
    assert pair_state(pair(True, True)).violations == ["10.0.0.3 is on lb01 and lb02"]
    assert pair_state(pair(False, False)).violations == ["10.0.0.3 is on no node"]


def test_a_node_that_cannot_be_reached_proves_nothing() -> None:
    seen = {**pair(), "lb02": {"unreachable": True, "msg": "timed out"}}
    (found,) = pair_state(seen).violations
    assert found == "lb02 cannot be reached, so nobody knows what it holds: timed out"
    assert "nobody is ready to take 10.0.0.3 over from lb01" in pair_state(seen).doubts
    failed = {**pair(), "lb02": {"failed": True, "msg": "ip(8) is not there"}}
    assert pair_state(failed).violations == ["lb02 cannot be looked at: ip(8) is not there"]


def test_nothing_that_is_deployed_is_no_proof() -> None:
    empty = node("lb01", held=False, vips=[], instances=[])
    assert "has the pair been deployed" in pair_state({"lb01": empty}).violations[0]


def test_maintenance_is_a_doubt_and_no_violation() -> None:
    seen = {**pair(), "lb02": node("lb02", held=False, maintenance=True, maintenance_reason="new disk")}
    state = pair_state(seen)
    assert state.violations == []
    assert state.doubts[0] == "lb02 is in maintenance (new disk); it ends with vipctl maintenance off"
    assert state.ready == {VIP: []}


def test_a_backup_that_hears_nothing_is_not_ready() -> None:
    seen = {**pair(), "lb02": node("lb02", held=False, faults=["VI_1 heard its master 4.0 s ago"])}
    seen["lb02"]["instances"][0]["stale"] = True
    assert pair_state(seen).ready == {VIP: []}
    assert "lb02: VI_1 heard its master 4.0 s ago" in pair_state(seen).doubts


def test_keepalived_that_runs_counts_as_a_backup() -> None:
    seen = {**pair(), "lb02": node("lb02", held=False, provider="keepalived", maintenance=None)}
    assert pair_state(seen).ready == {VIP: ["lb02"]}


def test_a_third_hosts_table_must_lead_to_the_holder() -> None:
    right = neighbour(MACS["lb01"].upper(), "STALE")
    wrong = neighbour(MACS["lb02"], "REACHABLE")
    gone = neighbour(MACS["lb02"], "FAILED")
    assert pair_state(pair(), [right, gone, {"dst": VIP, "state": ["INCOMPLETE"]}], "web01").violations == []
    (found,) = pair_state(pair(), [wrong], "web01").violations
    assert found == "web01 sends packets for 10.0.0.3 to 52:54:00:00:00:06, but lb01 is 52:54:00:00:00:05"
