# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair as all its nodes see it together: who holds what, who would take over, and what is to be doubted.

Reads what ``lbha.pair.vip_info`` returned on each node. No node alone can know that a VIP is on two; here it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Seen = Mapping[str, Any]

_IN_USE = ("REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT", "NOARP")


@dataclass(frozen=True)
class PairState:
    """``violations``: no VIP is proved to be on exactly one node. ``doubts``: those, and whatever else is not well."""

    holders: Mapping[str, list[str]]
    ready: Mapping[str, list[str]]
    violations: list[str]
    doubts: list[str]


def pair_state(seen: Mapping[str, Seen], neighbours: Iterable[Mapping[str, Any]] = (), witness: str = "") -> PairState:
    """``neighbours`` are rows of ``ip -json neighbour`` on ``witness``."""
    known = {host: one for host, one in seen.items() if "vips" in one}
    vips = list(dict.fromkeys(vip for one in known.values() for vip in one["vips"]))
    holders = {vip: [host for host, one in known.items() if vip in one["held"]] for vip in vips}
    ready = {vip: [host for host, one in known.items() if _is_ready(one, vip)] for vip in vips}
    violations = [
        *_unknown(seen),
        *_not_single(holders),
        *_elsewhere(known, holders, neighbours, witness),
    ]
    return PairState(holders, ready, violations, [*violations, *_unwell(known), *_alone(holders, ready)])


def _is_ready(one: Seen, vip: str) -> bool:
    """Of keepalived only its addresses are known: one that runs without the VIP counts as a backup."""
    if vip in one["held"] or not one["running"] or one["maintenance"]:
        return False
    if one["provider"] == "keepalived":
        return True
    instances = [instance for instance in one["instances"] if vip in instance["vips"]]
    return any(instance["state"] == "BACKUP" and not instance["stale"] for instance in instances)


def _unknown(seen: Mapping[str, Seen]) -> Iterator[str]:
    for host, one in seen.items():
        if one.get("unreachable"):
            yield f"{host} cannot be reached, so nobody knows what it holds: {one.get('msg', '')}"
        elif "vips" not in one:
            yield f"{host} cannot be looked at: {one.get('msg') or 'no answer'}"
    if not any(one.get("vips") for one in seen.values()):
        yield "no node has a VIP configured: has the pair been deployed (lbha.pair.site)?"


def _not_single(holders: Mapping[str, list[str]]) -> Iterator[str]:
    for vip, hosts in holders.items():
        if not hosts:
            yield f"{vip} is on no node"
        elif len(hosts) > 1:
            yield f"{vip} is on {' and '.join(hosts)}"


def _elsewhere(
    known: Mapping[str, Seen], holders: Mapping[str, list[str]], neighbours: Iterable[Mapping[str, Any]], witness: str
) -> Iterator[str]:
    """A neighbour table that leads to another than the holder."""
    for row in neighbours:
        vip, mac = row.get("dst", ""), str(row.get("lladdr", "")).lower()
        of_holders = {known[host]["macs"][vip].lower(): host for host in holders.get(vip, ())}
        if mac and of_holders and mac not in of_holders and set(row.get("state", _IN_USE)) & set(_IN_USE):
            right = ", ".join(f"{host} is {its}" for its, host in of_holders.items())
            yield f"{witness} sends packets for {vip} to {mac}, but {right}"


def _unwell(known: Mapping[str, Seen]) -> Iterator[str]:
    for host, one in known.items():
        yield from (f"{host}: {fault}" for fault in one["faults"])
        if one["maintenance"]:
            why = f" ({one['maintenance_reason']})" if one["maintenance_reason"] else ""
            yield f"{host} is in maintenance{why}; it ends with vipctl maintenance off"


def _alone(holders: Mapping[str, list[str]], ready: Mapping[str, list[str]]) -> Iterator[str]:
    for vip, hosts in holders.items():
        if len(hosts) == 1 and not ready[vip]:
            yield f"nobody is ready to take {vip} over from {hosts[0]}"
