# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration that reads well: one node's view, before anything is touched.

Checks look at the model alone, so they serve a file, a reload and a rendered plan alike. What only
shows when two nodes are compared is not found here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Callable, Optional

from .cleared import cleared
from .diagnostics import Diagnostic, Findings
from .lvs_check import check_lvs
from .model import OWNER_PRIORITY, Address, Config, Place, VrrpInstance
from .spoken import is_unicast, version_of

VRID_MAX = 255
ADVERT_INT_V3_MAX_S = 40.95  # RFC 9568 5.2.7: twelve bits of centiseconds
ADDRESSES_MAX = 255  # the count in an advert is one byte


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


def _report_repeated(kind: str, named: Iterable[tuple[object, Place]], findings: Findings) -> None:
    first: dict[object, Place] = {}
    for name, place in named:
        if name in first:
            findings.error(
                place, f"{kind} {name} was given before, at {first[name]}", "remove or rename one of the two"
            )
        first.setdefault(name, place)


def _scripts_have_commands(config: Config, findings: Findings) -> None:
    for script in config.scripts:
        if not script.command.argv:
            findings.error(script.place, f"vrrp_script {script.name} has no script", "add a script line")


def _instances_are_complete(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if not instance.interface:
            findings.error(instance.place, f"{_title(instance)} has no interface", "add an interface line")
        if not 1 <= instance.virtual_router_id <= VRID_MAX:
            remedy = f"add one from 1 to {VRID_MAX}, the same on all nodes"
            findings.error(instance.place, f"{_title(instance)} has no virtual_router_id", remedy)


def _intervals_fit_the_version(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        version, interval_s = version_of(instance, config.global_defs), instance.advert_int_s
        if version == 3 and interval_s > ADVERT_INT_V3_MAX_S:
            message = f"{_title(instance)}: advert_int is {interval_s:g}, more than {ADVERT_INT_V3_MAX_S} in VRRPv3"
            findings.error(instance.place, message, "shorten it")
        elif round(interval_s * 100, 6) % (1 if version == 3 else 100):
            unit = "centiseconds" if version == 3 else "seconds"
            message = f"{_title(instance)}: advert_int is {interval_s:g}, VRRPv{version} has whole {unit}"
            findings.error(instance.place, message, "round it, or use version 3" if version == 2 else "round it")


def _peers_exist(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if is_unicast(instance) and not instance.unicast_peer:
            message = f"{_title(instance)} is unicast and has no unicast_peer"
            findings.error(instance.place, message, "name the other nodes: vipd never falls back to multicast")


def _vrids_are_unique(config: Config, findings: Findings) -> None:
    first: dict[tuple[str, int], VrrpInstance] = {}
    for instance in config.instances:
        interface, vrid = instance.interface, instance.virtual_router_id
        other = first.setdefault((interface, vrid), instance)
        if other is not instance and interface and vrid:
            message = f"{_title(instance)} has the virtual_router_id {vrid}, as {other.name} has on {interface}"
            findings.error(instance.place, message, "give each instance on an interface its own")


def _addresses_are_held_once(config: Config, findings: Findings) -> None:
    holder: dict[Address, VrrpInstance] = {}
    for instance in config.instances:
        vips = instance.virtual_ipaddress
        _report_repeated(f"{_title(instance)}: address", ((vip.address, vip.place) for vip in vips), findings)
        for vip in vips:
            other = holder.setdefault(vip.address, instance)
            if other is not instance:
                message = f"{_title(instance)}: {vip.address} is an address of {other.name} too"
                findings.error(vip.place, message, "their masters can be two nodes: give it to one instance")


def _addresses_fit_an_advert(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        count = len(instance.virtual_ipaddress)
        if not count:
            findings.warning(instance.place, f"{_title(instance)} has no address", "its master will hold nothing")
        elif count > ADDRESSES_MAX:
            message = f"{_title(instance)} has {count} addresses, an advert holds {ADDRESSES_MAX}"
            findings.error(instance.place, message, "use several instances")


def _tracked_scripts_exist(config: Config, findings: Findings) -> None:
    scripts = {script.name: script for script in config.scripts}
    for instance in config.instances:
        tracks = instance.tracks.scripts
        _report_repeated(f"{_title(instance)}: track_script", ((track.name, track.place) for track in tracks), findings)
        for track in tracks:
            script = scripts.get(track.name)
            if script is None:
                message = f"{_title(instance)} tracks {track.name}, which no vrrp_script defines"
                findings.error(track.place, message, "define it, or remove it here")
            elif script.place.file == track.place.file and script.place.line > track.place.line:
                message = f"{_title(instance)} tracks {track.name}, which is defined later"
                findings.warning(track.place, message, "keepalived would not track it: define it further up")


def _tracked_interfaces_are_unique(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        named = ((track.name, track.place) for track in instance.tracks.interfaces)
        _report_repeated(f"{_title(instance)}: track_interface", named, findings)


def _owners_have_no_weights(config: Config, findings: Findings) -> None:
    """Priority 255 says that the node owns the addresses: keepalived never changes it."""
    scripts = {script.name: script.weight for script in config.scripts}
    for instance in config.instances:
        if instance.priority != OWNER_PRIORITY:
            continue
        weighted = [(track.name, track.place) for track in instance.tracks.interfaces if track.weight]
        for script in instance.tracks.scripts:
            if scripts.get(script.name) if script.weight is None else script.weight:
                weighted.append((script.name, script.place))
        for name, place in weighted:
            message = f"{_title(instance)}: the weight of {name} has no effect on priority {OWNER_PRIORITY}"
            findings.warning(place, message, "use a lower priority, or weight 0")


def _nothing_is_cleared(config: Config, findings: Findings) -> None:
    """``parse`` clears it and says so; this is for a model that no file gave."""
    cleared(config, findings)


def _interfaces_exist(config: Config, interfaces: Collection[str], findings: Findings) -> None:
    known = frozenset(interfaces)
    remedy = f"this node has {', '.join(sorted(known))}"
    for instance in config.instances:
        named = [(instance.interface, instance.place)]
        named += [(vip.dev, vip.place) for vip in instance.virtual_ipaddress if vip.dev is not None]
        named += [(track.name, track.place) for track in instance.tracks.interfaces]
        for name, place in named:
            if name and name not in known:
                findings.error(place, f"{_title(instance)}: there is no interface {name}", remedy)


def _title(instance: VrrpInstance) -> str:
    return f"vrrp_instance {instance.name}"


_CHECKS: tuple[Callable[[Config, Findings], None], ...] = (
    _names_are_unique,
    _scripts_have_commands,
    _instances_are_complete,
    _intervals_fit_the_version,
    _peers_exist,
    _vrids_are_unique,
    _addresses_are_held_once,
    _addresses_fit_an_advert,
    _tracked_scripts_exist,
    _tracked_interfaces_are_unique,
    _owners_have_no_weights,
    _nothing_is_cleared,
    check_lvs,
)
