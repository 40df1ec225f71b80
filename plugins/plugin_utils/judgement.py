# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the variables of a pair make sense together: what no single host, and no single value, can show.

Every finding names the variable to change. Look next at ``derivation.py``, which builds on what passed here, and at
``pair.py``, where single values are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import OWNER_PRIORITY, Address
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.plugin_utils.derivation import (
    HOSTS_MAX,
    VRID_MAX,
    Instance,
    family_of,
    groups,
    instances,
    interface_at,
    priorities,
    router_ids,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import Director, words_are_understood
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import judge as judge_services
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import Said
from ansible_collections.lbha.pair.plugins.plugin_utils.options import Lines
from ansible_collections.lbha.pair.plugins.plugin_utils.pair import Pair
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading, boolean
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import KEYWORDS, UNICAST, UNICAST_ADDRESS
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import ANSIBLE_HOST, Variables

# -- judging the pair as a whole -------------------------------------------------------------------------------------


def judge(pair: Pair, variables: Variables, reading: Reading) -> None:
    _preferred_hosts_are_members(pair, variables, reading)
    _router_ids_suffice(pair, variables, reading)
    _instances_fit(pair, variables, reading)
    _interval_fits_the_version(pair, variables, reading)
    _priorities_differ(pair, variables, reading)
    _vips_are_free(pair, variables, reading)
    _interfaces_exist(pair, variables, reading)
    _options_are_understood(pair, variables, reading)
    _services_lead_somewhere(pair, variables, reading)
    _sync_groups_stay_together(pair, reading)
    _hosts_have_addresses_to_speak_from(pair, variables, reading)
    _peers_are_others(pair, variables, reading)


def _services_lead_somewhere(pair: Pair, variables: Variables, reading: Reading) -> None:
    directors = (
        Director(name, member.own_addresses, member.networks)
        for name, member in variables.members.items()
        if name in pair.hosts
    )
    judge_services(pair.services, directors, {vip.address.address: vip.place for vip in pair.vips}, reading)
    if any(variables.provider(host) == "vipd" for host in pair.hosts):
        words_are_understood(pair.services, reading)


def _sync_groups_stay_together(pair: Pair, reading: Reading) -> None:
    """Members that different hosts prefer would be pulled to and fro."""
    made = {instance.name: instance for instance in instances(pair)} if pair.hosts else {}
    first: dict[str, str] = {}
    for group in pair.sync_groups:
        members = [made[name] for name in group.instances if name in made]
        for name in (name for name in group.instances if name not in made):
            reading.report(f"{group.place}.instances", f"no instance is called {name}", f"there are {', '.join(made)}")
        for name in group.instances:
            if first.setdefault(name, group.name) != group.name:
                message = f"{name} is a member of {first[name]} too"
                reading.report(f"{group.place}.instances", message, "leave it in one of them")
        for other in members[1:]:
            if other.priorities != members[0].priorities:
                message = f"{members[0].name} and {other.name} have different priorities, or prefer different hosts"
                reading.report(f"{group.place}.instances", message, "what moves together prefers one host")


def _hosts_have_addresses_to_speak_from(pair: Pair, variables: Variables, reading: Reading) -> None:
    if not pair.unicast:
        return
    for host, member in variables.members.items():
        if member.unicast is not None and not reading.take(UNICAST, boolean, member.unicast, False, host):
            reading.report(UNICAST, "the hosts disagree", "set it once for the whole pair, in group_vars", host)
        for keyword in (keyword for keyword in KEYWORDS if keyword in pair.options.get(host, ())):
            variable = variables.name("instance_options")
            reading.report(f"{variable}.{keyword}", f"is derived with {UNICAST}", "remove one of the two", host)
    for instance in instances(pair):
        _all_can_speak(pair, instance, reading)
    _addresses_to_speak_from_are_there(pair, variables, reading)


def _peers_are_others(pair: Pair, variables: Variables, reading: Reading) -> None:
    """keepalived would take it, and send adverts to itself."""
    for host in pair.hosts:
        said = pair.options[host]
        source = " ".join(said.get("unicast_src_ip", ())).partition(" ")[2]
        peers = {line.split()[0] for line in said.get("unicast_peer", ()) if line.strip()}
        if source in peers:
            variable = f"{variables.name('instance_options')}.unicast_peer"
            reading.report(variable, f"{source} is its own unicast_src_ip", "name only the other hosts", host)


def _all_can_speak(pair: Pair, instance: Instance, reading: Reading) -> None:
    family, first = family_of(instance), dict[Address, str]()
    for host in pair.hosts:
        interface = interface_at(pair, host, instance)
        source = pair.sources[host].at(interface, family)
        if source is None:
            message = f"no IPv{family} address is known from which {host} speaks on {interface}"
            remedy = f"set it in the host's variables, or {ANSIBLE_HOST} to an address"
            reading.report(UNICAST_ADDRESS, message, remedy, host)
        elif first.setdefault(source, host) != host:
            message = f"{source} is the address of {first[source]}, too"
            reading.report(UNICAST_ADDRESS, message, "give each host its own", host)


def _addresses_to_speak_from_are_there(pair: Pair, variables: Variables, reading: Reading) -> None:
    vips = {vip.address.address: vip.place for vip in pair.vips}
    for host in pair.hosts:
        member = variables.members.get(host)
        for source in pair.sources[host].all():
            if source in vips and source not in (member.own_addresses if member else ()):
                reading.report(UNICAST_ADDRESS, f"{source} is a VIP ({vips[source]})", "a host speaks as itself", host)
            networks = [one for one in (member.networks if member else ()) if one.version == source.version]
            if networks and not any(source in one for one in networks):
                there = ", ".join(sorted(map(str, networks)))
                reading.report(UNICAST_ADDRESS, f"{host} has no address {source}", f"it is in {there}", host)


def _preferred_hosts_are_members(pair: Pair, variables: Variables, reading: Reading) -> None:
    named = [(vip.of_preferred, vip.preferred) for vip in pair.vips]
    for variable, host in [(variables.name("preferred"), pair.preferred), *named]:
        if host and host not in pair.hosts:
            reading.report(variable, f"{host} is not a host of the pair", f"write one of {', '.join(pair.hosts)}")


def _router_ids_suffice(pair: Pair, variables: Variables, reading: Reading) -> None:
    wanted = len(groups(pair))
    if len(router_ids(pair)) < wanted:
        reading.report(
            variables.name("virtual_router_id"),
            f"{pair.virtual_router_id} leaves no number for {wanted} instances",
            f"start lower: instances are numbered on from here, up to {VRID_MAX}, past reserved ones",
        )


def _instances_fit(pair: Pair, variables: Variables, reading: Reading) -> None:
    made = groups(pair)
    if len(pair.instances) > len(made):
        message = f"describes {len(pair.instances)} instances, and the VIPs make {len(made)}"
        reading.report(variables.name("instances"), message, "remove what is too many")
    for group in made:
        for vip in (vip for vip in group.vips if vip.preferred != group.vips[0].preferred):
            message = f"{vip.preferred}, and {group.vips[0].place} of the same instance {group.vips[0].preferred}"
            reading.report(vip.of_preferred, message, "an instance prefers one host: name two instances")
    for said, group in zip(pair.instances, made, strict=False):
        _names_hosts_and_checks(said, pair, reading)
        if said.priorities:
            ranks = {**priorities(pair, group.preferred), **said.priorities}
            meant = {host for host, rank in said.priorities.items() if rank != OWNER_PRIORITY}
            variable = (f"{said.place}.priorities", "the VIP's preferred")
            _ranks_differ(ranks, group.preferred, variable, reading, meant)


def _names_hosts_and_checks(said: Said, pair: Pair, reading: Reading) -> None:
    for host in (host for host, state in said.states.items() if state == "MASTER" and host in pair.hosts):
        own = said.at(host).nopreempt
        if pair.nopreempt.get(host) if own is None else own:
            remedy = "write BACKUP, or leave it out"
            reading.report(f"{said.place}.states.{host}", "MASTER lets nopreempt have no effect", remedy)
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
    if all(vip.address.address.version == 6 for vip in pair.vips):
        return
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
    ranks = priorities(pair, pair.preferred)
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
    if all(variables.provider(host) == "keepalived" for host in pair.hosts):
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


def doubts(pair: Pair, variables: Variables) -> Iterator[str]:
    """What is most likely a slip of the pen and may be meant; only where facts tell."""
    for host in pair.hosts:
        member = variables.members.get(host)
        for vip in pair.vips:
            networks = [
                one for one in (member.networks if member else ()) if one.version == vip.address.address.version
            ]
            host_route = vip.address.prefix_length == vip.address.address.max_prefixlen
            if networks and not host_route and not any(vip.address.address in one for one in networks):
                there = ", ".join(sorted(str(one) for one in networks if not one.is_loopback))
                yield f"{vip.place}: {vip.address} is in no network of {host}, which has {there}"
