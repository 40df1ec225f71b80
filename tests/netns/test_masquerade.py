# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``lvs_director_masquerade``: a real server behind a director starts a connection, and is seen as the director.

The rules and the commands of their unit are the role's, as its templates make them.
"""

from __future__ import annotations

import shlex
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.netns.namespace import Namespace, connect

TEMPLATES = Path(__file__).resolve().parents[2] / "roles" / "lvs_director" / "templates"
CONNECT_S = 30.0


@pytest.fixture
def hosts() -> Iterator[dict[str, Namespace]]:
    with ExitStack() as opened:
        made = {name: opened.enter_context(Namespace(f"mq-{name}")) for name in ("outside", "director", "web")}
        connect(made["outside"], made["director"], "eth0")
        connect(made["director"], made["web"], "eth1")
        made["outside"].ip("address add 192.0.2.1/24 dev eth0")
        made["director"].ip("address add 192.0.2.2/24 dev eth0")
        made["director"].ip("address add 10.1.0.1/24 dev eth1")
        made["web"].ip("address add 10.1.0.7/24 dev eth1")
        made["web"].ip("route add default via 10.1.0.1")
        made["outside"].ip("route add 10.1.0.0/24 via 192.0.2.2")  # so that who is not masqueraded is seen, too
        run(made["director"], "sysctl -qw net.ipv4.ip_forward=1")
        yield made


def run(host: Namespace, command: str) -> None:
    assert host.start(*shlex.split(command)).wait() == 0, command


def rendered(template: str, networks: list[str], rules: Path) -> str:
    variables = {
        "__lvs_director_plan": {"kernel": {"masquerade": networks}},
        "__lvs_director_masquerade_rules": str(rules),
    }
    text = (TEMPLATES / f"{template}.j2").read_text()
    return str(Templar(loader=DataLoader(), variables=variables).template(trust_as_template(text)))


def commands(unit: str, key: str) -> list[str]:
    return [line.partition("=")[2].lstrip("-") for line in unit.splitlines() if line.startswith(f"{key}=")]


def seen_as(hosts: dict[str, Namespace]) -> str:
    """Who a connection from the real server seems to come from, outside."""
    with hosts["outside"].entered():
        listener = socket.create_server(("192.0.2.1", 80))
    with hosts["web"].entered():
        client = socket.socket()
    with listener, client:
        listener.settimeout(CONNECT_S)
        client.settimeout(CONNECT_S)
        client.connect(("192.0.2.1", 80))
        accepted, peer = listener.accept()
        accepted.close()
    return str(peer[0])


def test_a_real_server_leaves_with_the_address_of_its_director(hosts: dict[str, Namespace], tmp_path: Path) -> None:
    rules = tmp_path / "rules.nft"
    networks = ["10.1.0.0/24", "fd00:1::/64"]
    rules.write_text(rendered("lbha-lvs-masquerade.nft", networks, rules))
    unit = rendered("lbha-lvs-masquerade.service", networks, rules)
    assert seen_as(hosts) == "10.1.0.7"
    for command in commands(unit, "ExecStart"):
        run(hosts["director"], command)
    assert seen_as(hosts) == "192.0.2.2"
    for command in commands(unit, "ExecStop"):
        run(hosts["director"], command)
    assert seen_as(hosts) == "10.1.0.7"
