# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keepalived.conf of every node of a pair becomes variables, and the proof that they ask for the same.

The proof is the plan itself: it is made from the variables and compared, on every node, with what was read. A topology
whose plan differs is not taken; what no topology can say is run by the role vipd as it is. Nothing here reaches a node.
Look next at ``recognition.py`` (how variables are found) and ``equivalence.py`` (what counts as the same).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.across import across
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.commands import NOTIFIES_NOBODY
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import Diagnostic, Severity
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import Parsed, concealed, parse
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.plugin_utils.equivalence import compare
from ansible_collections.lbha.pair.plugins.plugin_utils.plan import Inventory, Plan, plan
from ansible_collections.lbha.pair.plugins.plugin_utils.recognition import DIRECTOR, UnfitError, recognise
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import FindingsError
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import UNICAST, UNICAST_ADDRESS
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import TOPOLOGIES, Member

AUTO = "auto"
RAW = "raw"
CHOICES = (AUTO, *TOPOLOGIES, RAW)
YIELDING_PRIORITY = 1  # the lowest that still speaks: every peer takes over from it


class NotImportedError(Exception):
    """All that stands in the way, one line each."""


@dataclass(frozen=True)
class Node:
    """``text`` is what its variables make; ``yielding`` what it runs now, with a priority that everybody outranks."""

    text: str
    yielding: str
    vips: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """``variables`` are for the group of the pair, ``of_host`` for single hosts. ``differences`` change nothing."""

    topology: str
    variables: Mapping[str, Any]
    of_host: Mapping[str, Mapping[str, Any]]
    nodes: Mapping[str, Node]
    findings: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def role(self) -> str:
        return f"lbha.pair.{'vipd' if self.topology == RAW else self.topology}"


@dataclass(frozen=True)
class _Candidate:
    topology: str
    variables: Mapping[str, Any]
    of_host: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, str]
    differences: tuple[str, ...]


def import_pair(texts: Mapping[str, str], topology: str = AUTO) -> Imported:
    """``texts``: by host, the host that is named first first. Raises NotImportedError."""
    parsed = {host: parse(text, file=f"{host}:keepalived.conf") for host, text in texts.items()}
    configs = {host: one.config for host, one in parsed.items()}
    found = tuple(_diagnostics(parsed))
    _refuse_errors(found, configs)
    chosen, reasons = _choose(topology, texts, configs)
    return Imported(
        topology=chosen.topology,
        variables=chosen.variables,
        of_host=chosen.of_host,
        nodes={host: _node(chosen.texts[host], config) for host, config in configs.items()},
        findings=(*(str(one) for one in found), *_unsaid(configs), *reasons),
        differences=chosen.differences,
    )


def _diagnostics(parsed: Mapping[str, Parsed]) -> Iterator[Diagnostic]:
    for one in parsed.values():
        yield from one.diagnostics
        yield from concealed(check(one.config), one)
    yield from concealed(across([one.config for one in parsed.values()]), *parsed.values())


def _refuse_errors(found: tuple[Diagnostic, ...], configs: Mapping[str, Config]) -> None:
    errors = [str(one) for one in found if one.severity is Severity.ERROR]
    errors += [f"{host}: has no vrrp_instance" for host, config in configs.items() if not config.instances]
    if len(configs) < 2:
        errors.append(f"a pair has two hosts or more, and this is {', '.join(configs) or 'none'}")
    if errors:
        raise NotImportedError(_listed("cannot be imported; correct it where it is and read it again:", errors))


def _unsaid(configs: Mapping[str, Config]) -> Iterator[str]:
    """What the module says, which reads it where it runs; a file alone does not tell."""
    for host, config in configs.items():
        notifies = [one.notify for one in config.instances] + [one.notify for one in config.sync_groups]
        if (
            config.scripts or any(one != NOTIFIES_NOBODY for one in notifies)
        ) and config.global_defs.script_user is None:
            message = "no script_user is said: keepalived takes keepalived_script or root, vipd its own account"
            yield f"{host}: {message}; say it before you switch"


def _choose(topology: str, texts: Mapping[str, str], configs: Mapping[str, Config]) -> tuple[_Candidate, list[str]]:
    """The first topology that can say it, and why those before cannot."""
    reasons: list[str] = []
    for candidate in _candidates(configs) if topology == AUTO else (topology,):
        try:
            return _candidate(candidate, texts, configs), reasons
        except UnfitError as unfit:
            reasons.append(f"{candidate} does not fit: {unfit}")
    if topology != AUTO:
        raise NotImportedError(_listed("cannot be said by this topology:", reasons))
    return _candidate(RAW, texts, configs), reasons


def _candidates(configs: Mapping[str, Config]) -> Iterator[str]:
    """A role for virtual servers first, where there are some."""
    if any(config.lvs.virtual_servers for config in configs.values()):
        yield DIRECTOR
    yield from (topology for topology in TOPOLOGIES if topology != DIRECTOR)


def _candidate(topology: str, texts: Mapping[str, str], configs: Mapping[str, Config]) -> _Candidate:
    if topology == RAW:
        return _Candidate(RAW, {}, {host: {"vipd_config": text} for host, text in texts.items()}, texts, ())
    found = recognise(topology, configs)
    shared = {f"{topology}_{name}": value for name, value in found.shared.items()}
    of_host = {
        host: {f"{topology}_{name}": value for name, value in given.items()} for host, given in found.of_host.items()
    }
    made = _planned(topology, shared, of_host, found.sources, tuple(configs))
    differences: list[str] = []
    for host, config in configs.items():
        comparison = compare(config, made.hosts[host].parsed.config)
        if comparison.different:
            raise UnfitError("; ".join(f"{host}: {one}" for one in comparison.different))
        differences += [f"{host}: {one}" for one in comparison.harmless]
    if found.sources:
        shared |= {UNICAST: True}
        of_host = {host: {**of_host.get(host, {}), UNICAST_ADDRESS: said} for host, said in found.sources.items()}
    planned = {host: one.text for host, one in made.hosts.items()}
    return _Candidate(topology, shared, of_host, planned, tuple(differences))


def _planned(
    topology: str,
    shared: Mapping[str, Any],
    of_host: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Any],
    hosts: tuple[str, ...],
) -> Plan:
    """As the role makes it when these variables stand in the inventory."""
    seen = {host: {**shared, **of_host.get(host, {})} for host in hosts}
    inventory = Inventory(
        member=lambda host: Member(host, seen[host], unicast_address=sources.get(host)) if host in seen else None,
        play_hosts=hosts,
        unicast=bool(sources),
    )
    try:
        return plan(topology, seen[hosts[0]], hosts[0], inventory)
    except FindingsError as refused:
        raise UnfitError("; ".join(map(str, refused.findings))) from None


def _node(text: str, config: Config) -> Node:
    lowered = tuple(replace(instance, priority=YIELDING_PRIORITY) for instance in config.instances)
    vips = (vip for instance in config.instances for vip in instance.virtual_ipaddress)
    return Node(text, render(replace(config, instances=lowered)), tuple(str(vip.address) for vip in vips))


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"  - {line}" for line in dict.fromkeys(lines))])
