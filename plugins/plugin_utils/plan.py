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

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.across import across
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import Diagnostic, Severity
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import EXTENSIONS as OWN_TEXT
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import concealed, parse
from ansible_collections.lbha.pair.plugins.plugin_utils.derivation import HOSTS_MAX, HostPlan, host_plan, instances
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import Kernel, kernel
from ansible_collections.lbha.pair.plugins.plugin_utils.judgement import doubts, judge
from ansible_collections.lbha.pair.plugins.plugin_utils.neighbours import Neighbour, among_neighbours
from ansible_collections.lbha.pair.plugins.plugin_utils.pair import Outside, Pair, read
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import FindingsError, Reading
from ansible_collections.lbha.pair.plugins.plugin_utils.spreading import spread
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import EXTENSIONS, Member, Variables
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import ServerHost


@dataclass(frozen=True)
class Inventory:
    """What Ansible knows besides the role's variables; ``member`` is asked for hosts of the pair only."""

    member: Callable[[str], Member | None]
    play_hosts: Sequence[str]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limit: str = ""
    server: Callable[[str], ServerHost | None] = lambda _name: None
    unicast: Any = False
    kept_password: Callable[[str], str] = lambda _path: ""
    neighbours: Callable[[Collection[str]], Iterable[Neighbour]] = (
        lambda _hosts: ()
    )  # other pairs than that of the hosts


@dataclass(frozen=True)
class Plan:
    """``holders``: for each VIP the host that has it when all are well. ``instances``: derived ones, in their order."""

    hosts: Mapping[str, HostPlan]
    holders: Mapping[str, str]
    warnings: tuple[str, ...]
    instances: tuple[str, ...] = ()
    kernel: Kernel = field(default_factory=Kernel)


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
    pair = read(variables, hosts, Outside(inventory.server, inventory.kept_password, inventory.unicast), reading)
    if pair.hosts and "preferred" not in variables.defaults:
        pair = replace(pair, vips=spread(pair.vips, pair.hosts))
    judge(pair, variables, reading)
    _stop_at(reading)
    planned = _plan(pair, variables)
    among_neighbours(planned, inventory.neighbours(pair.hosts), variables, reading)
    _stop_at(reading)
    return planned


def _stop_at(reading: Reading) -> None:
    if reading.findings:
        raise FindingsError(reading.findings)


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


def _plan(pair: Pair, variables: Variables) -> Plan:
    wanted = instances(pair)
    hosts = {host: host_plan(pair, host, wanted) for host in pair.hosts}
    reading, warnings = Reading(), [*doubts(pair, variables), *_unread(variables, hosts)]
    for found, host in _found(hosts, variables):
        own = found.place.file == OWN_TEXT
        message = f"line {found.place.line}: {found.message}" if own and found.place.line else found.message
        if found.severity is Severity.ERROR:
            variable = EXTENSIONS if own else variables.topology
            reading.report(variable, message, found.remedy or "correct the variable", host)
        else:
            warnings.append(f"{host}: {message}" if host else message)
    _stop_at(reading)
    return Plan(
        hosts=hosts,
        holders={str(vip.address.address): instance.preferred for instance in wanted for vip in instance.vips},
        warnings=tuple(dict.fromkeys(warnings)),
        instances=tuple(instance.name for instance in wanted),
        kernel=kernel(pair.services, pair.masquerade, pair.kernel_settings),
    )


def _unread(variables: Variables, hosts: Iterable[str]) -> Iterator[str]:
    for host in hosts:
        if variables.extensions(host) and variables.provider(host) != "vipd":
            yield f"{host}: keepalived does not read what {EXTENSIONS} says"


def _found(hosts: Mapping[str, HostPlan], variables: Variables) -> Iterator[tuple[Diagnostic, str]]:
    """The second net: what ``vipd -t`` would say on each node about the very text it gets, and of all texts together.

    What only keepalived knows is keepalived's affair: a host whose text vipd does not understand is not compared.
    """
    for host, planned in hosts.items():
        if variables.provider(host) == "vipd":
            own = variables.extensions(host)
            parsed = parse(planned.text, extensions=own) if own else planned.parsed
            yield from ((one, host) for one in (*parsed.diagnostics, *concealed(check(parsed.config), parsed)))
    understood = [planned.parsed for planned in hosts.values() if not planned.parsed.errors]
    together = across([parsed.config for parsed in understood])
    for parsed in understood:
        together = concealed(together, parsed)
    yield from ((one, "") for one in together)
