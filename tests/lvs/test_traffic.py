# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real HTTP through a real kernel: each way of forwarding, a server that dies, all of them, and their return."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.lvs.topology import VIP, Topology
from tests.netns.waiting import wait_for

CLIENT = "10.0.0.1"
REACTION_S = 4.0  # delay_loop, one retry after delay_before_retry, and a machine that is slow


def service(kind: str, network: str, scheduler: str = "rr", *lines: str, weights: tuple[int, int] = (1, 1)) -> str:
    real_servers = "".join(
        f"real_server {network}.1{number} 80 {{\nweight {weight}\n"
        "HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\nconnect_timeout 1\nretry 1\ndelay_before_retry 1\n}\n}\n"
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
        wait_for(lambda: len(topology.table()) == 3, "the table", REACTION_S)
        pages = Counter(topology.fetch() for _count in range(10))
    assert pages == {f"rs1 {CLIENT}": 5, f"rs2 {CLIENT}": 5}


def test_weights_share_the_load(topology: Topology) -> None:
    topology.direct_routing()
    topology.start_servers()
    with topology.vipd(service("DR", "10.0.0", "wrr", weights=(3, 1))):
        pages = Counter(topology.fetch().split()[0] for _count in range(16))
    assert pages == {"rs1": 12, "rs2": 4}


def test_a_dead_server_leaves_the_dead_pool_calls_the_sorry_server_and_both_come_back(topology: Topology) -> None:
    topology.direct_routing()
    topology.start_servers()
    topology.start_server("sorry2", topology.director)
    config = service("DR", "10.0.0", "rr", "sorry_server 127.0.0.1 80")
    with topology.vipd(config) as director:
        wait_for(lambda: len(topology.table()) == 3, "the table", REACTION_S)
        time.sleep(2.5)  # both have passed a check: from here on a failure is forgiven once
        topology.stop_server("rs1")
        began = time.monotonic()
        wait_for(lambda: len(topology.table()) == 2, "rs1 out of the table", REACTION_S)
        assert time.monotonic() - began < REACTION_S
        assert {topology.fetch().split()[0] for _count in range(6)} == {"rs2"}
        topology.stop_server("rs2")
        wait_for(lambda: "127.0.0.1:80" in "".join(topology.table()), "the sorry server", REACTION_S)
        assert topology.fetch().split()[0] == "sorry2"
        topology.start_server("rs2")
        wait_for(lambda: "10.0.0.12:80" in "".join(topology.table()), "rs2 back", REACTION_S)
        assert topology.fetch().split()[0] == "rs2"
        assert "lost its quorum, 0 of 1: the sorry server 127.0.0.1:80 answers" in director.log()
