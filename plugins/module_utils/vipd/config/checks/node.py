# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this node must have: the interfaces, addresses and programs that the configuration names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Optional

from ..diagnostics import Findings
from ..model import Address, Command, Config, Place, VirtualAddress
from .names import title, trackers

# In words what keeps a command from being run on this node; empty if nothing does.
Fault = Callable[[Command], str]


@dataclass(frozen=True)
class Node:
    """What is known of it; None: not looked at."""

    interfaces: Optional[Collection[str]] = None
    addresses: Collection[Address] = ()
    fault: Optional[Fault] = None


def node_has_what_is_named(config: Config, node: Node, findings: Findings) -> None:
    if node.interfaces is not None:
        _interfaces_exist(config, frozenset(node.interfaces), findings)
    if node.fault is not None:
        _programs_can_run(config, node.fault, findings)
    for instance in config.instances:
        for peer in instance.unicast_peer:
            if peer.address in node.addresses:
                message = f"{title(instance)}: the peer {peer.address} is an address of this node"
                findings.error(peer.place, message, "name only the other nodes")


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


def _programs_can_run(config: Config, fault: Fault, findings: Findings) -> None:
    tracked = tracked_scripts(config)
    for who, command, place in commands(config):
        reason = fault(command) if command.argv else ""
        if reason:
            message = f"{who}: {command.argv[0]} {reason}"
            ours = who.partition(" ")[2] not in tracked  # keepalived leaves out whom a notify cannot tell, in silence
            findings.error(place, message, "a program that cannot run is never left out", ours=ours)


def tracked_scripts(config: Config) -> set[str]:
    return {track.name for one in trackers(config) for track in one.tracks.scripts}


def commands(config: Config) -> Iterator[tuple[str, Command, Place]]:
    """Every program that the VRRP half names, who names it and where."""
    for script in config.scripts:
        yield f"vrrp_script {script.name}", script.command, script.place
    for tracker in trackers(config):
        for name, command in vars(tracker.notify).items():
            if isinstance(command, Command):
                yield f"{title(tracker)}: notify_{name}".replace("notify_any", "notify"), command, tracker.place
    node = config.global_defs
    for name in ("startup_script", "shutdown_script"):
        command = getattr(node, name)
        if command is not None:
            yield f"global_defs: {name}", command, node.place
    for name in ("notify_fifo", "vrrp_notify_fifo"):
        fifo = getattr(node, name)
        if fifo is not None and fifo.script is not None:
            yield f"global_defs: {name}_script", fifo.script, node.place
