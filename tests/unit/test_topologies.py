# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of docs/topologies.md: each makes a plan, and says of it what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "topologies.md"
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# By section: who holds what when all are well.
HOLDERS = {
    "One host works": {"10.0.0.3": "lb01"},
    "All hosts work": {"10.0.0.3": "lb01", "10.0.0.4": "lb02", "10.0.0.8": "lb03", "10.0.0.9": "lb02"},
    "Both families": {"10.0.0.3": "lb01", "2001:db8::3": "lb01"},
    "Several clusters on the same hosts": {"10.0.0.3": "lb01", "10.9.0.3": "lb02"},
    "Inside and outside": {"192.0.2.3": "gw01", "10.0.0.1": "gw01"},
    "Unicast": {"10.0.0.3": "lb01", "fd00::3": "lb01", "10.0.0.4": "lb02", "10.0.0.10": "lb03"},
    "A pair of databases": {"10.0.0.20": "db01"},
    "When the network may part the hosts": {"10.0.0.3": "lb01"},
}


def inventory(section: str) -> dict[str, Any]:
    text = dict(SECTION.findall(DOCUMENT.read_text()))[section]
    found: dict[str, Any] = yaml.safe_load(YAML.findall(text)[0])
    return found


def planned(section: str, directory: Path) -> dict[str, Any]:
    (group,) = inventory(section).values()
    given = group["vars"]
    (topology,) = {name.removesuffix("_vips") for name in given if name.endswith("_vips")}
    hosts = {name: {**given, **own} for name, own in group["hosts"].items()}
    first = next(iter(hosts))
    judged = (topology, "vipd_extensions", "vipd_provider", "vipd_unicast")
    return pair_plan(
        {name: value for name, value in given.items() if name.startswith(judged)},
        topology, hostvars=hosts, host=first, play_hosts=list(hosts), inventory_dir=str(directory),
    )  # fmt: skip


def test_every_section_is_looked_at() -> None:
    elsewhere = {"Several pairs in one inventory"}  # test_several_pairs.py
    assert dict(SECTION.findall(DOCUMENT.read_text())).keys() - elsewhere == HOLDERS.keys()


@pytest.mark.parametrize("section", HOLDERS)
def test_the_example_makes_the_plan_that_the_page_describes(section: str, tmp_path: Path) -> None:
    assert planned(section, tmp_path)["holders"] == HOLDERS[section]


@pytest.mark.parametrize(("section", "group"), [("Unicast", "lb"), ("A pair of databases", "db")])
def test_the_scenario_deploys_what_the_page_shows(section: str, group: str) -> None:
    scenario = yaml.safe_load((ROOT / "molecule" / "topologies" / "inventory.yml").read_text())
    assert inventory(section)[group] == scenario[group]


def test_priorities_go_down_the_list_of_hosts(tmp_path: Path) -> None:
    hosts = planned("One host works", tmp_path)["hosts"]
    assert [host["config"]["instances"][0]["priority"] for host in hosts.values()] == [150, 100, 90]


def test_each_cluster_has_its_own(tmp_path: Path) -> None:
    web, mail = planned("Several clusters on the same hosts", tmp_path)["hosts"]["lb01"]["config"]["instances"]
    assert [(one["interface"], one["nopreempt"]) for one in (web, mail)] == [("eth0", False), ("eth1", True)]
    assert [track["name"] for one in (web, mail) for track in one["tracks"]["scripts"]] == ["web", "mail"]


def test_the_databases_are_both_backup(tmp_path: Path) -> None:
    hosts = planned("A pair of databases", tmp_path)["hosts"]
    assert [host["config"]["instances"][0]["state"] for host in hosts.values()] == ["BACKUP", "BACKUP"]
