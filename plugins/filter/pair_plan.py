# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.pair_plan``: Ansible's variables to plain values, and the plan to plain values again.

Documented in ``pair_plan.yml``; what a plan is stands in ``plugin_utils/plan.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.utils.display import Display
from ansible_collections.lbha.pair.plugins.module_utils import model_values
from ansible_collections.lbha.pair.plugins.module_utils.spoken_vips import speaks
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address, Config, VrrpInstance
from ansible_collections.lbha.pair.plugins.plugin_utils.ansible_values import plain
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import Network
from ansible_collections.lbha.pair.plugins.plugin_utils.kept_passwords import kept_password
from ansible_collections.lbha.pair.plugins.plugin_utils.neighbours import Neighbour
from ansible_collections.lbha.pair.plugins.plugin_utils.plan import Inventory, Plan, plan
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import FindingsError
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import UNICAST, UNICAST_ADDRESS
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import ANSIBLE_HOST, EXTENSIONS, TOPOLOGIES, Member
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import ServerHost
from jinja2 import TemplateError

PROVIDER = "vipd_provider"
UNKNOWN: Mapping[str, Any] = {}  # false, so that a default applies


def pair_plan(
    given: Mapping[str, Any],
    topology: str,
    *,
    hostvars: Mapping[str, Any],
    host: str,
    play_hosts: list[str],
    groups: Mapping[str, list[str]] | None = None,
    limit: str = "",
    inventory_dir: str = "",
    check_mode: bool = False,
    whole_inventory: bool = False,
) -> dict[str, Any]:
    if topology not in TOPOLOGIES:
        raise AnsibleFilterError(f"pair_plan: no topology is called {topology!r}; there are {', '.join(TOPOLOGIES)}")
    variables = plain(given)
    provider, unicast = variables.pop(PROVIDER, "vipd"), variables.pop(UNICAST, None) or False
    extensions = str(variables.pop(EXTENSIONS, None) or "")
    variables.pop(UNICAST_ADDRESS, None)  # of the asking host: the inventory has it, as that of the others
    seen = cache(lambda name: member(hostvars, name, f"{topology}_", provider, extensions))
    inventory = Inventory(
        member=seen,
        play_hosts=plain(play_hosts),
        groups=plain(groups or {}),
        limit=str(limit),
        server=lambda name: server(hostvars, name),
        unicast=unicast,
        kept_password=lambda path: kept_password(path, str(inventory_dir or ""), bool(check_mode)),
        neighbours=lambda hosts: neighbours(hostvars, hosts, plain(play_hosts)) if whole_inventory else (),
    )
    try:
        found = plan(topology, variables, host, inventory)
    except FindingsError as findings:
        raise AnsibleFilterError(str(findings)) from None
    for warning in found.warnings:
        Display().warning(warning)
    return as_values(found, seen)


def member(hostvars: Mapping[str, Any], name: str, prefix: str, provider: str, extensions: str = "") -> Member | None:
    if name not in hostvars:
        return None
    variables = hostvars[name]
    seen = {key: variable(variables, key) for key in variables if key.startswith(prefix)}
    facts = variable(variables, "ansible_facts") or {}
    return Member(
        name=name,
        variables={key: value for key, value in seen.items() if value is not UNKNOWN},
        own_addresses=dict(own_addresses(variables, facts)),
        interfaces=interfaces(facts) if "interfaces" in facts else None,
        networks=tuple(networks(facts)),
        provider=str(variable(variables, PROVIDER) or provider),
        extensions=str(variable(variables, EXTENSIONS) or extensions),
        unicast=known(variable(variables, UNICAST)),
        unicast_address=known(variable(variables, UNICAST_ADDRESS)),
    )


def known(value: Any) -> Any:
    return None if value is UNKNOWN else value


def neighbours(hostvars: Mapping[str, Any], hosts: Collection[str], play_hosts: Collection[str]) -> Iterator[Neighbour]:
    """Other pairs that the inventory describes than that of ``hosts``; one with mistakes is not judged here."""
    for topology in TOPOLOGIES:
        pairs: dict[str, list[Member]] = {}
        for name in sorted(set(hostvars) - set(hosts)):
            if f"{topology}_vips" in hostvars[name] or f"{topology}_services" in hostvars[name]:
                of = member(hostvars, name, f"{topology}_", "vipd")
                if of is not None:
                    shared = {key: of.variables.get(f"{topology}_{key}") for key in ("vips", "services", "hosts")}
                    pairs.setdefault(repr(shared), []).append(of)
        for members in pairs.values():
            yield from neighbour(topology, {one.name: one for one in members}, hostvars, play_hosts)


