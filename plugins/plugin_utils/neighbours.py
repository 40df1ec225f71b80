# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other pairs of the inventory: two pairs in one network must not share a VRID, nor two pairs anywhere a VIP.

Networks are told by the VIPs' prefixes: a pair whose VIPs are host routes alone, or that speaks unicast, is compared by
its VIPs and not by VRID. What the inventory does not know is found on the wire, by ``preflight_info``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_interface
from itertools import combinations
from typing import Protocol

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address, VrrpInstance
from ansible_collections.lbha.pair.plugins.plugin_utils.derivation import VRID_MAX, HostPlan
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import Variables

Network = IPv4Network | IPv6Network


class Planned(Protocol):
    @property
    def hosts(self) -> Mapping[str, HostPlan]: ...


@dataclass(frozen=True)
class Neighbour:
    """``title`` is what a finding calls it: its hosts. ``in_play``: some of them are deployed by this run."""

    title: str
    plan: Planned
    topology: str
    in_play: bool = False


def among_neighbours(planned: Planned, neighbours: Iterable[Neighbour], variables: Variables, reading: Reading) -> None:
    """Every two pairs of which this run deploys one. Nobody else's mistakes are told."""
    ours = Neighbour("", planned, variables.topology, in_play=True)
    for two in combinations([ours, *neighbours], 2):
        pair, neighbour = sorted(two, key=lambda one: not one.in_play)
        if pair.in_play:
            _compare(pair, neighbour, reading)


def _compare(pair: Neighbour, neighbour: Neighbour, reading: Reading) -> None:
    ours, theirs = _instances(pair.plan), _instances(neighbour.plan)
    for shared in sorted(_vips(ours) & _vips(theirs), key=str):
        message = f"{shared} is a VIP of {neighbour.title}, too"
        reading.report(f"{pair.topology}_vips", message, "give each pair its own", pair.title)
    used = {instance.virtual_router_id for instance in theirs}
    for instance in ours:
        if any(_collide(instance, their) for their in theirs):
            taken = used | {own.virtual_router_id for own in ours}
            free = next((vrid for vrid in range(1, VRID_MAX + 1) if vrid > max(taken)), min({*range(1, 256)} - taken))
            message = f"{instance.virtual_router_id} is used by {neighbour.title} in the same network"
            remedy = f"start at another one, {free} for example"
            reading.report(f"{pair.topology}_virtual_router_id", message, remedy, pair.title)


def _instances(planned: Planned) -> tuple[VrrpInstance, ...]:
    """Those of one host: they are the same on all."""
    first = next(iter(planned.hosts.values()))
    return first.parsed.config.instances


def _vips(instances: Iterable[VrrpInstance]) -> set[Address]:
    return {vip.address for one in instances for vip in (*one.virtual_ipaddress, *one.virtual_ipaddress_excluded)}


def _collide(one: VrrpInstance, other: VrrpInstance) -> bool:
    if one.virtual_router_id != other.virtual_router_id or one.unicast_peer or other.unicast_peer:
        return False
    return any(
        ours.version == theirs.version and ours.overlaps(theirs)
        for ours in _networks(one)
        for theirs in _networks(other)
    )


def _networks(instance: VrrpInstance) -> list[Network]:
    """The networks that its adverts travel in."""
    found = [ip_interface(str(vip)).network for vip in instance.virtual_ipaddress]
    return [one for one in found if one.prefixlen != one.max_prefixlen]
