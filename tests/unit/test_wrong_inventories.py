# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong inventories, each stopped before a node is touched, with a text that says what to change.

Every one is judged by the filters that the roles ask first; some, and those that no filter sees, are run by the very
playbook that people run. No node exists there: its name leads nowhere, so a play that went on would fail as
unreachable.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.filter.proxy_plan import proxy_plan

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = {"ansible_ssh_common_args": "-F /dev/null -o ProxyCommand=false"}
VIP = "10.0.0.3/24"
FIRST, SECOND = "first-host", "second-host"  # until a case gets hosts of its own


@dataclass(frozen=True)
class Wrong:
    """``given`` is for the group; ``first`` and ``second`` are for its two hosts."""

    title: str
    expected: str
    given: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, Any] = field(default_factory=dict)
    second: Mapping[str, Any] = field(default_factory=dict)


def single(title: str, expected: str, **given: Any) -> Wrong:
    """Of a pair that is right but for what is given."""
    return Wrong(title, expected, {"single_master_vips": [VIP], **given})


def dual(title: str, expected: str, **given: Any) -> Wrong:
    vips = [{"address": VIP, "preferred": FIRST}, {"address": "10.0.0.4/24"}]
    return Wrong(title, expected, {"dual_master_vips": vips, **given})


GATEWAY = [{"address": "192.0.2.3/24", "instance": "OUT"}, {"address": VIP, "instance": "IN"}]

CASES = (
    Wrong("no VIP at all", "Set either single_master_vips", {}),
    single("two topologies at once", "Set either single_master_vips", dual_master_vips=["10.0.0.4/24"]),
    single("a VIP that is no address", "'10.0.0.300/24' is not an IPv4 address", single_master_vips=["10.0.0.300/24"]),
    single("a VIP without a prefix length", "'10.0.0.3' has no prefix length", single_master_vips=["10.0.0.3"]),
    single("the broadcast address", "is the broadcast address of 10.0.0.0/24", single_master_vips=["10.0.0.255/24"]),
    single("a VIP twice", "stands in single_master_vips[0] already", single_master_vips=[VIP, "10.0.0.3/32"]),
    Wrong("a VIP that is a host's address", "is the address of", {"single_master_vips": [VIP]},
          {"ansible_host": "10.0.0.3"}),
    single("a label on IPv6", "fd00::3 can have none",
           single_master_vips=[{"address": "fd00::3/64", "label": "eth0:1"}]),
    single("a misspelt variable", "did you mean single_master_interface?", single_master_interfac="eth0"),
    single("a misspelt key of a VIP", "did you mean label?", single_master_vips=[{"address": VIP, "lable": "x"}]),
    single("VRID 0", "0 is not possible; write a whole number from 1 to 255", single_master_virtual_router_id=0),
    dual("VRIDs that run out", "leaves no number for 2 instances", dual_master_virtual_router_id=255),
    dual("no VRID that is not reserved", "leaves no number", dual_master_virtual_router_id=254,
         dual_master_reserved_virtual_router_ids=[255]),
    Wrong("hosts that disagree on the VRID", "disagree: 52 and 51", {"single_master_vips": [VIP]},
          {"single_master_virtual_router_id": 51}, {"single_master_virtual_router_id": 52}),
    Wrong("hosts that disagree on the password", "disagree; set it once", {"single_master_vips": [VIP]},
          {"single_master_password": "one"}, {"single_master_password": "other"}),
    Wrong("hosts of two versions", "its version is 3, but 2", {"single_master_vips": [VIP]},
          {"single_master_instance_options": {"version": 3}}),
    Wrong("hosts in two multicast groups", "its multicast group is", {"single_master_vips": [VIP]},
          {"single_master_global_options": {"vrrp_mcast_group4": "224.0.0.19"}}),
    Wrong("one host alone speaks unicast", "is unicast, but multicast", {"single_master_vips": [VIP]},
          {"single_master_instance_options": {"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.6"]}}),
    single("a host that is its own peer", "is its own unicast_src_ip",
           single_master_instance_options={"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.5"]}),
    single("unicast and no address", "no IPv4 address is known from which", vipd_unicast=True),
    single("a password too long", "has 17 bytes; choose at most 8", single_master_password="longer than eight"),
    single("equal priorities", "both have 100; give each host one of its own", single_master_priority=100),
    single("a preferred host of another pair", "web09 is not a host of the pair", single_master_preferred="web09"),
    Wrong("a better host than the preferred one", "would outrank the preferred",
          {"single_master_vips": [VIP], "single_master_preferred": FIRST},
          second={"single_master_priority": 200}),
    single("MASTER and nopreempt", "MASTER lets nopreempt have no effect", single_master_nopreempt=True,
           single_master_instances=[{"states": {FIRST: "MASTER"}}]),
    single("a fraction of a second in version 2", "write whole seconds from 1 to 255", single_master_advert_int_s=0.5),
    single("a check without its full path", "does not start with the full path",
           single_master_checks=[{"name": "web", "command": "check_web"}]),
    single("a keyword that keepalived does not know", "did you mean garp_master_delay?",
           single_master_instance_options={"garp_master_dely": 1}),
    single("a keyword that has a variable", "has a variable of its own; set single_master_priority",
           single_master_instance_options={"priority": 3}),
    single("raw text that opens a block", "vrrp_instanze", single_master_raw="vrrp_instanze VI_1 {"),
    single("a sync group of strangers", "no instance is called VI_9", single_master_vips=GATEWAY,
           single_master_sync_groups=[{"name": "VG", "instances": ["OUT", "VI_9"]}]),
    dual("a sync group that two hosts prefer", "have different priorities, or prefer different hosts",
         dual_master_sync_groups=[{"name": "VG", "instances": ["VI_1", "VI_2"]}]),
    single("one host is no pair", "would have 1 host", single_master_hosts=[FIRST]),
    single("a host that is not in the inventory", "lb99 is not in the inventory",
           single_master_hosts=[FIRST, "lb99"]),
    single("a proxy with no server", "proxy_upstreams: names no server", proxy_upstreams={}),
    single("a proxy's site of no upstream", "'wbe' is not in proxy_upstreams", single_master_vips=["192.0.2.3/24"],
           proxy_sites=[{"upstream": "wbe"}]),
    Wrong("a host that another one does not name as its peer", "unicast_peer lacks 10.0.0.5",
          {"single_master_vips": [VIP]},
          {"single_master_instance_options": {"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.6"]}},
          {"single_master_instance_options": {"unicast_src_ip": "10.0.0.6", "unicast_peer": ["10.0.0.9"]}}),
    single("a mistake in vipd's own file", "line 1: there is no vrrp_instance VI_7",
           vipd_extensions="vrrp_instance VI_7 {\n}\n"),
)  # fmt: skip


