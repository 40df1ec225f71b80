# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles lvs_director and lvs_real_server plan for hosts, and the modules for LVS, with real traffic.

How the plans get to hosts, and what is left when they are removed, ``molecule/lvs_dr`` proves on booted nodes.
"""

from __future__ import annotations

import socket
from collections import Counter
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.filter.real_server_plan import real_server_plan
from ansible_collections.lbha.pair.plugins.module_utils.vipd.linux.ipvs import Ipvs
from ansible_collections.lbha.pair.plugins.modules import vip_arp_verify
from ansible_collections.lbha.pair.plugins.modules.ipvs_drain import ByWeight, Clock, Table, run
from ansible_collections.lbha.pair.plugins.modules.ipvs_info import table as table_of_this_node

from tests.lvs.test_traffic import CLIENT, REACTION_S, service
from tests.lvs.topology import VIP, Topology, sysctl
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

Steps = list[dict[str, str]]
DIRECT = {"vips": [VIP]}
TUNNEL = {"vips": [VIP], "forwarding": "tun"}
TRANSLATED = {"forwarding": "nat", "gateway": "10.1.0.2"}


def prepare(host: Namespace, own: str, given: dict[str, Any]) -> Steps:
    """As the role does: settings first. What each step shows is shown after it, and not before."""
    given = {**given, "address": own} if given.get("forwarding") == "nat" else given
    plan = real_server_plan({f"lvs_real_server_{name}": value for name, value in given.items()})
    for name, value in plan["settings"].items():
        sysctl(host, name.removeprefix("net.ipv4.").replace(".", "/"), int(value))
    steps: Steps = plan["steps"]
    for step in steps:
        assert not shown(host, step)
        host.ip(step["start"])
        assert shown(host, step)
    return steps


def shown(host: Namespace, step: dict[str, str]) -> bool:
    try:
        return bool(host.ip(step["show"]).strip())
    except RuntimeError:
        return False  # a table of routes that nobody has made


def network_of(host: Namespace) -> list[str]:
    commands = ("-4 -oneline address", "-4 rule", "-4 route show table all", "-brief link")
    return [line for command in commands for line in sorted(host.ip(command).splitlines())]


def director_text(network: str, forwarding: str) -> str:
    """What the first of two directors gets; the real servers are hosts of the inventory."""
    hostvars = {name: {"ansible_host": f"10.0.0.{number}"} for number, name in enumerate(("lb01", "lb02"), 2)}
    hostvars |= {f"rs{number}": {"ansible_host": f"{network}.1{number}"} for number in (1, 2)}
    checked = {"check": {"http": {"connect_timeout": 3}}, "check_interval_s": 1, "options": {"warmup": 0}}
    to = {"vip": f"{VIP}/24", "port": 80, "forwarding": forwarding, "scheduler": "rr", "real_servers": ["rs1", "rs2"]}
    plan = pair_plan(
        {"lvs_director_services": [{**to, **checked}]},
        "lvs_director",
        hostvars=hostvars,
        host="lb01",
        play_hosts=["lb01", "lb02"],
    )
    return str(plan["hosts"]["lb01"]["text"])


@pytest.mark.parametrize(
    ("forwarding", "network", "given"),
    [("dr", "10.0.0", DIRECT), ("tun", "10.0.0", TUNNEL), ("nat", "10.1.0", TRANSLATED)],
)
def test_what_both_roles_plan_carries_http_and_leaves_nothing_behind(
    forwarding: str, network: str, given: dict[str, Any], topology: Topology
) -> None:
    sysctl(topology.director, "ip_forward", 1)
    for number, host in enumerate(topology.real_servers, 1):
        host.ip(f"address add {network}.1{number}/24 dev eth0")
        host.ip(f"route add default via {network}.99")  # a router that is not the director
    before = [network_of(host) for host in topology.real_servers]
    done = [prepare(host, f"{network}.1{number}", given) for number, host in enumerate(topology.real_servers, 1)]
    topology.start_servers()
    with topology.vipd(director_text(network, forwarding)):
        wait_for(lambda: len(topology.table()) == 3, "the table", REACTION_S)
        pages = Counter(topology.fetch() for _count in range(4))
    assert pages == {f"rs1 {CLIENT}": 2, f"rs2 {CLIENT}": 2}
    for host, steps in zip(topology.real_servers, done, strict=True):
        for step in reversed(steps):
            host.ip(step["stop"])
            assert not shown(host, step)
    assert [network_of(host) for host in topology.real_servers] == before


def test_the_director_alone_answers_and_who_is_not_prepared_is_found(topology: Topology) -> None:
    for number, host in enumerate(topology.real_servers, 1):
        host.ip(f"address add 10.0.0.1{number}/24 dev eth0")
        prepare(host, f"10.0.0.1{number}", DIRECT)
    director, chatty = (vip_arp_verify.shown(host.mac()) for host in (topology.director, topology.real_servers[0]))
    assert answers(topology) == {director: 20}
    sysctl(topology.real_servers[0], "conf/all/arp_ignore", 0)
    sysctl(topology.real_servers[0], "conf/lo/arp_ignore", 0)
    assert set(answers(topology)) == {director, chatty}


def answers(topology: Topology) -> Counter[str]:
    with topology.client.entered():
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(vip_arp_verify.ETHERTYPE_ARP))
    with wire:
        wire.bind(("eth0", vip_arp_verify.ETHERTYPE_ARP))
        return vip_arp_verify.asked(wire, IPv4Address(VIP), requests=20, interval_s=0.1, wait_s=2.0)


def test_without_the_director_a_weight_is_set_and_set_back(topology: Topology, tmp_path: Path) -> None:
    topology.direct_routing()
    topology.start_servers()
    config = service("DR", "10.0.0", "wrr", weights=(3, 1))
    with topology.keepalived(config):
        wait_for(lambda: len(topology.table()) == 3, "the table", REACTION_S)
        with topology.director.entered():
            weights = [one["weight"] for one in table_of_this_node()["services"][0]["destinations"]]
            there = Table(Ipvs(), "10.0.0.11", str(tmp_path / "notes.json"))
        assert weights == [3, 1]
        wanted = {"state": "drained", "wait": True, "connections": 0, "timeout_s": 60.0, "undo": False}
        name = f"TCP {VIP}:80 -> 10.0.0.11:80"
        assert run(there, ByWeight(there), wanted, False, Clock())["weights"] == {name: 0}
        assert {topology.fetch().split()[0] for _count in range(4)} == {"rs2"}
        assert run(there, ByWeight(there), {**wanted, "state": "serving"}, False, Clock())["weights"] == {name: 3}
        there.kernel.close()
