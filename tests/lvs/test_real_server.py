# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles lvs_director and lvs_real_server plan for hosts, and the modules for LVS, with real traffic.

How the plans get to hosts, and what is left when they are removed, ``molecule/lvs_dr`` proves on booted nodes.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.filter.real_server_plan import real_server_plan
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import ask as ask_director
from ansible_collections.lbha.pair.plugins.module_utils.vipd.linux.ipvs import Ipvs
from ansible_collections.lbha.pair.plugins.modules import vip_arp_verify
from ansible_collections.lbha.pair.plugins.modules.ipvs_drain import (
    ByDirector,
    ByWeight,
    Clock,
    NotDoneError,
    Table,
    run,
)
from ansible_collections.lbha.pair.plugins.modules.ipvs_info import table as table_of_this_node

from tests.lvs.load import ask
from tests.lvs.planned import planned
from tests.lvs.test_traffic import CLIENT, CONNECT_TIMEOUT_S, SETTLED_S, service
from tests.lvs.topology import VIP, Topology, sysctl
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

Steps = list[dict[str, str]]
DIRECT = {"vips": [VIP]}
NETWORKS = {"10.0.0": ("10.0.0.1", "10.0.0.99"), "10.1.0": ("10.0.0.1", "10.1.0.99"), "fd00:": ("fd00::1", "fd00::99")}


@dataclass(frozen=True)
class Way:
    """How packets get to the real servers of ``network``; ``tunnel`` is what both roles are told."""

    forwarding: str
    network: str
    tunnel: str = ""

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.network

    @property
    def vip(self) -> str:
        return "fd00::250" if self.is_ipv6 else VIP

    @property
    def prefix_length(self) -> int:
        return 64 if self.is_ipv6 else 24

    def own(self, number: int) -> str:
        return f"{self.network}{':' if self.is_ipv6 else '.'}1{number}"

    @property
    def given(self) -> dict[str, Any]:
        if self.forwarding == "nat":
            return {"forwarding": "nat", "gateway": "10.1.0.2"}
        return {"vips": [self.vip], "forwarding": self.forwarding, "tunnel": self.tunnel}


WAYS = (
    Way("dr", "10.0.0"),
    Way("dr", "fd00:"),
    Way("nat", "10.1.0"),
    *(
        Way("tun", network, tunnel)
        for network in ("10.0.0", "fd00:")
        for tunnel in ("", "type gre", "type gue port 6080")
    ),
    Way("tun", "10.0.0", "type gue port 6080 remcsum"),
)


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
        said = host.ip(step["show"])
    except RuntimeError:
        return False  # a table of routes that nobody has made
    return bool(said.strip()) and step["shows"] in said


def network_of(host: Namespace) -> list[str]:
    commands = (
        *("-4 -oneline address", "-4 rule", "-4 route show table all", "-brief link", "fou show"),
        "-6 -oneline address show scope global",
    )
    return [line for command in commands for line in sorted(host.ip(command).splitlines())]


def director_text(way: Way) -> str:
    checked = {"check": {"http": {"connect_timeout": 3}}, "check_interval_s": 1, "options": {"warmup": 0}}
    to = {"vip": f"{way.vip}/{128 if way.is_ipv6 else 24}", "port": 80, "forwarding": way.forwarding, "scheduler": "rr"}
    tunnel = {"tunnel": way.tunnel} if way.tunnel else {}
    real_servers = {f"rs{number}": way.own(number) for number in (1, 2)}
    return planned({**to, **tunnel, **checked, "real_servers": list(real_servers)}, servers=real_servers)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.forwarding} {way.network} {way.tunnel}")
