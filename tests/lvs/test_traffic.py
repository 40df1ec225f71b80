# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real HTTP through a real kernel: each way of forwarding, a server that dies, all of them, and their return."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.lvs.load import Load, ask
from tests.lvs.topology import VIP, Topology
from tests.netns.waiting import wait_for

CLIENT = "10.0.0.1"
SETTLED_S = 60.0
# A failed check comes within delay_loop, the one that counts after delay_before_retry; each may take connect_timeout.
# Then what a machine adds that is busy.
CONNECT_TIMEOUT_S = 3
REACTION_S = 1 + 1 + 2 * CONNECT_TIMEOUT_S + 5.0
REQUESTS = 12
NEARLY = 1  # by which wlc, which looks at connections as they end, may be beside the weights
PATIENCE_S = 20.0  # of a client that is to lose nothing
UNDER_WAY = 2  # one request that a real server may have had when it left, and one that certainly went elsewhere


UNCHECKED = "real_server 10.0.0.11 {\n}\nreal_server 10.0.0.12 {\n}\n"


def service(kind: str, network: str, scheduler: str = "rr", *lines: str, weights: tuple[int, ...] = (1, 1)) -> str:
    real_servers = "".join(
        f"real_server {network}.1{number} 80 {{\nweight {weight}\nHTTP_GET {{\nurl {{\npath /\nstatus_code 200\n}}\n"
        f"connect_timeout {CONNECT_TIMEOUT_S}\nretry 1\ndelay_before_retry 1\n}}\n}}\n"
        for number, weight in enumerate(weights, 1)
    )
    inside = "\n".join(lines)
    return (
        f"virtual_server {VIP} 80 {{\nlb_algo {scheduler}\nlb_kind {kind}\nprotocol TCP\ndelay_loop 1\nwarmup 0\n"
        f"{inside}\n{real_servers}}}\n"
    )


@pytest.mark.parametrize(
    ("kind", "network", "prepare"),
    [("DR", "10.0.0", "direct_routing"), ("TUN", "10.0.0", "tunnels"), ("NAT", "10.1.0", "translation")],
)
def test_every_way_of_forwarding_carries_http(kind: str, network: str, prepare: str, topology: Topology) -> None:
    getattr(topology, prepare)()
    topology.start_servers()
    with topology.vipd(service(kind, network)):
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        pages = Counter(topology.fetch() for _count in range(10))
    assert pages == {f"rs1 {CLIENT}": 5, f"rs2 {CLIENT}": 5}


def test_the_load_is_shared_by_weight(topology: Topology) -> None:
    topology.third_real_server()
    topology.direct_routing()
    topology.start_servers()

    def shares(scheduler: str) -> list[int]:
        wait_for(lambda: f"-s {scheduler}" in " ".join(topology.table()), scheduler, SETTLED_S)
        pages = Counter(topology.fetch().split()[0] for _count in range(REQUESTS))
        return [pages["rs1"], pages["rs2"], pages["rs3"]]

    def weighed(scheduler: str) -> str:
        return service("DR", "10.0.0", scheduler, weights=(3, 2, 1))

    with topology.vipd(weighed("wlc")) as director:
        wait_for(lambda: len(topology.table()) == 4, "the table", SETTLED_S)
        assert all(abs(got - due) <= NEARLY for got, due in zip(shares("wlc"), (6, 4, 2), strict=True))
        director.reload(weighed("wrr"))
        assert shares("wrr") == [6, 4, 2]
        director.reload(weighed("rr"))
        assert shares("rr") == [4, 4, 4]


@pytest.mark.parametrize("end", ["in order", "killed"])
def test_a_restart_of_the_director_drops_no_connection(end: str, topology: Topology) -> None:
    topology.direct_routing()
    topology.start_servers()
    director = topology.vipd(service("DR", "10.0.0"))
    director.start()
    wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
    with topology.client.entered(), closing(HTTPConnection(VIP, 80, timeout=PATIENCE_S)) as connection:
        connection.connect()
        connection.auto_open = False  # a second connection would prove nothing
        before = ask(connection)
        if end == "killed":
            director.kill()
        else:
            director.stop()
        assert topology.table() == [] if end == "in order" else len(topology.table()) == 3
        with director:
            wait_for(lambda: len(topology.table()) == 3, "the table again", SETTLED_S)
            assert ask(connection) == before


def test_what_is_marked_is_a_service(topology: Topology) -> None:
    """By tc: this kernel has no tables for a packet filter."""
    topology.direct_routing()
    topology.start_servers()
    marking = f"filter add dev eth0 parent ffff: protocol ip u32 match ip dst {VIP}/32 action skbedit mark 9"
    for command in ("qdisc add dev eth0 ingress", marking):
        assert topology.director.start("tc", *command.split()).wait() == 0, command
    with topology.vipd(f"virtual_server fwmark 9 {{\nlb_algo rr\nlb_kind DR\n{UNCHECKED}}}\n"):
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        pages = Counter(topology.fetch() for _count in range(4))
    assert pages == {f"rs1 {CLIENT}": 2, f"rs2 {CLIENT}": 2}


def test_a_dead_server_leaves_the_dead_pool_calls_the_sorry_server_and_both_come_back(topology: Topology) -> None:
    topology.direct_routing()
    topology.start_servers()
    topology.start_server("sorry2", topology.director)
    config = service("DR", "10.0.0", "rr", "sorry_server 127.0.0.1 80")
    with topology.vipd(config) as director:
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        wait_for(lambda: all_checked(topology), "a check of both: from here on a failure is forgiven once", SETTLED_S)
        with Load(topology, PATIENCE_S) as load:
            load.go_on(1)
            topology.stop_server("rs1")
            began_s = time.monotonic()
            wait_for(lambda: len(topology.table()) == 2, "rs1 out of the table", SETTLED_S)
            assert time.monotonic() - began_s < REACTION_S
            load.go_on(UNDER_WAY)
            lost = load.lost
            load.go_on(20)
            assert load.lost == lost
        assert {topology.fetch().split()[0] for _count in range(6)} == {"rs2"}
        topology.stop_server("rs2")
        wait_for(lambda: "127.0.0.1:80" in "".join(topology.table()), "the sorry server", SETTLED_S)
        assert topology.fetch().split()[0] == "sorry2"
        topology.start_server("rs2")
        wait_for(lambda: "10.0.0.12:80" in "".join(topology.table()), "rs2 back", SETTLED_S)
        assert topology.fetch().split()[0] == "rs2"
        assert "lost its quorum, 0 of 1: the sorry server 127.0.0.1:80 answers" in director.log()
        assert "gained its quorum, 1 of 1" in director.log()


def all_checked(topology: Topology) -> bool:
    """Whether every check has passed once."""
    (server,) = json.loads(topology.vipctl("rs", "--format", "json"))["virtual_servers"]
    details = [check["detail"] for one in server["real_servers"] for check in one["checks"]]
    return all("status 200" in detail for detail in details)
