# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a pair's variables say to each host's configuration: instances, VRIDs, priorities, states, peers, labels.

Everything here takes for granted that ``judgement.py`` found no fault. It writes nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.address_values import INTERFACE_NAME_MAX
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import SyncDaemon
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_settings import LvsGlobals
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Address,
    Command,
    Config,
    GlobalDefs,
    Notify,
    ScriptUser,
    Tracks,
    TrackScript,
    UnicastPeer,
    VirtualAddress,
    VrrpInstance,
    VrrpSyncGroup,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import Parsed, parse
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import Said
from ansible_collections.lbha.pair.plugins.plugin_utils.options import OF_PROGRAMS, Lines, with_lines
from ansible_collections.lbha.pair.plugins.plugin_utils.pair import Pair
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_ips import Vip

T = TypeVar("T")

PREFERRED_PRIORITY = 150
NEXT_PRIORITY = 100
PRIORITY_STEP = 10
HOSTS_MAX = 11  # as many as the ladder of priorities has steps: 150, 100, 90 ... 10
VRID_MAX = 255


@dataclass(frozen=True)
class HostPlan:
    """``parsed`` is how the agent reads ``text``: the derived part, the options and the raw lines."""

    text: str
    parsed: Parsed


@dataclass(frozen=True)
class Instance:
    """VIPs that move together, and the hosts in the order in which they should have them."""

    name: str
    virtual_router_id: int
    vips: tuple[Vip, ...]
    priorities: Mapping[str, int]
    said: Said
    wanted: str  # the host that the VIPs name

    @property
    def preferred(self) -> str:
        """Who has the highest priority; of equals the one that the VIPs name."""
        return max(self.priorities, key=lambda host: (self.priorities[host], host == self.wanted))


@dataclass(frozen=True)
class Group:
    """VIPs that become one instance, because they say so or prefer the same host. ``name`` is empty for the latter."""

    name: str
    preferred: str
    vips: tuple[Vip, ...]


def groups(pair: Pair) -> list[Group]:
    """VIPs by the instance that they name, or by the host that they prefer, in the order of the first of each."""
    found: dict[tuple[str, str], list[Vip]] = {}
    for vip in pair.vips:
        key = (vip.instance, "") if vip.instance else ("", vip.preferred or pair.preferred)
        found.setdefault(key, []).append(vip)
    return [Group(name, vips[0].preferred or pair.preferred, tuple(vips)) for (name, _host), vips in found.items()]


def router_ids(pair: Pair) -> list[int]:
    """The numbers that there are, in the order in which instances get them."""
    return [vrid for vrid in range(pair.virtual_router_id, VRID_MAX + 1) if vrid not in pair.reserved_router_ids]


def instances(pair: Pair) -> tuple[Instance, ...]:
    found = zip(groups(pair), router_ids(pair), strict=False)
    return tuple(_derived(pair, index, group, vrid) for index, (group, vrid) in enumerate(found))


def _derived(pair: Pair, index: int, group: Group, vrid: int) -> Instance:
    said = pair.instances[index] if index < len(pair.instances) else Said()
    return Instance(
        name=said.name or group.name or f"VI_{index + 1}",
        virtual_router_id=said.virtual_router_id or vrid,
        vips=group.vips,
        priorities={**priorities(pair, group.preferred), **said.priorities},
        said=said,
        wanted=group.preferred or pair.hosts[0],
    )


def priorities(pair: Pair, preferred: str) -> dict[str, int]:
    """Down from the preferred host, in the order of the hosts and round again; what was given stands."""
    start = pair.hosts.index(preferred) if preferred in pair.hosts else 0
    order = (*pair.hosts[start:], *pair.hosts[:start])
    ladder = [PREFERRED_PRIORITY, *range(NEXT_PRIORITY, 0, -PRIORITY_STEP)]
    return {**dict(zip(order, ladder, strict=False)), **pair.priorities}


def host_plan(pair: Pair, host: str, wanted: tuple[Instance, ...]) -> HostPlan:
    written = with_lines(render(_config(pair, host, wanted)), "global_defs {", _all(pair.global_options[host]))
    for instance in wanted:
        lines = (*_all(pair.options[host]), *_all(instance.said.at(host).options))
        written = with_lines(written, f"vrrp_instance {instance.name} {{", lines)
    if pair.raw[host].strip():
        # What an instance tracks must be defined before it: keepalived looks for some things while it reads.
        before, header, instances_and_more = written.partition(f"vrrp_instance {wanted[0].name} {{\n")
        written = f"{before}{pair.raw[host].rstrip()}\n\n{header}{instances_and_more}"
    written = "\n".join((written, *(service.text for service in pair.services)))
    return HostPlan(written, parse(written, file=f"keepalived.conf of {host}"))


def _all(options: Lines) -> tuple[str, ...]:
    return tuple(line for lines in options.values() for line in lines)


