# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration that reads well: one node's view, before anything is touched.

Checks look at the model alone, so they serve a file, a reload and a rendered plan alike. What only
shows when two nodes are compared is not found here.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, Collection, Iterable, Optional

from .diagnostics import Diagnostic, Findings
from .model import Config, Place, VrrpInstance

OWNER_PRIORITY = 255  # RFC 9568 5.2.4: the node that owns the addresses
ADVERT_ADDRESSES_MAX = 255  # the count in an advert is one byte


def check(config: Config, interfaces: Optional[Collection[str]] = None) -> tuple[Diagnostic, ...]:
    """Everything found. ``interfaces`` are the names that exist; without them, names are not looked up."""
    findings = Findings()
    for look in _CHECKS:
        look(config, findings)
    if interfaces is not None:
        _interfaces_exist(config, interfaces, findings)
    return findings.in_order()


def _names_are_unique(config: Config, findings: Findings) -> None:
    _report_repeated("vrrp_script", ((script.name, script.place) for script in config.scripts), findings)
    _report_repeated("vrrp_instance", ((instance.name, instance.place) for instance in config.instances), findings)


def _report_repeated(kind: str, named: Iterable[tuple[str, Place]], findings: Findings) -> None:
    first: dict[str, Place] = {}
    for name, place in named:
        if name in first:
            findings.error(place, f"{kind} {name} is already defined at {first[name]}", "give it another name")
        first.setdefault(name, place)


def _scripts_have_commands(config: Config, findings: Findings) -> None:
    for script in config.scripts:
        if not script.command.argv:
            findings.error(script.place, f"vrrp_script {script.name} has no script", "add a script line")


def _instances_are_complete(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if not instance.interface:
            findings.error(instance.place, f"{_title(instance)} has no interface", "add an interface line")
        if not instance.virtual_router_id:
            findings.error(
                instance.place,
                f"{_title(instance)} has no virtual_router_id",
                "add one from 1 to 255, the same on all nodes",
            )


def _vrids_are_unique(config: Config, findings: Findings) -> None:
    first: dict[tuple[str, int], VrrpInstance] = {}
    for instance in config.instances:
        key = (instance.interface, instance.virtual_router_id)
        if not all(key):
            continue
        other = first.setdefault(key, instance)
        if other is not instance:
            findings.error(
                instance.place,
                f"{_title(instance)} has the virtual_router_id {key[1]} of {other.name} on {key[0]}",
                "each instance on an interface needs its own",
            )


def _addresses_are_held_once(config: Config, findings: Findings) -> None:
    holder: dict[object, VrrpInstance] = {}
    for instance in config.instances:
        for vip in instance.virtual_ipaddress:
            other = holder.setdefault(vip.address, instance)
            if other is not instance:
                findings.error(
                    vip.place,
                    f"{vip.address} is a virtual address of {other.name} already",
                    "two instances can be MASTER on two nodes: an address belongs to one",
                )
        _report_doubles(instance, findings)


def _report_doubles(instance: VrrpInstance, findings: Findings) -> None:
    seen: Counter[object] = Counter()
    for vip in instance.virtual_ipaddress:
        seen[vip.address] += 1
        if seen[vip.address] == 2:
            findings.error(vip.place, f"{vip.address} stands twice in {instance.name}", "remove one of the two")


def _addresses_fit(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        count = len(instance.virtual_ipaddress)
        if not count:
            findings.warning(
                instance.place, f"{_title(instance)} has no virtual_ipaddress", "it elects a master that holds nothing"
            )
        elif count > ADVERT_ADDRESSES_MAX:
            findings.error(
                instance.place,
                f"{_title(instance)} has {count} virtual addresses, an advert holds {ADVERT_ADDRESSES_MAX}",
                "use several instances",
            )


def _tracked_scripts_exist(config: Config, findings: Findings) -> None:
    scripts = {script.name for script in config.scripts}
    for instance in config.instances:
        _report_repeated(
            f"{_title(instance)}: track_script",
            ((track.name, track.place) for track in instance.track_script),
            findings,
        )
        for track in instance.track_script:
            if track.name not in scripts:
                findings.error(
                    track.place,
                    f"{_title(instance)} tracks {track.name}, which no vrrp_script defines",
                    "define it or remove it",
                )


def _nopreempt_can_work(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if not instance.nopreempt:
            continue
        if instance.state == "MASTER":
            findings.warning(
                instance.place,
                f"{_title(instance)}: nopreempt needs state BACKUP and is cleared",
                "write state BACKUP on all nodes",
            )
        elif instance.priority == OWNER_PRIORITY:
            findings.warning(
                instance.place, f"{_title(instance)}: nopreempt does not go with priority 255 and is cleared"
            )


def _interfaces_exist(config: Config, interfaces: Collection[str], findings: Findings) -> None:
    known = frozenset(interfaces)
    for instance in config.instances:
        named = [(instance.interface, instance.place)]
        named += [(vip.dev, vip.place) for vip in instance.virtual_ipaddress if vip.dev is not None]
        named += [(track.name, track.place) for track in instance.track_interface]
        for name, place in named:
            if name and name not in known:
                findings.error(
                    place,
                    f"{_title(instance)}: there is no interface {name}",
                    f"this node has {', '.join(sorted(known))}",
                )


def _title(instance: VrrpInstance) -> str:
    return f"vrrp_instance {instance.name}"


_CHECKS: tuple[Callable[[Config, Findings], None], ...] = (
    _names_are_unique,
    _scripts_have_commands,
    _instances_are_complete,
    _vrids_are_unique,
    _addresses_are_held_once,
    _addresses_fit,
    _tracked_scripts_exist,
    _nopreempt_can_work,
)
