# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pair as it was deployed: who is preferred, which VIPs, which timers; read from the nodes' own files.

The drill's bounds come from here, never from what a playbook was asked to write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .lab import LabError, Node

# The agent is not installed anywhere: it is read from where the collection keeps it.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins/module_utils"))

from vipd.config.diagnostics import ConfigError
from vipd.config.model import VrrpInstance, VrrpScript
from vipd.config.parse import load

CONFIGURATIONS = {"vipd": "etc/vipd/keepalived.conf", "keepalived": "etc/keepalived/keepalived.conf"}


@dataclass(frozen=True)
class Member:
    node: Node
    instance: VrrpInstance
    scripts: tuple[VrrpScript, ...]


@dataclass(frozen=True)
class Pair:
    """``master`` is the member of higher priority: the one that holds the VIPs when all is well."""

    service: str
    master: Member
    backup: Member

    @property
    def members(self) -> tuple[Member, Member]:
        return (self.master, self.backup)

    @property
    def vips(self) -> tuple[str, ...]:
        return tuple(str(vip.address) for vip in self.master.instance.virtual_ipaddress)


def read_pair(nodes: Iterable[Node], service: str) -> Pair:
    members = [_member(node, service) for node in nodes if node.name.startswith("lb")]
    if len(members) != 2:
        names = ", ".join(member.node.name for member in members) or "none"
        raise LabError(f"the drill wants two load balancers, nodes named lb…; this lab has: {names}")
    backup, master = sorted(members, key=lambda member: member.instance.priority)
    if backup.instance.nopreempt or master.instance.nopreempt:
        raise LabError("the drill waits for the preferred node to come back, and this pair says nopreempt")
    return Pair(service, master, backup)


def _member(node: Node, service: str) -> Member:
    path = node.disk / CONFIGURATIONS[service]
    if not path.is_file():
        raise LabError(f"{node.name} has no /{CONFIGURATIONS[service]}: deploy the pair first (make demo does)")
    try:
        config = load(str(path)).config
    except ConfigError as error:
        raise LabError(f"{node.name}: {error}") from error
    if len(config.instances) != 1:
        found = ", ".join(instance.name for instance in config.instances) or "none"
        raise LabError(f"{node.name}: the drill wants one vrrp_instance in {path}; found: {found}")
    return Member(node, config.instances[0], config.scripts)
