# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One configuration, all that a role can say: the same holders, addresses, routes and rules whichever program runs it.

The pair is deployed as vipd, mixed, as keepalived, and mixed the other way round, as a person would: one node after the
other, with --limit. Each time the first node's daemon is stopped and started again. The tests run in their order; the
first one's observations are what the others must equal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.lab import Lab, Node

NODES = ("lb01", "lb02")
SETTLED_S = 60.0  # a start waits for vrrp_startup_delay, an instance for preempt_delay
STEADY_S = 1.0
# Each with the host that is deployed anew.
STAGES = (
    (("vipd", "vipd"), "all"),
    (("vipd", "keepalived"), "lb02"),
    (("keepalived", "keepalived"), "lb01"),
    (("keepalived", "vipd"), "lb02"),
)
INVENTORY = Path(__file__).parents[1] / "inventory.yml"
VIPS: list[dict[str, Any]] = yaml.safe_load(INVENTORY.read_text())["lb"]["vars"]["dual_master_vips"]
STAYING = "10.0.0.23"  # with nopreempt: whoever has it keeps it
EXCLUDED = {"10.0.0.41": "10.0.0.21"}  # goes with
KEEPALIVED = ("18", "keepalived")  # in whose name routes and rules are set, as a number or by iproute2's table


@dataclass(frozen=True)
class Seen:
    """What all nodes' kernels show: each address in full with its holder, and what else was set."""

    addresses: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]

    def holders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {vip: [] for vip in expected()}
        for node, address in self.addresses:
            found[json.loads(address)["local"]].append(node)
        return found


def expected() -> dict[str, str]:
    """Each VIP's preferred node."""
    preferred = {vip["address"].partition("/")[0]: vip["preferred"] for vip in VIPS}
    return {**preferred, **{vip: preferred[other] for vip, other in EXCLUDED.items()}}


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


def look(lab: Lab) -> Seen:
    with ThreadPoolExecutor(len(NODES)) as threads:
        found = list(threads.map(look_at, (lab[name] for name in NODES)))
    addresses, others = zip(*found, strict=True)
    return Seen(tuple(sorted(sum(addresses, ()))), tuple(sorted(sum(others, ()))))


def look_at(node: Node) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    listed = json.loads(node.run("ip", "-json", "address").stdout)
    vips = [
        {
            "dev": link["ifname"],
            **{name: one.get(name) for name in ("local", "prefixlen", "broadcast", "scope", "label")},
        }
        for link in listed
        for one in link["addr_info"]
        if one["local"] in expected()
    ]
    routes = json.loads(node.run("ip", "-json", "route", "show", "table", "all").stdout)
    rules = json.loads(node.run("ip", "-json", "rule").stdout)
    others = [{name: one.get(name) for name in ("dst", "gateway", "dev")} for one in routes
              if one.get("protocol") in KEEPALIVED]  # fmt: skip
    others += [one for one in rules if one["priority"] == 100]
    for one in others:
        one.pop("protocol", None)
    return in_words(node, vips), in_words(node, others)


def in_words(node: Node, found: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((node.name, json.dumps(one, sort_keys=True)) for one in found)


def settled(lab: Lab, right: Callable[[dict[str, list[str]]], bool]) -> Seen:
    """What is seen once it has been right, and the same, for a while."""
    until_s = time.monotonic() + SETTLED_S
    seen, since_s = look(lab), time.monotonic()
    while time.monotonic() - since_s < STEADY_S:
        time.sleep(0.2)
        now = look(lab)
        if now != seen or not right(now.holders()):
            seen, since_s = now, time.monotonic()
        assert time.monotonic() < until_s, f"held are {seen.holders()}, preferred {expected()}"
    return seen


def at_rest(holders: Mapping[str, list[str]], staying: str = "") -> bool:
    """Every VIP is on the node that it prefers; the one that stays is on one node, or on that which has it now."""
    first = len(holders[STAYING]) == 1 if not staying else holders[STAYING] == [staying]
    return first and all(holders[vip] == [node] for vip, node in expected().items() if vip != STAYING)


def deploy(tmp_path: Path, providers: tuple[str, str], limit: str) -> str:
    """What Ansible said."""
    play = [{"hosts": "lb", "gather_facts": False, "become": True, "roles": ["lbha.pair.dual_master"]}]
    (tmp_path / "deploy.yml").write_text(yaml.safe_dump(play))
    hosts = {name: {"vipd_provider": provider} for name, provider in zip(NODES, providers, strict=True)}
    (tmp_path / "providers.yml").write_text(yaml.safe_dump({"lb": {"hosts": hosts}}))
    inventories = [*os.environ["ANSIBLE_INVENTORY"].split(","), str(tmp_path / "providers.yml")]
    name = Path(sys.executable).parent / "ansible-playbook"
    words = [word for path in inventories for word in ("-i", path)]
    done = subprocess.run(
        [name, str(tmp_path / "deploy.yml"), "--limit", limit, *words],
        capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(node: Node, verb: str, service: str) -> None:
    """Until systemd has done it: keepalived cuts its caller off once (docs/troubleshooting.md)."""
    wanted = {"stop": "inactive", "start": "active"}[verb]
    until_s = time.monotonic() + SETTLED_S
    while node.run("systemctl", "is-active", service, check=False).stdout.strip() != wanted:
        assert time.monotonic() < until_s, f"{service} of {node.name} is not {wanted}"
        node.run("systemctl", verb, service, check=False)


FIRST: dict[str, Seen] = {}  # what the first stage showed


@pytest.mark.parametrize(("providers", "limit"), STAGES)
def test_the_same_node_holds_the_same(lab: Lab, providers: tuple[str, str], limit: str, tmp_path: Path) -> None:
    deploy(tmp_path, providers, limit)
    for name, provider in zip(NODES, providers, strict=True):
        assert lab[name].run("systemctl", "is-active", provider).stdout.strip() == "active"
    settled(lab, at_rest)
    told(lab["lb01"], "stop", providers[0])
    alone = settled(lab, lambda holders: all(nodes == ["lb02"] for nodes in holders.values()))
    assert alone == FIRST.setdefault("alone", alone)
    told(lab["lb01"], "start", providers[0])
    again = settled(lab, lambda holders: at_rest(holders, staying="lb02"))
    assert again == FIRST.setdefault("again", again)


def test_what_an_aborted_run_wrote_for_keepalived_is_read_by_the_next(lab: Lab, tmp_path: Path) -> None:
    """lb01 runs keepalived now. Nobody but systemd knows when it last read its file."""
    providers, _limit = STAGES[-1]
    assert "Reload keepalived" not in deploy(tmp_path, providers, "lb01")
    lab["lb01"].run("touch", "/etc/keepalived/keepalived.conf")
    assert "Reload keepalived" in deploy(tmp_path, providers, "lb01")
    assert "Reload keepalived" not in deploy(tmp_path, providers, "lb01")
    assert settled(lab, lambda holders: at_rest(holders, staying="lb02")) == FIRST["again"]
