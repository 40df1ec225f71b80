# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directors and real servers as they are deployed, before and after a power cut of lb01 and of web02.

Where the kernel has IPVS a client gets its pages, in the right shares. Where it has none the directors say so once, and
the VIP is on exactly one of them all the same.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.lab import Lab, Node

VIP = "10.0.0.250"
CLIENT = "10.0.0.100"
SETTLED_S = 30.0
REQUESTS = 30
HAS_IPVS = Path("/proc/net/ip_vs").exists()
SHARED = {"10.0.0.7": 2, "10.0.0.8": 1}

with_ipvs = pytest.mark.skipif(not HAS_IPVS, reason="this kernel has no IPVS; tests/lvs brings one for the plans")
without_ipvs = pytest.mark.skipif(HAS_IPVS, reason="this kernel has IPVS")


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="module")
def directors(lab: Lab) -> list[Node]:
    """Those with power; the first one is to have the VIP."""
    return [lab[name] for name in ("lb01", "lb02") if lab[name].is_running()]


def holders(directors: list[Node]) -> list[str]:
    shown = {node.name: node.run("ip", "-4", "-o", "address", "show", "dev", "eth0").stdout for node in directors}
    return [name for name, addresses in shown.items() if f"inet {VIP}/24" in addresses]


def eventually(holds: Callable[[], bool], what: Callable[[], object]) -> None:
    until_s = time.monotonic() + SETTLED_S
    while not holds():
        assert time.monotonic() < until_s, what()
        time.sleep(0.2)


def test_the_first_director_alone_has_the_vip(directors: list[Node]) -> None:
    eventually(lambda: holders(directors) == [directors[0].name], lambda: holders(directors))


def test_the_first_director_alone_answers_for_it(directors: list[Node]) -> None:
    """What the neighbour heard, a moment ago."""
    assert set(json.loads(os.environ["VIP_ANSWERS"])) == {directors[0].mac}


def test_real_servers_have_the_vip_and_keep_quiet(lab: Lab) -> None:
    """Asked again after a power cut, of which a host that is prepared by hand remembers nothing."""
    for name in ("web01", "web02"):
        assert f"{VIP}/32" in lab[name].run("ip", "-4", "-o", "address", "show", "dev", "lo").stdout
        assert lab[name].run("ip", "route", "show", f"{VIP}/32", "dev", "lo").stdout.strip()
        quiet = [f"net.ipv4.conf.{link}.{key}" for link in ("all", "lo") for key in ("arp_ignore", "arp_announce")]
        assert lab[name].run("sysctl", "-n", *quiet).stdout.split() == ["1", "2", "1", "2"]


def test_keepalived_accepts_what_directors_have(directors: list[Node]) -> None:
    for node in directors:
        node.run("keepalived", "-t", "-f", "/etc/vipd/keepalived.conf")


@without_ipvs
def test_directors_say_once_that_there_is_no_ipvs(directors: list[Node]) -> None:
    for node in directors:
        log = node.run("journalctl", "--boot", "--unit", "vipd", "--output", "cat", "--no-pager").stdout
        said = [line for line in log.splitlines() if "has no IPVS" in line]
        assert len(set(said)) == 1, log


@with_ipvs
def test_every_director_has_the_whole_table(directors: list[Node]) -> None:
    eventually(lambda: all(table(node) == SHARED for node in directors), lambda: list(map(table, directors)))


def table(node: Node) -> dict[str, int]:
    """The weight of each real server of the one service, in the kernel."""
    listing = node.run("ipvsadm", "-Ln").stdout
    return {address: int(weight) for address, weight in re.findall(r"-> ([\d.]+):80 +Route +(\d+)", listing)}


@with_ipvs
def test_requests_are_shared_by_weight_and_servers_see_the_client(lab: Lab) -> None:
    pages = Counter(fetch(lab) for _request in range(REQUESTS))
    assert pages == {"This is web01.": REQUESTS * 2 // 3, "This is web02.": REQUESTS // 3}
    for name in ("web01", "web02"):
        seen = {line.split()[0] for line in lab[name].run("cat", "/var/log/nginx/access.log").stdout.splitlines()}
        assert seen - {lab["lb01"].address, lab["lb02"].address} == {CLIENT}  # directors check


def fetch(lab: Lab) -> str:
    return lab["client"].run("curl", "--silent", "--show-error", "--max-time", "5", f"http://{VIP}/").stdout.strip()
