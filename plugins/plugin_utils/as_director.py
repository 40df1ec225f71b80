# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual servers and the sync daemon as variables of the role for directors, and what is left of the configurations.

How a virtual server is said is in ``as_services.py``. Look next at ``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import SyncDaemon
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config, GlobalDefs
from ansible_collections.lbha.pair.plugins.plugin_utils import as_services
from ansible_collections.lbha.pair.plugins.plugin_utils.as_variables import unadvertised
from ansible_collections.lbha.pair.plugins.plugin_utils.routers import Router
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import Sayings, agreed, most_usual, require


def say_services(routers: list[Router], configs: Mapping[str, Config], sayings: Sayings) -> dict[str, Config]:
    """What is left of the configurations. A VIP that a service has is said there; in the list as well where the role
    would put it before others that stand before it."""
    given = agreed("what virtual servers do", [config.lvs.virtual_servers for config in configs.values()])
    require(bool(given), "there is no virtual_server")
    vips = {_address_of(item).partition("/")[0]: item for item in sayings.shared["vips"]}
    sayings.shared["services"] = as_services.services(given, vips)
    served = [service["vip"] for service in sayings.shared["services"] if "vip" in service]
    if _served_come_first(routers, [_address_of(item).partition("/")[0] for item in served]):
        sayings.shared["vips"] = [item for item in vips.values() if item not in served]
    return {host: replace(config, lvs=replace(config.lvs, virtual_servers=())) for host, config in configs.items()}


def _served_come_first(routers: list[Router], served: Sequence[str]) -> bool:
    """In each instance, and in the order of their services."""
    first = list(dict.fromkeys(served))
    for router in routers:
        own = [str(vip.address) for vip in (*router.first.virtual_ipaddress, *unadvertised(router.first))]
        if own != [vip for vip in first if vip in own] + [vip for vip in own if vip not in first]:
            return False
    return True


def say_sync_daemon(routers: list[Router], configs: Mapping[str, Config], sayings: Sayings) -> Mapping[str, Config]:
    """What is left of the configurations: nothing of it, where every host has the one that the role would give it."""
    for host, config in configs.items():
        interface = most_usual([router.instances[host].interface for router in routers])
        if config.global_defs.lvs.sync_daemon != SyncDaemon(interface, routers[0].name):
            return configs
    sayings.shared["sync_daemon"] = True
    return {host: replace(config, global_defs=_without_sync_daemon(config)) for host, config in configs.items()}


def _without_sync_daemon(config: Config) -> GlobalDefs:
    return replace(config.global_defs, lvs=replace(config.global_defs.lvs, sync_daemon=None))


def _address_of(item: Any) -> str:
    return str(item["address"] if isinstance(item, Mapping) else item)
