# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of all hosts of a pair become one plan: a configuration for each host, or every mistake at once.

State, priority, VRID, instance names and labels are derived here. The result is the agent's own model, checked by the
agent's own checks and written by the agent's own ``render``: what a node gets is what was judged. The plan reads the
inventory, so it is the same whichever host asks and whatever ``--limit`` says; facts, where there are some, only add
findings. It must never reach out to a node.
Look next at ``pair.py`` (the variables) and at the filter ``pair_plan`` (where Ansible calls this).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import Severity
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import SyncDaemon
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_settings import LvsGlobals
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    OWNER_PRIORITY,
    Address,
    Command,
    Config,
    GlobalDefs,
    Notify,
    ScriptUser,
    Tracks,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import Parsed, concealed, parse
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.values import INTERFACE_NAME_MAX
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import (
    Director,
    Kernel,
    judge,
    kernel,
    words_are_understood,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import Said
from ansible_collections.lbha.pair.plugins.plugin_utils.options import OF_PROGRAMS, Lines, with_lines
from ansible_collections.lbha.pair.plugins.plugin_utils.pair import ANSIBLE_HOST, Member, Pair, Variables, Vip, read
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import FindingsError, Reading
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import ServerHost

T = TypeVar("T")

HOSTS_MAX = 11  # as many as the ladder of priorities has steps: 150, 100, 90 ... 10
PREFERRED_PRIORITY = 150
NEXT_PRIORITY = 100
PRIORITY_STEP = 10


@dataclass(frozen=True)
class Inventory:
    """What Ansible knows besides the role's variables; ``member`` is asked for hosts of the pair only."""

    member: Callable[[str], Member | None]
    play_hosts: Sequence[str]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limit: str = ""
    server: Callable[[str], ServerHost | None] = lambda _name: None


@dataclass(frozen=True)
class HostPlan:
    """``parsed`` is how the agent reads ``text``: the derived part, the options and the raw lines."""

    text: str
    parsed: Parsed


@dataclass(frozen=True)
class Plan:
    """``holders``: for each VIP the host that has it when all are well."""

    hosts: Mapping[str, HostPlan]
    holders: Mapping[str, str]
    warnings: tuple[str, ...]
    kernel: Kernel = field(default_factory=Kernel)


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


def plan(topology: str, given: Mapping[str, Any], asking: str, inventory: Inventory) -> Plan:
    """``given`` holds the role's variables as the host ``asking`` sees them. Raises ``FindingsError``."""
    reading = Reading()
    hosts = _hosts(topology, given, inventory, reading)
    found = {name: inventory.member(name) for name in dict.fromkeys((*hosts, asking))}
    for name in (name for name in hosts if found[name] is None):
        reading.report(f"{topology}_hosts", f"{name} is not in the inventory", "add it there, or correct the name")
    variables = Variables(topology, given, asking, {name: member for name, member in found.items() if member})
    variables.report_unknown(reading)
    variables.report_disagreement(reading)
    pair = read(variables, hosts, inventory.server, reading)
    _judge(pair, variables, reading)
    if reading.findings:
        raise FindingsError(reading.findings)
    return _plan(pair, variables)


def _hosts(topology: str, given: Mapping[str, Any], inventory: Inventory, reading: Reading) -> tuple[str, ...]:
    """The whole pair: as named, else the play's hosts; behind ``--limit`` the one group that holds them."""
    variable = f"{topology}_hosts"
    named = given.get(variable)
    if named:
        hosts = tuple(dict.fromkeys(str(item) for _path, item in reading.items(variable, named, "host names")))
    elif inventory.limit:
        hosts = _hosts_behind_limit(variable, inventory, reading)
    else:
        hosts = tuple(inventory.play_hosts)
    if not 2 <= len(hosts) <= HOSTS_MAX:
        reading.report(
            variable,
            f"the pair would have {len(hosts)} host{'' if len(hosts) == 1 else 's'} ({', '.join(hosts)})",
            f"name 2 to {HOSTS_MAX} hosts, for example \"{{{{ groups['lb'] }}}}\"",
        )
    return hosts


def _hosts_behind_limit(variable: str, inventory: Inventory, reading: Reading) -> tuple[str, ...]:
    wanted = set(inventory.play_hosts)
    groups = {
        tuple(hosts): name
        for name, hosts in inventory.groups.items()
        if name not in ("all", "ungrouped") and len(hosts) > 1 and wanted <= set(hosts)
    }
    if len(groups) == 1:
        return next(iter(groups))
    found = f"several groups hold them ({', '.join(sorted(groups.values()))})" if groups else "no group holds them"
    reading.report(
        variable,
        f"--limit hides which hosts form the pair of {', '.join(inventory.play_hosts)}: {found}",
        "name the hosts, for example \"{{ groups['lb'] }}\"",
    )
    return tuple(inventory.play_hosts)


# -- judging the pair as a whole -------------------------------------------------------------------------------------


def _judge(pair: Pair, variables: Variables, reading: Reading) -> None:
    _preferred_hosts_are_members(pair, variables, reading)
    _router_ids_suffice(pair, variables, reading)
    _instances_fit(pair, variables, reading)
    _interval_fits_the_version(pair, variables, reading)
    _priorities_differ(pair, variables, reading)
    _vips_are_free(pair, variables, reading)
    _interfaces_exist(pair, variables, reading)
    _options_are_understood(pair, variables, reading)
    _services_lead_somewhere(pair, variables, reading)


def _services_lead_somewhere(pair: Pair, variables: Variables, reading: Reading) -> None:
    directors = (
        Director(name, member.own_addresses, member.networks)
        for name, member in variables.members.items()
        if name in pair.hosts
    )
    judge(pair.services, directors, {vip.address.address: vip.place for vip in pair.vips}, reading)
    if any(_provider(variables, host) == "vipd" for host in pair.hosts):
        words_are_understood(pair.services, reading)


def _preferred_hosts_are_members(pair: Pair, variables: Variables, reading: Reading) -> None:
    named = [(vip.of_preferred, vip.preferred) for vip in pair.vips]
    for variable, host in [(variables.name("preferred"), pair.preferred), *named]:
        if host and host not in pair.hosts:
            reading.report(variable, f"{host} is not a host of the pair", f"write one of {', '.join(pair.hosts)}")


def _router_ids_suffice(pair: Pair, variables: Variables, reading: Reading) -> None:
    last = pair.virtual_router_id + len(_groups(pair)) - 1
    if last > 255:
        reading.report(
            variables.name("virtual_router_id"),
            f"{pair.virtual_router_id} leaves no number for {len(_groups(pair))} instances",
            "start lower: instances are numbered on from here, up to 255",
        )


def _instances_fit(pair: Pair, variables: Variables, reading: Reading) -> None:
    groups = _groups(pair)
    if len(pair.instances) > len(groups):
        message = f"describes {len(pair.instances)} instances, and the VIPs make {len(groups)}"
        reading.report(variables.name("instances"), message, "remove what is too many")
    for group in groups:
        for vip in (vip for vip in group.vips if vip.preferred != group.vips[0].preferred):
            message = f"{vip.preferred}, and {group.vips[0].place} of the same instance {group.vips[0].preferred}"
            reading.report(vip.of_preferred, message, "an instance prefers one host: name two instances")
    for said, group in zip(pair.instances, groups, strict=False):
        _names_hosts_and_checks(said, pair, reading)
        if said.priorities:
            ranks = {**_priorities(pair, group.preferred), **said.priorities}
            meant = {host for host, rank in said.priorities.items() if rank != OWNER_PRIORITY}
            variable = (f"{said.place}.priorities", "the VIP's preferred")
            _ranks_differ(ranks, group.preferred, variable, reading, meant)


def _names_hosts_and_checks(said: Said, pair: Pair, reading: Reading) -> None:
    for what in ("priorities", "states", "hosts"):
        for host in (host for host in getattr(said, what) if host not in pair.hosts):
            remedy = f"write one of {', '.join(pair.hosts)}"
            reading.report(f"{said.place}.{what}.{host}", "is not a host of the pair", remedy)
    for host in pair.hosts:
        outside = parse(pair.raw.get(host, "")).config.scripts
        known = [script.name for script in (*pair.scripts[host], *outside)]
        for track in (track for track in said.at(host).checks or () if track.name not in known):
            remedy = f"name one of {', '.join(known)}" if known else "define it there first"
            reading.report(f"{said.place}.checks", f"{host} has no check called {track.name}", remedy)


def _interval_fits_the_version(pair: Pair, variables: Variables, reading: Reading) -> None:
    if pair.advert_int_s.is_integer() or all(_speaks_version_3(pair, host) for host in pair.hosts):
        return
    remedy = f"write whole seconds from 1 to 255, or {variables.name('instance_options')}: {{version: 3}} as well"
    reading.report(variables.name("advert_int_s"), f"{pair.advert_int_s:g} is not possible", remedy)


def _speaks_version_3(pair: Pair, host: str) -> bool:
    said = (pair.options[host].get("version"), pair.global_options[host].get("vrrp_version"))
    return said[0] == ("version 3",) or (said[0] is None and said[1] == ("vrrp_version 3",))


def _priorities_differ(pair: Pair, variables: Variables, reading: Reading) -> None:
    """Equal priorities leave the election to the hosts' addresses, where nobody looks for it."""
    if not pair.priorities or len(pair.hosts) > HOSTS_MAX:
        return
    ranks = _priorities(pair, pair.preferred)
    _ranks_differ(ranks, pair.preferred, (variables.name("priority"), variables.name("preferred")), reading)


def _ranks_differ(
    ranks: Mapping[str, int], preferred: str, said: tuple[str, str], reading: Reading, meant: Set[str] = frozenset()
) -> None:
    """``said``: the variables of priority and preference. Hosts that are ``meant`` to be equal may be."""
    variable, preference = said
    for priority in sorted(set(ranks.values())):
        equal = [host for host in ranks if ranks[host] == priority]
        if len(equal) > 1 and not set(equal) <= meant:
            reading.report(variable, f"{' and '.join(equal)} both have {priority}", "give each host one of its own")
    highest = max(ranks, key=lambda host: ranks[host])
    if preferred in ranks and ranks[highest] > ranks[preferred]:
        reading.report(
            variable,
            f"{highest} ({ranks[highest]}) would outrank the preferred {preferred} ({ranks[preferred]})",
            f"change it, or {preference}",
        )


def _vips_are_free(pair: Pair, variables: Variables, reading: Reading) -> None:
    first: dict[Address, str] = {}
    for vip in pair.vips:
        wanted = vip.address.address
        if first.setdefault(wanted, vip.place) != vip.place:
            reading.report(vip.place, f"{wanted} stands in {first[wanted]} already", "remove one of the two")
        for member in variables.members.values():
            origin = member.own_addresses.get(wanted)
            # An interface that has no address of its own may show the VIP that it holds just now.
            if origin and origin in (ANSIBLE_HOST, pair.interfaces.get(member.name)):
                reading.report(
                    vip.place,
                    f"{wanted} is the address of {member.name} ({origin})",
                    "a VIP is an address that no host has",
                )


def _interfaces_exist(pair: Pair, variables: Variables, reading: Reading) -> None:
    for host in pair.hosts:
        member = variables.members.get(host)
        if member is None or member.interfaces is None:
            continue
        named = [(variables.name("interface"), pair.interfaces.get(host))]
        named += [(f"{vip.place}.dev", vip.address.dev) for vip in pair.vips]
        named += [(variables.name("track_interfaces"), track.name) for track in pair.track_interfaces[host]]
        for said in pair.instances:
            watched = said.at(host).track_interfaces or ()
            named += [(f"{said.place}.interface", said.at(host).interface)]
            named += [(f"{said.place}.track_interfaces", track.name) for track in watched]
        for variable, name in named:
            if name and name not in member.interfaces:
                have = ", ".join(member.interfaces) or "none"
                reading.report(variable, f"there is no interface {name}", f"{host} has {have}", host)


def _options_are_understood(pair: Pair, variables: Variables, reading: Reading) -> None:
    """The agent's own parser judges what it will read; keepalived's nodes are judged by keepalived itself."""
    if all(_provider(variables, host) == "keepalived" for host in pair.hosts):
        return
    for host in pair.hosts:
        _lines_are_understood(variables.name("instance_options"), "vrrp_instance VI_1", pair.options[host], reading)
        _lines_are_understood(variables.name("global_options"), "global_defs", pair.global_options[host], reading)
        for said in pair.instances:
            _lines_are_understood(f"{said.place}.options", "vrrp_instance VI_1", said.at(host).options, reading)
        for fault in parse(pair.raw[host], file=variables.name("raw")).errors if host in pair.raw else ():
            where = f"line {fault.place.line}: {fault.message}"
            reading.report(variables.name("raw"), where, fault.remedy or "see keepalived.conf(5)")


def _lines_are_understood(variable: str, block: str, options: Lines, reading: Reading) -> None:
    for keyword, lines in options.items():
        fragment = "\n".join([f"{block} {{", *lines, "}"])
        for fault in parse(fragment, file=f"{variable}.{keyword}").errors:
            reading.report(f"{variable}.{keyword}", fault.message, fault.remedy or "see keepalived.conf(5)")


def _provider(variables: Variables, host: str) -> str:
    member = variables.members.get(host)
    return member.provider if member else "vipd"


# -- building --------------------------------------------------------------------------------------------------------


def _plan(pair: Pair, variables: Variables) -> Plan:
    instances = _instances(pair)
    hosts = {host: _host_plan(pair, host, instances) for host in pair.hosts}
    reading, warnings = Reading(), []
    for host, planned in hosts.items():
        if _provider(variables, host) == "keepalived":
            continue
        # The second net: what the node's own ``vipd -t`` would say about the very text it gets.
        parsed = planned.parsed
        for found in (*parsed.diagnostics, *concealed(check(parsed.config), parsed)):
            if found.severity is Severity.ERROR:
                reading.report(variables.topology, found.message, found.remedy or "correct the variable", host)
            else:
                warnings.append(f"{host}: {found.message}")
    if reading.findings:
        raise FindingsError(reading.findings)
    return Plan(
        hosts=hosts,
        holders={str(vip.address.address): instance.preferred for instance in instances for vip in instance.vips},
        warnings=tuple(dict.fromkeys(warnings)),
        kernel=kernel(pair.services, pair.masquerade, pair.kernel_settings),
    )


def _groups(pair: Pair) -> list[Group]:
    """VIPs by the instance that they name, or by the host that they prefer, in the order of the first of each."""
    found: dict[tuple[str, str], list[Vip]] = {}
    for vip in pair.vips:
        key = (vip.instance, "") if vip.instance else ("", vip.preferred or pair.preferred)
        found.setdefault(key, []).append(vip)
    return [Group(name, vips[0].preferred or pair.preferred, tuple(vips)) for (name, _host), vips in found.items()]


def _instances(pair: Pair) -> tuple[Instance, ...]:
    return tuple(_derived(pair, index, group) for index, group in enumerate(_groups(pair)))


def _derived(pair: Pair, index: int, group: Group) -> Instance:
    said = pair.instances[index] if index < len(pair.instances) else Said()
    return Instance(
        name=said.name or group.name or f"VI_{index + 1}",
        virtual_router_id=said.virtual_router_id or pair.virtual_router_id + index,
        vips=group.vips,
        priorities={**_priorities(pair, group.preferred), **said.priorities},
        said=said,
        wanted=group.preferred or pair.hosts[0],
    )


def _priorities(pair: Pair, preferred: str) -> dict[str, int]:
    """Down from the preferred host, in the order of the hosts and round again; what was given stands."""
    start = pair.hosts.index(preferred) if preferred in pair.hosts else 0
    order = (*pair.hosts[start:], *pair.hosts[:start])
    ladder = [PREFERRED_PRIORITY, *range(NEXT_PRIORITY, 0, -PRIORITY_STEP)]
    return {**dict(zip(order, ladder, strict=False)), **pair.priorities}


def _host_plan(pair: Pair, host: str, instances: tuple[Instance, ...]) -> HostPlan:
    written = with_lines(render(_config(pair, host, instances)), "global_defs {", _all(pair.global_options[host]))
    for instance in instances:
        lines = (*_all(pair.options[host]), *_all(instance.said.at(host).options))
        written = with_lines(written, f"vrrp_instance {instance.name} {{", lines)
    if pair.raw[host].strip():
        # What an instance tracks must be defined before it: keepalived looks for some things while it reads.
        before, header, instances_and_more = written.partition(f"vrrp_instance {instances[0].name} {{\n")
        written = f"{before}{pair.raw[host].rstrip()}\n\n{header}{instances_and_more}"
    written = "\n".join((written, *(service.text for service in pair.services)))
    return HostPlan(written, parse(written, file="keepalived.conf"))


def _all(options: Lines) -> tuple[str, ...]:
    return tuple(line for lines in options.values() for line in lines)


def _config(pair: Pair, host: str, instances: tuple[Instance, ...]) -> Config:
    return Config(
        _global_defs(pair, host, instances),
        scripts=pair.scripts[host],
        instances=tuple(_instance(pair, host, instance) for instance in instances),
    )


def _global_defs(pair: Pair, host: str, instances: tuple[Instance, ...]) -> GlobalDefs:
    """What the options say themselves is not derived."""
    spoken = [said.at(host) for said in pair.instances]
    passed = {
        *pair.options[host],
        *pair.global_options[host],
        *(key for said in spoken for key in said.options),
    }
    notified = pair.notify[host] or any(said.notify for said in spoken)
    scripted = bool(pair.scripts[host] or notified or passed & OF_PROGRAMS)
    derived: dict[str, Any] = {"router_id": host}
    if scripted:
        derived |= {"script_user": ScriptUser(pair.script_user), "enable_script_security": True}
    if pair.sync_daemon and "lvs_sync_daemon" not in pair.global_options[host]:
        derived["lvs"] = LvsGlobals(sync_daemon=SyncDaemon(pair.interfaces[host], instances[0].name))
    return GlobalDefs(**{name: value for name, value in derived.items() if name not in pair.global_options[host]})


def _instance(pair: Pair, host: str, instance: Instance) -> VrrpInstance:
    said = instance.said.at(host)
    interface = said.interface or pair.interfaces[host]
    nopreempt = _said_or(said.nopreempt, pair.nopreempt[host])
    leads = instance.preferred == host and not nopreempt  # keepalived clears nopreempt beside state MASTER
    return VrrpInstance(
        name=instance.name,
        interface=interface,
        virtual_router_id=instance.virtual_router_id,
        state=said.states.get(host) or ("MASTER" if leads else "BACKUP"),
        priority=instance.priorities[host],
        advert_int_s=_said_or(said.advert_int_s, pair.advert_int_s),
        auth_pass=_said_or(said.password, pair.password) or None,
        virtual_ipaddress=tuple(_address(pair, vip, interface) for vip in instance.vips),
        nopreempt=nopreempt,
        tracks=Tracks(
            interfaces=_said_or(said.track_interfaces, pair.track_interfaces[host]),
            scripts=_said_or(said.checks, tuple(TrackScript(script.name) for script in pair.scripts[host])),
        ),
        notify=_notify(_said_or(said.notify, pair.notify[host])),
    )


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


def _address(pair: Pair, vip: Vip, interface: str) -> VirtualAddress:
    """With ``dev`` and, where it fits, a label: so that ``ip address`` shows which addresses are the pair's."""
    dev = interface if vip.address.dev is None else vip.address.dev or None
    label: str | None = f"{dev}:{pair.vips.index(vip) + 1}" if dev else None
    if vip.address.label is not None:
        label = vip.address.label or None
    elif label and len(label.encode()) > INTERFACE_NAME_MAX:
        label = None
    return replace(vip.address, dev=dev, label=label)