def neighbour(
    topology: str, members: Mapping[str, Member], hostvars: Mapping[str, Any], play_hosts: Collection[str]
) -> Iterator[Neighbour]:
    first, *_others = members.values()
    inventory = Inventory(
        member=members.get,
        play_hosts=list(members),
        server=lambda name: server(hostvars, name),
        unicast=first.unicast or False,
    )
    try:
        planned = plan(topology, first.variables, first.name, inventory)
    except FindingsError:
        return
    yield Neighbour(", ".join(members), planned, topology, in_play=not members.keys().isdisjoint(play_hosts))


def variable(variables: Mapping[str, Any], name: str) -> Any:
    """A value out of another host's view, where what a play or another role says is unknown: then ``UNKNOWN``."""
    try:
        return plain(variables.get(name))
    except (AnsibleError, TemplateError):
        return UNKNOWN


def own_addresses(variables: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[tuple[Address, str]]:
    """Addresses that are no VIP for certain: where the host is reached, and the first one of each interface."""
    for name in interfaces(facts) if "interfaces" in facts else ():
        yield from address(fact_of(facts, name).get("ipv4", {}).get("address"), name)
    yield from address(variable(variables, ANSIBLE_HOST), ANSIBLE_HOST)


def server(hostvars: Mapping[str, Any], name: str) -> ServerHost | None:
    """A host of the inventory that is to be a real server."""
    if name not in hostvars:
        return None
    variables = hostvars[name]
    facts = variable(variables, "ansible_facts") or {}
    said = (variable(variables, "lvs_real_server_address"), variable(variables, ANSIBLE_HOST))
    found = (str(one) for one in (*said, facts.get("default_ipv4", {}).get("address"), name) if is_address(one))
    vips, forwarding, tunnel = (
        variable(variables, f"lvs_real_server_{name}") for name in ("vips", "forwarding", "tunnel")
    )
    return ServerHost(
        name=name,
        address=next(found, ""),
        vips=tuple(map(without_prefix, vips)) if isinstance(vips, list) and vips else None,
        forwarding=forwarding if isinstance(forwarding, str) and forwarding else None,
        tunnel=tunnel if isinstance(tunnel, str) else "",
    )


def without_prefix(vip: Any) -> str:
    written = vip.get("address") if isinstance(vip, Mapping) else vip
    return str(written).partition("/")[0]


def is_address(value: Any) -> bool:
    try:
        ip_address(str(value))
    except ValueError:
        return False
    return True


def networks(facts: Mapping[str, Any]) -> Iterator[Network]:
    """What a host reaches without a router."""
    for name in interfaces(facts) if "interfaces" in facts else ():
        fact = fact_of(facts, name)
        for one in [fact.get("ipv4", {}), *fact.get("ipv4_secondaries", []), *fact.get("ipv6", [])]:
            if "address" in one and "prefix" in one:
                yield ip_network(f"{one['address']}/{one['prefix']}", strict=False)


def interfaces(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Real ones: Ansible lists labels such as ``eth0:1`` among them."""
    return tuple(sorted(name for name in facts["interfaces"] if fact_of(facts, name).get("device") == name))


def fact_of(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    fact: Mapping[str, Any] = facts.get(name.replace("-", "_"), {})
    return fact


def address(value: Any, origin: str) -> Iterator[tuple[Address, str]]:
    try:
        yield ip_address(str(value)), origin
    except ValueError:
        return


def as_values(found: Plan, seen: Callable[[str], Member | None]) -> dict[str, Any]:
    return {
        "hosts": {
            name: {
                "text": planned.text,
                "config": model_values.as_values(planned.parsed.config),
                "instances": [on_the_wire(instance) for instance in planned.parsed.config.instances],
                "speaks": [speaks(instance) for instance in planned.parsed.config.instances],
                "address": reached_at(seen(name), planned.parsed.config),
            }
            for name, planned in found.hosts.items()
        },
        "holders": dict(found.holders),
        "instances": list(found.instances),
        "kernel": {
            "modules": list(found.kernel.modules),
            "settings": dict(found.kernel.settings),
            "masquerade": list(found.kernel.masquerade),
        },
    }


def on_the_wire(instance: VrrpInstance) -> dict[str, Any]:
    """As the module preflight_info takes it."""
    return {
        "interface": instance.interface,
        "virtual_router_id": instance.virtual_router_id,
        "addresses": [str(vip) for vip in (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded)],
        "peers": [str(peer.address) for peer in instance.unicast_peer],
    }


def reached_at(host: Member | None, config: Config) -> str | None:
    """The host's own address where the pair speaks, else the one that Ansible uses; None where neither is known."""
    vips = {vip.address for instance in config.instances for vip in instance.virtual_ipaddress}
    own = {origin: address for address, origin in (host.own_addresses if host else {}).items() if address not in vips}
    places = [*(instance.interface for instance in config.instances), ANSIBLE_HOST]
    return next((str(own[place]) for place in places if place in own), None)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"pair_plan": pair_plan}
