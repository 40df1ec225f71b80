# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configurations of a pair's nodes become variables of a topology role, or a reason why they do not fit it.

What the role derives is left out, what it has a variable for is said there, the rest is passed through. Nothing here
proves that the variables are right: ``migration.py`` does, by making the plan from them and comparing. How a part is
said is in ``as_variables.py`` and the other ``as_*.py``, where it is said in ``sayings.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Config,
    VrrpScript,
)
from ansible_collections.lbha.pair.plugins.plugin_utils import as_services, as_sources, as_variables
from ansible_collections.lbha.pair.plugins.plugin_utils.as_checks import say_checks
from ansible_collections.lbha.pair.plugins.plugin_utils.as_director import say_services, say_sync_daemon
from ansible_collections.lbha.pair.plugins.plugin_utils.as_vips import vips
from ansible_collections.lbha.pair.plugins.plugin_utils.options import OF_PROGRAMS
from ansible_collections.lbha.pair.plugins.plugin_utils.routers import (
    Router,
    as_services_come,
    must_be_named,
    routers_of,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import (
    Sayings,
    UnfitError,
    require,
    without,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import KEYWORDS as SPOKEN
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import COMMON, TOPOLOGIES

__all__ = ["DIRECTOR", "Found", "UnfitError", "recognise"]

DUAL = "dual_master"
DIRECTOR = "lvs_director"


@dataclass(frozen=True)
class Found:
    """Variables of a role, without its prefix: of the pair, and of single hosts.

    ``sources`` is each host's ``vipd_unicast_address``; without any, the pair is not one of ``vipd_unicast``.
    """

    shared: Mapping[str, Any]
    of_host: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, Any] = field(default_factory=dict)


def recognise(topology: str, configs: Mapping[str, Config]) -> Found:
    """Raises UnfitError."""
    routers = routers_of(configs)
    if topology == DIRECTOR:
        routers = as_services_come(routers, next(iter(configs.values())))
    _require_preferences(topology, routers)
    sayings = Sayings({host: {} for host in configs}, [{} for _router in routers])
    _say_who_leads(topology, routers, sayings)
    sayings.shared["vips"] = vips(routers, say_preferred=topology == DUAL)
    served = False
    if topology == DIRECTOR:
        served = as_services.runs_programs(next(iter(configs.values())).lvs.virtual_servers)
        configs = say_sync_daemon(routers, say_services(routers, configs, sayings), sayings)
    checks = say_checks(routers, configs, sayings)
    _say_what_has_variables(routers, sayings)
    sources = as_sources.sources([router.instances for router in routers])
    _pass_options_through(routers, SPOKEN if sources else (), sayings)
    _say_what_is_outside(routers, configs, checks, sayings)
    served = served or any(group.get("notify") for group in sayings.shared["sync_groups"])
    scripted = {host: served or bool(checks[host]) or _runs_programs(config) for host, config in configs.items()}
    _say_global_options(configs, scripted, sayings)
    return _found(topology, sayings, sources)


def _require_preferences(topology: str, routers: list[Router]) -> None:
    preferred = dict.fromkeys(router.preferred for router in routers)
    if topology == DUAL:
        require(len(routers) > 1, "there is one instance, and dual_master has one for each host that is preferred")
    else:
        one = len(preferred) == 1
        require(one, f"there are instances that prefer {' and '.join(preferred)}, and it has one such host")


def _found(topology: str, sayings: Sayings, sources: Mapping[str, Any]) -> Found:
    defaults = TOPOLOGIES[topology]
    while sayings.instances and not sayings.instances[-1]:
        sayings.instances.pop()
    sayings.shared["instances"] = sayings.instances
    of_host = {
        host: {name: value for name, value in given.items() if value != defaults.get(name)}
        for host, given in sayings.of_host.items()
    }
    return Found(
        {name: value for name, value in sayings.shared.items() if value != defaults.get(name)},
        {host: given for host, given in of_host.items() if given},
        sources,
    )


# -- which instances there are, and who leads ------------------------------------------------------------------------


def _say_who_leads(topology: str, routers: list[Router], sayings: Sayings) -> None:
    first = routers[0].first.virtual_router_id
    sayings.shared["virtual_router_id"] = first
    for index, (router, said) in enumerate(zip(routers, sayings.instances, strict=True)):
        if router.name != f"VI_{index + 1}" and not must_be_named(router, routers):
            said["name"] = router.name
        if router.first.virtual_router_id != first + index:
            said["virtual_router_id"] = router.first.virtual_router_id
        said |= {name: value for name, value in (("states", router.states()),) if value}
    if topology != DUAL and routers[0].preferred != next(iter(routers[0].instances)):
        sayings.shared["preferred"] = routers[0].preferred
    _say_priorities(topology, routers, sayings)


def _say_priorities(topology: str, routers: list[Router], sayings: Sayings) -> None:
    said_of = [router.priorities() for router in routers]
    ranks = said_of[0].values()
    if topology != DUAL and all(one == said_of[0] for one in said_of) and len(set(ranks)) == len(ranks):
        for host, priority in said_of[0].items():
            sayings.of_host[host]["priority"] = priority
        return
    for said, priorities in zip(sayings.instances, said_of, strict=True):
        if priorities:
            said["priorities"] = priorities


# -- what has a variable of its own ----------------------------------------------------------------------------------


def _say_what_has_variables(routers: list[Router], sayings: Sayings) -> None:
    def each(value: Any) -> list[dict[str, Any]]:
        return [{host: value(one) for host, one in router.instances.items()} for router in routers]

    sayings.say("interface", each(lambda one: one.interface))
    sayings.say("nopreempt", each(lambda one: one.nopreempt))
    sayings.say("track_interfaces", each(as_variables.track_interfaces))
    sayings.say("notify", each(as_variables.notify))
    sayings.say_of_all("advert_int_s", each(lambda one: as_variables.number(one.advert_int_s)))
    sayings.say_of_all("password", each(lambda one: one.auth_pass or ""))


# -- what is passed through ------------------------------------------------------------------------------------------


def _pass_options_through(routers: list[Router], derived: Collection[str], sayings: Sayings) -> None:
    instance_options = [
        {host: without(as_variables.instance_options(one), derived) for host, one in router.instances.items()}
        for router in routers
    ]
    sayings.pass_through("instance_options", instance_options)


def _say_what_is_outside(
    routers: list[Router], configs: Mapping[str, Config], checks: Mapping[str, list[VrrpScript]], sayings: Sayings
) -> None:
    grouped = _sync_groups(routers, configs)
    sayings.shared["sync_groups"] = grouped
    outside = {
        host: as_variables.outside(
            replace(config, sync_groups=()) if grouped else config, {script.name for script in checks[host]}
        )
        for host, config in configs.items()
    }
    sayings.share("raw", outside)


def _say_global_options(configs: Mapping[str, Config], scripted: Mapping[str, bool], sayings: Sayings) -> None:
    options = {host: _global_options(host, config, scripted[host]) for host, config in configs.items()}
    users = {given.get("script_user") for given in options.values()}
    if any(scripted.values()) and len(users) == 1 and isinstance(user := users.pop(), str) and " " not in user:
        sayings.shared["script_user"] = user
        options = {host: without(given, {"script_user": user}) for host, given in options.items()}
    sayings.share("global_options", options)


def _sync_groups(routers: list[Router], configs: Mapping[str, Config]) -> list[dict[str, Any]]:
    """Those of all hosts, if the role would take them: members have one ladder of priorities, and one group."""
    found = [as_variables.sync_groups(config) for config in configs.values()]
    ranks = {router.name: [one.priority for one in router.instances.values()] for router in routers}
    members = [name for group in found[0] for name in group["instances"]]
    fits = all(one == found[0] for one in found) and len(set(members)) == len(members) and set(members) <= ranks.keys()
    for group in found[0] if fits else ():
        ladders = [ranks[name] for name in group["instances"]]
        fits = fits and len(ladders) > 1 and all(ladder == ladders[0] for ladder in ladders)
    return found[0] if fits else []


def _global_options(host: str, config: Config, scripted: bool) -> dict[str, Any]:
    """What the role derives is left out, and what it would derive and is not there is denied."""
    options = as_variables.global_options(config.global_defs)
    if options.get("router_id") == host:
        del options["router_id"]
    if scripted:
        if options.get("script_user") == COMMON["script_user"]:
            del options["script_user"]
        else:
            options.setdefault("script_user", False)
        if options.pop("enable_script_security", None) is None:
            options["enable_script_security"] = False
    return options


def _runs_programs(config: Config) -> bool:
    """Whether the role would derive script security."""
    passed = [as_variables.instance_options(instance) for instance in config.instances]
    passed.append(as_variables.global_options(config.global_defs))
    return any(map(as_variables.notify, config.instances)) or any(OF_PROGRAMS & given.keys() for given in passed)
