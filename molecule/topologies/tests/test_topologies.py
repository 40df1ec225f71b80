# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three load balancers and two databases, as a client sees them, before and after failures.

The tests run in their order, each on what the one before left.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.lab.host import LabError
from tests.lab.lab import Lab

BALANCERS = ("lb01", "lb02", "lb03")
DATABASES = ("db01", "db02")
# Spread in the order of the hosts; the IPv6 address moves with the IPv4 one of the same preference.
HOLDERS = {"10.0.0.3": "lb01", "fd00::3": "lb01", "10.0.0.4": "lb02", "10.0.0.10": "lb03"}
DATABASE = "10.0.0.20"
SETTLED_S = 30.0
STEADY_S = 3.0


@pytest.fixture(scope="module")
def lab() -> Lab:
    found = Lab.attach(os.environ["LBHA_LAB"])
    found["client"].run("ip", "-6", "address", "replace", "fd00::100/64", "dev", "eth0", "nodad")
    return found


def holders(lab: Lab, nodes: Iterable[str], vips: Iterable[str]) -> dict[str, tuple[str, ...]]:
    held: dict[str, set[str]] = {}
    for name in (name for name in nodes if lab[name].is_running()):
        listing = json.loads(lab[name].run("ip", "-j", "address").stdout)
        held[name] = {entry["local"] for link in listing for entry in link["addr_info"] if "local" in entry}
    return {vip: tuple(name for name, addresses in held.items() if vip in addresses) for vip in vips}


def await_holders(lab: Lab, nodes: Iterable[str], wanted: Mapping[str, str]) -> None:
    """Each VIP gets to its host, is never on two, and stays."""
    right = {vip: (host,) for vip, host in wanted.items()}
    deadline = time.monotonic() + SETTLED_S
    while (seen := holders(lab, nodes, wanted)) != right:
        assert all(len(hosts) <= 1 for hosts in seen.values()), f"two hosts hold a VIP: {seen}"
        assert time.monotonic() < deadline, f"after {SETTLED_S:.0f} s: {seen}, expected {right}"
        time.sleep(0.2)
    steady = time.monotonic() + STEADY_S
    while time.monotonic() < steady:
        assert holders(lab, nodes, wanted) == right
        time.sleep(0.2)


def pages(lab: Lab, vip: str) -> set[str]:
    url = f"http://[{vip}]/" if ":" in vip else f"http://{vip}/"
    curl = ("curl", "--silent", "--show-error", "--globoff", "--max-time", "3", url)
    return {lab["client"].run(*curl).stdout for _request in range(4)}


def database(lab: Lab) -> str:
    """Who answers the client."""
    query = ("mariadb", "-h", DATABASE, "-ureader", "-preader", "--connect-timeout=2", "-Ne", "select @@hostname")
    return lab["client"].run(*query).stdout.strip()


def await_database(lab: Lab, other_than: str = "") -> str:
    deadline = time.monotonic() + SETTLED_S
    while True:
        try:
            if (found := database(lab)) != other_than:
                return found
        except LabError as error:
            found = str(error)
        assert time.monotonic() < deadline, f"still {found}"
        time.sleep(0.2)


def test_vips_are_spread_over_three_hosts(lab: Lab) -> None:
    await_holders(lab, BALANCERS, HOLDERS)


def test_a_client_gets_both_servers_through_every_vip_of_both_families(lab: Lab) -> None:
    for vip in HOLDERS:
        assert pages(lab, vip) == {"This is web01.\n", "This is web02.\n"}
    for name in BALANCERS:
        assert lab[name].run("systemctl", "is-active", "haproxy", "nginx", check=False).stdout.split() == [
            "active",
            "inactive",
        ]


def test_no_advert_is_multicast(lab: Lab) -> None:
    seen = (
        lab["lb02"].run("timeout", "10", "tcpdump", "-nni", "eth0", "-c", "6", "ip proto 112 and host 10.0.0.6").stdout
    )
    destinations = {line.split(" > ")[1].split(":")[0] for line in seen.splitlines() if " > " in line}
    assert destinations <= {"10.0.0.5", "10.0.0.6", "10.0.0.9"}
    assert len(destinations) > 1


def test_the_password_was_made_once_for_all_hosts(lab: Lab) -> None:
    kept = Path(__file__).parents[1] / "passwords" / "lb"
    assert kept.stat().st_mode & 0o777 == 0o600
    for name in BALANCERS:
        assert f"auth_pass {kept.read_text().strip()}" in lab[name].run("cat", "/etc/vipd/keepalived.conf").stdout


def test_a_power_cut_moves_both_families_to_the_next_host(lab: Lab) -> None:
    lab["lb01"].power_cut()
    await_holders(lab, BALANCERS, {**HOLDERS, "10.0.0.3": "lb02", "fd00::3": "lb02"})
    for vip in HOLDERS:
        assert pages(lab, vip) == {"This is web01.\n", "This is web02.\n"}


def test_they_come_back_with_the_host(lab: Lab) -> None:
    lab["lb01"].power_on()
    await_holders(lab, BALANCERS, HOLDERS)


def test_the_databases_are_both_backup_by_configuration(lab: Lab) -> None:
    for name in DATABASES:
        text = lab[name].run("cat", "/etc/vipd/keepalived.conf").stdout
        assert "state BACKUP" in text
        assert "nopreempt" in text


def test_the_firewall_of_the_databases_lets_adverts_in(lab: Lab) -> None:
    for name in DATABASES:
        rules = lab[name].run("ufw", "show", "added").stdout
        assert "ufw allow in on eth0 proto vrrp" in rules


def test_a_database_that_fails_gives_the_vip_away_and_does_not_take_it_back(lab: Lab) -> None:
    first = await_database(lab)
    await_holders(lab, DATABASES, {DATABASE: first})
    lab[first].run("systemctl", "stop", "mariadb")
    second = await_database(lab, other_than=first)
    await_holders(lab, DATABASES, {DATABASE: second})
    lab[first].run("systemctl", "start", "mariadb")
    await_ready(lab, first)
    await_holders(lab, DATABASES, {DATABASE: second})
    assert database(lab) == second


def await_ready(lab: Lab, name: str) -> None:
    """Its check has succeeded again: it could take over."""
    deadline = time.monotonic() + SETTLED_S
    while "BACKUP" not in (status := lab[name].run("vipctl", "status").stdout):
        assert time.monotonic() < deadline, status
        time.sleep(0.2)
