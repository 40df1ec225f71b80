# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pair as it is deployed, seen from all its hosts at once: every VIP is on exactly one host, the right one.

Serves before and after a power cut: who should hold a VIP depends on which hosts have power. Started by
``molecule/playbooks/verify.yml``, which names the lab and the inventories.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
import testinfra
from testinfra.host import Host

from tests.lab.lab import Lab

SETTLED_S = 20.0  # a power cut costs 3.6 s, preemption by a node that boots the same once more
STEADY_S = 5.0

Holders = Mapping[str, tuple[str, ...]]


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="session")
def pair(lab: Lab) -> dict[str, Host]:
    """The hosts of the pair that have power."""
    hosts = testinfra.get_hosts(["ansible://lb"])
    return {host.backend.host: host for host in hosts if lab[host.backend.host].is_running()}


@pytest.fixture(scope="session")
def expected(pair: dict[str, Host]) -> dict[str, str]:
    """Each VIP and the host that should hold it: the one it prefers, or whoever is left."""
    anyone = next(iter(pair.values()))
    variables = anyone.ansible.get_variables()
    wanted = variables.get("dual_master_vips") or [
        {"address": vip, "preferred": variables["groups"]["lb"][0]} for vip in variables["single_master_vips"]
    ]
    left = next(iter(pair))
    return {vip["address"].partition("/")[0]: vip["preferred"] if vip["preferred"] in pair else left for vip in wanted}


def holders(lab: Lab, vips: Mapping[str, str]) -> Holders:
    """Who has each VIP, over all hosts in the same instant; a host without power holds nothing."""
    nodes = [node for node in lab if node.is_running()]
    with ThreadPoolExecutor(len(nodes)) as threads:
        listings = list(threads.map(lambda node: node.run("ip", "-j", "-4", "address").stdout, nodes))
    held = {
        node.name: {entry["local"] for link in json.loads(listing) for entry in link["addr_info"]}
        for node, listing in zip(nodes, listings, strict=True)
    }
    return {vip: tuple(name for name, addresses in held.items() if vip in addresses) for vip in vips}


def test_every_vip_gets_to_its_host_and_stays_on_exactly_one(lab: Lab, expected: dict[str, str]) -> None:
    right = {vip: (host,) for vip, host in expected.items()}
    deadline = time.monotonic() + SETTLED_S
    while (seen := holders(lab, expected)) != right:
        assert all(len(hosts) <= 1 for hosts in seen.values()), f"two hosts hold a VIP: {seen}"
        assert time.monotonic() < deadline, f"after {SETTLED_S:.0f} s: {seen}, expected {right}"
        time.sleep(0.2)
    steady = time.monotonic() + STEADY_S
    while time.monotonic() < steady:
        assert holders(lab, expected) == right


def test_the_agent_says_what_the_kernel_shows(pair: dict[str, Host], expected: dict[str, str]) -> None:
    for name, host in pair.items():
        status = json.loads(host.check_output("vipctl status --format json"))
        claimed = {
            vip.partition("/")[0] for one in status["instances"] if one["state"] == "MASTER" for vip in one["vips"]
        }
        assert claimed == {vip for vip, holder in expected.items() if holder == name}


def test_a_client_gets_every_site_through_every_vip(lab: Lab, pair: dict[str, Host], expected: dict[str, str]) -> None:
    variables = next(iter(pair.values())).ansible.get_variables()
    servers = {node.address: node.name for node in lab}
    for site in variables["proxy_sites"]:
        behind = {servers[address] for address in variables["proxy_upstreams"][site["upstream"]]}
        for vip in expected:
            curl = ("curl", "--silent", "--show-error", "--max-time", "3", "--header", f"Host: {site['server_name']}")
            pages = {lab["client"].run(*curl, f"http://{vip}/").stdout for _request in range(4)}
            assert pages == {f"This is {server}.\n" for server in behind}


def test_the_agent_runs_as_nobody_in_particular(pair: dict[str, Host]) -> None:
    for host in pair.values():
        service = host.service("vipd")
        assert service.is_running
        assert service.is_enabled
        assert {process.user for process in host.process.filter(comm="vipd")} == {"vipd"}


def test_only_the_agent_can_read_its_configuration(pair: dict[str, Host]) -> None:
    for host in pair.values():
        config = host.file("/etc/vipd/keepalived.conf")
        assert (config.user, config.group, config.mode) == ("root", "vipd", 0o640)


def test_keepalived_accepts_the_same_configuration(pair: dict[str, Host]) -> None:
    for host in pair.values():
        done = host.run("keepalived -t -f /etc/vipd/keepalived.conf")
        assert done.rc == 0, done.stderr


def test_a_host_listens_on_vips_that_it_does_not_hold(pair: dict[str, Host], expected: dict[str, str]) -> None:
    for host in pair.values():
        assert host.sysctl("net.ipv4.ip_nonlocal_bind") == 1
        for vip in expected:
            assert host.socket(f"tcp://{vip}:80").is_listening
