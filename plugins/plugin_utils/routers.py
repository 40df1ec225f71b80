# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual routers of a pair: each one's instance on every host, and who prefers it.

What a role would derive of them is known here, and nothing is said: look next at ``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Endpoint
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config, VrrpInstance
from ansible_collections.lbha.pair.plugins.plugin_utils.derivation import (
    NEXT_PRIORITY,
    PREFERRED_PRIORITY,
    PRIORITY_STEP,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import require


@dataclass(frozen=True)
class Router:
    """One virtual router: its instance on each host, and who prefers it."""

    instances: Mapping[str, VrrpInstance]

    @property
    def first(self) -> VrrpInstance:
        return next(iter(self.instances.values()))

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def preferred(self) -> str:
        """Of equals the one that starts as master."""
        ranks = {host: (one.priority, one.state == "MASTER") for host, one in self.instances.items()}
        return max(ranks, key=lambda host: ranks[host])

    def ladder(self) -> dict[str, int]:
        """The priorities that the role would give."""
        hosts = list(self.instances)
        start = hosts.index(self.preferred)
        order = [*hosts[start:], *hosts[:start]]
        return dict(zip(order, [PREFERRED_PRIORITY, *range(NEXT_PRIORITY, 0, -PRIORITY_STEP)], strict=False))

    def priorities(self) -> dict[str, int]:
        """Nothing where they are the role's."""
        given = {host: instance.priority for host, instance in self.instances.items()}
        return {} if given == self.ladder() else given

    def states(self) -> dict[str, str]:
        """Those that the role would not give."""
        derived = {
            host: "MASTER" if host == self.preferred and not one.nopreempt else "BACKUP"
            for host, one in self.instances.items()
        }
        return {host: one.state for host, one in self.instances.items() if one.state != derived[host]}


def routers_of(configs: Mapping[str, Config]) -> list[Router]:
    by_host = {host: {one.virtual_router_id: one for one in config.instances} for host, config in configs.items()}
    first = next(iter(by_host.values()))
    for host, found in by_host.items():
        vrids = ", ".join(map(str, found)) or "none"
        require(found.keys() == first.keys(), f"the hosts have different instances; {host} has the VRIDs {vrids}")
        require(len(found) == len(configs[host].instances), f"{host} has two instances of one VRID")
    return [Router({host: found[key] for host, found in by_host.items()}) for key in first]


def must_be_named(router: Router, routers: list[Router]) -> bool:
    """VIPs that prefer the same host would become one instance."""
    return [other.preferred for other in routers].count(router.preferred) > 1


def as_services_come(routers: list[Router], config: Config) -> list[Router]:
    """The role makes instances for services first, in their order."""
    served = [one.service.address for one in config.lvs.virtual_servers if isinstance(one.service, Endpoint)]

    def place(router: Router) -> int:
        held = {vip.address for vip in router.first.virtual_ipaddress}
        return next((index for index, address in enumerate(served) if address in held), len(served))

    return sorted(routers, key=place)
