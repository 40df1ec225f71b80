# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.firewall_openings``: what a node with this keepalived.conf has to hear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.firewalls import Opening
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_services import keys
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse

SYNC_DAEMON_PORT = 8848  # where the kernel's connection sync daemon listens when nothing else is said


def firewall_openings(text: str) -> list[dict[str, Any]]:
    return [asdict(one) for one in dict.fromkeys(_openings(parse(str(text)).config))]


def _openings(config: Config) -> Iterator[Opening]:
    for one in config.instances:
        yield Opening(one.interface, "vrrp")
    arriving = sorted(set(_interfaces(config)))
    groups = {group.name: group for group in config.lvs.groups}
    for server in config.lvs.virtual_servers:
        for key in keys(server, groups):
            if key.port:  # none of a firewall mark, nor of every port
                yield from (Opening(interface, key.protocol.lower(), key.port) for interface in arriving)
    daemon = config.global_defs.lvs.sync_daemon
    if daemon is not None:
        yield Opening(daemon.interface, "udp", daemon.port or SYNC_DAEMON_PORT)


def _interfaces(config: Config) -> Iterator[str]:
    """Where clients may arrive."""
    for one in config.instances:
        yield one.interface
        yield from (vip.dev for vip in (*one.virtual_ipaddress, *one.virtual_ipaddress_excluded) if vip.dev)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"firewall_openings": firewall_openings}
