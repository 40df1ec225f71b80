# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs that stay and would be spoken of differently: until all nodes know of it, each would hold such a VIP.

Nodes hear each other of a VIP in one VRID, on one interface, by one family. A run that changes this and deploys node by
node, or only some of the nodes, would leave the VIP on two. Compares a plan, as the filter ``pair_plan`` returns it,
with what ``vip_info`` found on each node; what an older or another agent does not tell is not compared. Pure.
VRIDs follow from the order of the VIPs: see ``derivation.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.spoken_vips import Change, by_vip, changes
from ansible_collections.lbha.pair.plugins.plugin_utils.derivation import VRID_MAX

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Renumbering:
    """``pins``: by the index of an instance of the plan the VRID that keeps all as it is; empty where none does."""

    changes: Mapping[Change, tuple[str, ...]]
    pins: Mapping[int, int]

    def sentences(self) -> list[str]:
        return [f"{change} on {' and '.join(hosts)}" for change, hosts in self.changes.items()]


def renumbering(plan: Values, seen: Mapping[str, Values], together: Collection[str] = ()) -> Renumbering:
    """``together``: who is deployed at once. The others keep what they have; a silent one, what these have now."""
    known = {host: seen[host]["instances"] for host in plan["hosts"] if "instances" in seen.get(host, {})}
    others = [host for host in plan["hosts"] if host not in together]
    keeping = others if all(host in known for host in others) else list(known)
    found: dict[Change, list[str]] = {}
    for host in keeping:
        for change in changes(known[host], plan["hosts"][host]["speaks"]):
            found.setdefault(change, []).append(host)
    numbers_alone = found and all(change.of_number_alone for change in found)
    pins = _pins(plan, [known[host] for host in keeping]) if numbers_alone else {}
    return Renumbering({change: tuple(hosts) for change, hosts in found.items()}, pins)


def _pins(plan: Values, nodes: Sequence[Iterable[Values]]) -> dict[int, int]:
    """Instances keep the number that their VIPs have; a new one gets a free one if it would have got one of these."""
    (first, *_others) = plan["hosts"].values()
    derived = {one["name"]: one for one in first["speaks"]}
    numbers = [derived[name]["virtual_router_id"] for name in plan["instances"]]
    now = [_numbers(derived[name]["vips"], nodes) for name in plan["instances"]]
    kept = [vrid for numbered in now for vrid in numbered]
    if any(len(numbered) > 1 for numbered in now) or len(kept) != len(set(kept)):
        return {}  # instances are joined, or parted
    free = (vrid for vrid in range(max(*kept, *numbers) + 1, VRID_MAX + 1))
    wanted = [
        next(iter(numbered)) if numbered else next(free, 0) if vrid in kept else vrid
        for numbered, vrid in zip(now, numbers, strict=True)
    ]
    return {index: vrid for index, vrid in enumerate(wanted) if vrid != numbers[index]} if all(wanted) else {}


def _numbers(vips: Iterable[str], nodes: Iterable[Iterable[Values]]) -> set[int]:
    found = (by_vip(instances).get(vip, {}).get("virtual_router_id") for instances in nodes for vip in vips)
    return {vrid for vrid in found if vrid is not None}
