# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this node must have: the interfaces that the configuration names, and no address of a peer or of a VIP.

Whether its programs can run is for ``vipd/checks/security.py``: that needs accounts and files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Optional

from ..diagnostics import Findings
from ..model import OWNER_PRIORITY, Address, Config, Place, VirtualAddress
from .names import title, trackers


@dataclass(frozen=True)
class Node:
    """What is known of it; None: not looked at. ``addresses`` are its own: no VIP that a daemon holds is one."""

    interfaces: Optional[Collection[str]] = None
    addresses: Collection[Address] = ()


def node_has_what_is_named(config: Config, node: Node, findings: Findings) -> None:
    if node.interfaces is not None and not config.global_defs.dynamic_interfaces:
        _interfaces_exist(config, frozenset(node.interfaces), findings)
    for instance in config.instances:
        for peer in instance.unicast_peer:
            if peer.address in node.addresses:
                message = f"{title(instance)}: the peer {peer.address} is an address of this node"
                findings.warning(peer.place, message, "name only the other nodes: nobody hears what is sent there")
        for vip in (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded):
            if vip.address in node.addresses and instance.priority != OWNER_PRIORITY:
                message = (
                    f"{title(instance)}: {vip.address} is an address of this node anyway, and stays when it yields"
                )
                remedy = f"take it off the interface, or give the owner priority {OWNER_PRIORITY}"
                findings.error(vip.place, message, remedy)


def _interfaces_exist(config: Config, known: frozenset[str], findings: Findings) -> None:
    remedy = f"this node has {', '.join(sorted(known))}"
    made = {one.use_vmac.name for one in config.instances if one.use_vmac and one.use_vmac.name}
    for who, name, place in _named(config):
        if name and name not in known and name not in made:
            findings.error(place, f"{who}: there is no interface {name}", remedy, ours=False)


def _named(config: Config) -> Iterator[tuple[str, str, Place]]:
    for instance in config.instances:
        yield title(instance), instance.interface, instance.place
        yield from _devices(title(instance), (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded))
    for tracker in trackers(config):
        yield from ((title(tracker), track.name, track.place) for track in tracker.tracks.interfaces)
    yield from _devices("static_ipaddress", config.static_ipaddress)
    yield from (("interface_up_down_delays", one.interface, one.place) for one in config.interface_delays)


def _devices(who: str, vips: tuple[VirtualAddress, ...]) -> Iterator[tuple[str, str, Place]]:
    yield from ((who, vip.dev, vip.place) for vip in vips if vip.dev is not None)