BY_PLAYBOOK = CASES[::7] + CASES[1:2]  # the first two are not for a filter to see


def named(value: Any, name: str) -> Any:
    """With the hosts' names in place."""
    if isinstance(value, Mapping):
        return {named(key, name): named(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [named(item, name) for item in value]
    return {FIRST: f"{name}-a", SECOND: f"{name}-b"}.get(value, value) if isinstance(value, str) else value


def inventory(cases: Mapping[str, Wrong]) -> dict[str, Any]:
    groups = {}
    for name, wrong in cases.items():
        hosts = {f"{name}-a": dict(wrong.first), f"{name}-b": dict(wrong.second)}
        given = {"proxy_upstreams": ["10.0.0.7"], **wrong.given}
        groups[name] = named({"hosts": hosts, "vars": given}, name)
    return groups


def judged(wrong: Wrong) -> str:
    """What the roles proxy and the topology's would say."""
    group = inventory({"lb": wrong})["lb"]
    hosts = {name: {**group["vars"], **own} for name, own in group["hosts"].items()}
    (topology,) = {name.partition("_vips")[0] for name in group["vars"] if name.endswith("_vips")}
    seen = hosts["lb-a"]
    try:
        pair_plan(
            {key: value for key, value in seen.items() if key.startswith((topology, "vipd_"))},
            topology, hostvars=hosts, host="lb-a", play_hosts=list(hosts), whole_inventory=True,
        )  # fmt: skip
        proxy_plan({"proxy_vips": [VIP], **{key: value for key, value in seen.items() if key.startswith("proxy_")}})
    except AnsibleFilterError as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("wrong", CASES[2:], ids=lambda wrong: wrong.title)
def test_it_is_found_by_looking_at_the_inventory(wrong: Wrong) -> None:
    said = judged(wrong)
    assert wrong.expected in said
    assert "longer than eight" not in said


TELL = {"ansible.builtin.debug": {"msg": "stopped {{ inventory_hostname }}: {{ ansible_failed_result.msg }}"}}
TOLD = re.compile(r'"msg": "stopped (\S+): (.*)"$', re.MULTILINE)


def site_for_each(cases: Mapping[str, Wrong]) -> list[dict[str, Any]]:
    """What lbha.pair.site does with a pair, for each of them; what stops one is kept, and the next one goes on."""
    site = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text())
    of_pair = [play for play in site if "pair_hosts" in play["hosts"]]
    tasks = [{"block": [task for play in of_pair for task in play["tasks"]], "rescue": [TELL]}]
    play = {**of_pair[0], "any_errors_fatal": False, "tasks": tasks}
    return [{**play, "hosts": name} for name in cases]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By case, what stopped the playbook."""
    directory = tmp_path_factory.mktemp("wrong")
    cases = {f"case{number}": wrong for number, wrong in enumerate(BY_PLAYBOOK)}
    (directory / "hosts.yml").write_text(yaml.safe_dump({**inventory(cases), "all": {"vars": UNREACHABLE}}))
    (directory / "play.yml").write_text(yaml.safe_dump(site_for_each(cases)))
    for beside in ("tasks", "vars"):
        (directory / beside).symlink_to(ROOT / "playbooks" / beside)
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", "play.yml"],
        cwd=directory,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = dict(TOLD.findall(done.stdout))
    assert found.keys() >= {f"{name}-a" for name in cases}, done.stdout[-4000:] + done.stderr
    return {wrong.title: found[f"{name}-a"] for name, wrong in cases.items()}


@pytest.mark.parametrize("wrong", BY_PLAYBOOK, ids=lambda wrong: wrong.title)
def test_it_stops_the_playbook_before_a_node_is_touched(said: dict[str, str], wrong: Wrong) -> None:
    assert wrong.expected in said[wrong.title]
    assert "unreachable" not in said[wrong.title]


def test_the_playbook_would_go_on_otherwise() -> None:
    """Or the tests above could not fail."""
    assert judged(Wrong("nothing wrong", "", {"single_master_vips": [VIP]})) == ""


def test_there_are_thirty_of_them_and_each_is_another() -> None:
    assert len({wrong.title for wrong in CASES}) == len(CASES) >= 30