def test_what_both_roles_plan_carries_http_and_leaves_nothing_behind(way: Way, topology: Topology) -> None:
    client, router = NETWORKS[way.network]
    if way.is_ipv6:
        for host, address in ((topology.client, "fd00::1/64"), (topology.director, "fd00::2/64")):
            host.ip(f"address add {address} dev eth0 nodad")
        topology.director.ip(f"address add {way.vip}/128 dev eth0 nodad preferred_lft 0")  # as vipd has a /128
    sysctl(topology.director, "ip_forward", 1)
    for number, host in enumerate(topology.real_servers, 1):
        host.ip(f"address add {way.own(number)}/{way.prefix_length} dev eth0 {'nodad' if way.is_ipv6 else ''}")
        host.ip(f"route add default via {router}")  # a router that is not the director
    before = [network_of(host) for host in topology.real_servers]
    done = [prepare(host, way.own(number), way.given) for number, host in enumerate(topology.real_servers, 1)]
    topology.start_servers()
    with topology.vipd(director_text(way)):
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        pages = Counter(topology.fetch(f"[{way.vip}]" if way.is_ipv6 else way.vip) for _count in range(4))
    assert pages == {f"rs1 {client}": 2, f"rs2 {client}": 2}
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


class Meanwhile(Clock):
    """Somebody hangs up whenever the module waits."""

    def __init__(self, *hang_up: Callable[[], None]) -> None:
        self._hang_up = list(hang_up)

    def sleep(self, seconds: float) -> None:
        if self._hang_up:
            self._hang_up.pop(0)()
        super().sleep(seconds)


def test_a_director_drains_a_server_whose_connections_end_or_do_not(topology: Topology, tmp_path: Path) -> None:
    topology.direct_routing()
    topology.start_servers()
    name = f"TCP {VIP}:80 -> 10.0.0.11:80"
    patient = service("DR", "10.0.0").replace(
        f"connect_timeout {CONNECT_TIMEOUT_S}", "connect_timeout 30"
    )  # nobody is to leave
    with topology.vipd(patient) as director, ExitStack() as opened:
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        with topology.client.entered():
            clients = [opened.enter_context(closing(HTTPConnection(VIP, 80, timeout=10.0))) for _count in range(4)]
            for client in clients:
                client.connect()
                client.auto_open = False  # a second connection would prove nothing
        first, second = (client for client in clients if ask(client).startswith("rs1 "))
        with topology.director.entered():
            kernel = opened.enter_context(closing(Ipvs()))
        there = Table(kernel, "10.0.0.11", str(tmp_path / "notes.json"))
        socket_path = str(director.directory / "run" / "director.sock")
        hand = ByDirector(
            lambda state: ask_director(socket_path, "rs", real_server="10.0.0.11", state=state),
            lambda: ask_director(socket_path, "director"),
        )
        drained = {"state": "drained", "wait": True, "connections": 1, "timeout_s": 2.0, "undo": True}
        text = r"after 2 s 10\.0\.0\.11 has 2 active connections, and 1 are allowed\."
        with pytest.raises(NotDoneError, match=f"^{text} It serves again$"):
            run(there, hand, drained, False, Clock())
        assert [one.destination.weight for one in there.found()] == [1]
        with pytest.raises(NotDoneError, match=f"^{text} It stays drained: state=serving lets it serve again$"):
            run(there, hand, {**drained, "undo": False}, False, Clock())
        assert [one.destination.weight for one in there.found()] == [0]
        waited = run(there, hand, {**drained, "timeout_s": 60.0}, False, Meanwhile(first.close))
        assert (waited["changed"], waited["active"], waited["weights"]) == (False, 1, {name: 0})
        assert ask(second) == f"rs1 {CLIENT}"
        assert {topology.fetch().split()[0] for _count in range(4)} == {"rs2"}
        assert run(there, hand, {**drained, "state": "serving"}, False, Clock())["weights"] == {name: 1}
        assert {topology.fetch().split()[0] for _count in range(4)} == {"rs1", "rs2"}


def test_without_the_director_a_weight_is_set_and_set_back(topology: Topology, tmp_path: Path) -> None:
    topology.direct_routing()
    topology.start_servers()
    config = service("DR", "10.0.0", "wrr", weights=(3, 1))
    with topology.keepalived(config):
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
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
