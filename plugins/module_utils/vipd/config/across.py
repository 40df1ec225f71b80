# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a pair, or more nodes, when each node's own file is right: seen only by comparing them.

Every finding names both places. ``agreement.py`` compares two nodes' instances of a virtual router, ``overtaking.py``
looks at who would be master after a failure. Look in ``check.py`` for one node's view.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from .agreement import agree
from .diagnostics import Diagnostic, Findings
from .model import Config, Place
from .overtaking import failures_can_move_it
from .virtual_router import Key, Member, routers_of


def across(configs: Sequence[Config]) -> tuple[Diagnostic, ...]:
    """Everything found; the order of the nodes decides only which of two places a finding stands at."""
    findings = Findings(ours=True)
    routers = routers_of(configs)
    for members in routers.values():
        _is_everywhere(members, configs, findings)
        for one, other in combinations(members, 2):
            agree(one, other, findings)
        failures_can_move_it(members, findings)
    _addresses_are_of_one_router(routers, findings)
    _sync_groups_agree(configs, findings)
    return findings.in_order()


def _is_everywhere(members: list[Member], configs: Sequence[Config], findings: Findings) -> None:
    for member in members if len(configs) > 1 and len(members) == 1 else ():
        message = f"{member.title}: no other node has the virtual_router_id {member.instance.virtual_router_id}"
        findings.warning(member.place, message, "nobody takes over from it: use the same on all nodes")


def _addresses_are_of_one_router(routers: dict[Key, list[Member]], findings: Findings) -> None:
    """Of two nodes: what is wrong within one file was found there."""
    first: dict[object, tuple[Key, Place, Member]] = {}
    for key, members in routers.items():
        for member in members:
            for vip in (*member.instance.virtual_ipaddress, *member.instance.virtual_ipaddress_excluded):
                other, place, holder = first.setdefault(vip.address, (key, vip.place, member))
                if other[0] != key[0] and holder.config is not member.config:
                    message = (
                        f"{member.title}: {vip.address} has the virtual_router_id {key[0]}, but {other[0]} at {place}"
                    )
                    findings.error(vip.place, message, f"two nodes would hold it: {holder.title} has it already")


def _sync_groups_agree(configs: Sequence[Config], findings: Findings) -> None:
    """By the VRIDs of the members: names are each node's own affair."""
    for one, other in combinations(configs, 2):
        ours, theirs = _grouped(one), _grouped(other)
        for members, place in ours.items():
            near = max(theirs, key=lambda group: len(group & members), default=frozenset())
            if members not in theirs and near & members:
                message = f"a vrrp_sync_group holds the virtual routers {_listed(members)}, but {_listed(near)}"
                findings.warning(place, f"{message} at {theirs[near]}", "group the same on all nodes")


def _grouped(config: Config) -> dict[frozenset[int], Place]:
    vrids = {instance.name: instance.virtual_router_id for instance in config.instances}
    return {
        frozenset(vrids[name] for name in group.group if name in vrids): group.place for group in config.sync_groups
    }


def _listed(vrids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(vrids)))
