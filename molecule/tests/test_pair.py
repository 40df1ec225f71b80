# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pair as it is deployed, seen from all its hosts at once: every VIP is on exactly one host, the right one.

Serves before and after a power cut: who should hold a VIP depends on which hosts have power. It does not matter here
which program runs the pair; ``test_vipd.py`` and ``test_keepalived.py`` say what is particular to each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from testinfra.host import Host

from tests.lab.lab import Lab

SETTLED_S = 20.0  # a power cut costs 3.6 s, preemption by a node that boots the same once more
STEADY_S = 5.0

Holders = Mapping[str, tuple[str, ...]]


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


def test_every_vip_gets_to_its_host_and_stays_on_exactly_one(
    lab: Lab, variables: dict[str, Any], expected: dict[str, str]
) -> None:
    """keepalived hands over by taking before the other lets go; vipd's handover is never double."""
    one_at_any_time = variables.get("vipd_provider", "vipd") == "vipd"
    right = {vip: (host,) for vip, host in expected.items()}
    deadline = time.monotonic() + SETTLED_S
    while (seen := holders(lab, expected)) != right:
        if one_at_any_time:
            assert all(len(hosts) <= 1 for hosts in seen.values()), f"two hosts hold a VIP: {seen}"
        assert time.monotonic() < deadline, f"after {SETTLED_S:.0f} s: {seen}, expected {right}"
        time.sleep(0.2)
    steady = time.monotonic() + STEADY_S
    while time.monotonic() < steady:
        assert holders(lab, expected) == right


def test_a_client_gets_every_site_through_every_vip(
    lab: Lab, variables: dict[str, Any], expected: dict[str, str]
) -> None:
    servers = {node.address: node.name for node in lab}
    for site in variables["proxy_sites"]:
        behind = {servers[address] for address in variables["proxy_upstreams"][site["upstream"]]}
        for vip in expected:
            curl = ("curl", "--silent", "--show-error", "--max-time", "3", "--header", f"Host: {site['server_name']}")
            pages = {lab["client"].run(*curl, f"http://{vip}/").stdout for _request in range(4)}
            assert pages == {f"This is {server}.\n" for server in behind}


def test_a_host_listens_on_vips_that_it_does_not_hold(pair: dict[str, Host], expected: dict[str, str]) -> None:
    for host in pair.values():
        assert host.sysctl("net.ipv4.ip_nonlocal_bind") == 1
        for vip in expected:
            assert host.socket(f"tcp://{vip}:80").is_listening