def _config(pair: Pair, host: str, wanted: tuple[Instance, ...]) -> Config:
    return Config(
        _global_defs(pair, host, wanted),
        scripts=pair.scripts[host],
        instances=tuple(_instance(pair, host, instance) for instance in wanted),
        sync_groups=tuple(
            VrrpSyncGroup(group.name, group.instances, notify=_notify(group.notify)) for group in pair.sync_groups
        ),
    )


def _global_defs(pair: Pair, host: str, wanted: tuple[Instance, ...]) -> GlobalDefs:
    """What the options say themselves is not derived."""
    spoken = [said.at(host) for said in pair.instances]
    passed = {
        *pair.options[host],
        *pair.global_options[host],
        *(key for said in spoken for key in said.options),
    }
    told = (*(said.notify for said in spoken), *(group.notify for group in pair.sync_groups))
    notified = pair.notify[host] or any(told)
    served = any(service.runs_programs for service in pair.services)
    scripted = bool(pair.scripts[host] or notified or served or passed & OF_PROGRAMS)
    derived: dict[str, Any] = {"router_id": host}
    if scripted:
        derived |= {"script_user": ScriptUser(pair.script_user), "enable_script_security": True}
    if pair.sync_daemon and "lvs_sync_daemon" not in pair.global_options[host]:
        derived["lvs"] = LvsGlobals(sync_daemon=SyncDaemon(pair.interfaces[host], wanted[0].name))
    return GlobalDefs(**{name: value for name, value in derived.items() if name not in pair.global_options[host]})


def _instance(pair: Pair, host: str, instance: Instance) -> VrrpInstance:
    said, family = instance.said.at(host), family_of(instance)
    interface = interface_at(pair, host, instance)
    source, peers = _unicast(pair, host, instance)
    nopreempt = _said_or(said.nopreempt, pair.nopreempt[host])
    leads = instance.preferred == host and not nopreempt  # keepalived clears nopreempt beside state MASTER
    return VrrpInstance(
        name=instance.name,
        interface=interface,
        virtual_router_id=instance.virtual_router_id,
        state=said.states.get(host) or ("MASTER" if leads else "BACKUP"),
        priority=instance.priorities[host],
        advert_int_s=_said_or(said.advert_int_s, pair.advert_int_s),
        auth_pass=None if family == 6 else _said_or(said.password, pair.password) or None,  # IPv6 has version 3 alone
        virtual_ipaddress=_addresses(pair, instance, interface, lambda vip: vip.address.address.version == family),
        virtual_ipaddress_excluded=_addresses(
            pair, instance, interface, lambda vip: vip.address.address.version != family
        ),
        unicast_src_ip=source,
        unicast_peer=peers,
        nopreempt=nopreempt,
        tracks=Tracks(
            interfaces=_said_or(said.track_interfaces, pair.track_interfaces[host]),
            scripts=_said_or(said.checks, tuple(TrackScript(script.name) for script in pair.scripts[host])),
        ),
        notify=_notify(_said_or(said.notify, pair.notify[host])),
    )


def family_of(instance: Instance) -> int:
    """That of its adverts: IPv4 where it has both; IPv6 addresses then come and go with them, unadvertised."""
    return min(vip.address.address.version for vip in instance.vips)


def interface_at(pair: Pair, host: str, instance: Instance) -> str:
    return instance.said.at(host).interface or pair.interfaces[host]


def _unicast(pair: Pair, host: str, instance: Instance) -> tuple[Address | None, tuple[UnicastPeer, ...]]:
    """From where to whom; nobody where adverts are multicast."""
    if not pair.unicast:
        return None, ()
    family = family_of(instance)
    found = {one: pair.sources[one].at(interface_at(pair, one, instance), family) for one in pair.hosts}
    peers = (address for one, address in found.items() if one != host)
    return found[host], tuple(UnicastPeer(address) for address in peers if address is not None)


def _said_or(said: T | None, derived: T) -> T:
    return derived if said is None else said


def _notify(commands: Mapping[str, Command]) -> Notify:
    return Notify(
        master=commands.get("notify_master"),
        backup=commands.get("notify_backup"),
        fault=commands.get("notify_fault"),
        stop=commands.get("notify_stop"),
        any=commands.get("notify"),
    )


def _addresses(
    pair: Pair, instance: Instance, interface: str, which: Callable[[Vip], bool]
) -> tuple[VirtualAddress, ...]:
    return tuple(_address(pair, vip, interface) for vip in instance.vips if which(vip))


def _address(pair: Pair, vip: Vip, interface: str) -> VirtualAddress:
    """With ``dev`` and, where it fits, a label: so that ``ip address`` shows which addresses are the pair's."""
    dev = interface if vip.address.dev is None else vip.address.dev or None
    labelled = dev and vip.address.address.version == 4  # IPv6 has no labels
    label: str | None = f"{dev}:{pair.vips.index(vip) + 1}" if labelled else None
    if vip.address.label is not None:
        label = vip.address.label or None
    elif label and len(label.encode()) > INTERFACE_NAME_MAX:
        label = None
    return replace(vip.address, dev=dev, label=label)
