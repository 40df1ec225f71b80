# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.firewall_openings``: what a node with this keepalived.conf has to hear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import (
    AddressRange,
    Endpoint,
    FirewallMark,
    GroupName,
    VirtualServer,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse

SYNC_DAEMON_PORT = 8848  # where the kernel's connection sync daemon listens when nothing else is said


def firewall_openings(text: str) -> list[dict[str, Any]]:
    config = parse(str(text)).config
    found = [{"interface": one.interface, "protocol": "vrrp"} for one in config.instances]
    arriving = sorted({one.interface for one in config.instances} | set(_devices(config)))
    for server in config.lvs.virtual_servers:
        found += [
            {"interface": interface, "protocol": (server.protocol or "TCP").lower(), "port": port}
            for port in _ports(server, config)
            for interface in arriving
        ]
    daemon = config.global_defs.lvs.sync_daemon
    if daemon is not None:
        found.append({"interface": daemon.interface, "protocol": "udp", "port": daemon.port or SYNC_DAEMON_PORT})
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _devices(config: Config) -> Iterator[str]:
    for one in config.instances:
        yield from (vip.dev for vip in (*one.virtual_ipaddress, *one.virtual_ipaddress_excluded) if vip.dev)


def _ports(server: VirtualServer, config: Config) -> Iterator[int]:
    """None of a service that a firewall mark chooses, or that has every port."""
    members: tuple[Endpoint | AddressRange | FirewallMark, ...] = ()
    if isinstance(server.service, GroupName):
        named = server.service.name
        members = next((group.members for group in config.lvs.groups if group.name == named), ())
    else:
        members = (server.service,)
    yield from (one.port for one in members if not isinstance(one, FirewallMark) and one.port)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"firewall_openings": firewall_openings}
