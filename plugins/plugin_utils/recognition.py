# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configurations of a pair's nodes become variables of a topology role, or a reason why they do not fit it.

What the role derives is left out, what it has a variable for is said there, the rest is passed through. Nothing here
proves that the variables are right: ``migration.py`` does, by making the plan from them and comparing. How a part is
said is in ``as_variables.py``, where it is said in ``sayings.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs import Endpoint, SyncDaemon
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    NOWHERE,
    Config,
    GlobalDefs,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)
from ansible_collections.lbha.pair.plugins.plugin_utils import as_services, as_sources, as_variables
from ansible_collections.lbha.pair.plugins.plugin_utils.derivation import (
    NEXT_PRIORITY,
    PREFERRED_PRIORITY,
    PRIORITY_STEP,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.options import OF_PROGRAMS
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import (
    Sayings,
    UnfitError,
    agreed,
    most_usual,
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


@dataclass(frozen=True)
class Router:
    """One virtual router: its instance on each host, and who prefers it."""

    instances: Mapping[str, VrrpInstance]

    @property
    def first(self) -> VrrpInstance:
        return next(iter(self.instances.values()))

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def preferred(self) -> str:
        """Of equals the one that starts as master."""
        ranks = {host: (one.priority, one.state == "MASTER") for host, one in self.instances.items()}
        return max(ranks, key=lambda host: ranks[host])

    def ladder(self) -> dict[str, int]:
        """The priorities that the role would give."""
        hosts = list(self.instances)
        start = hosts.index(self.preferred)
        order = [*hosts[start:], *hosts[:start]]
        return dict(zip(order, [PREFERRED_PRIORITY, *range(NEXT_PRIORITY, 0, -PRIORITY_STEP)], strict=False))

    def priorities(self) -> dict[str, int]:
        """Nothing where they are the role's."""
        given = {host: instance.priority for host, instance in self.instances.items()}
        return {} if given == self.ladder() else given

    def states(self) -> dict[str, str]:
        """Those that the role would not give."""
        derived = {
            host: "MASTER" if host == self.preferred and not one.nopreempt else "BACKUP"
            for host, one in self.instances.items()
        }
        return {host: one.state for host, one in self.instances.items() if one.state != derived[host]}


def recognise(topology: str, configs: Mapping[str, Config]) -> Found:
    """Raises UnfitError."""
    routers = _routers(configs)
    if topology == DIRECTOR:
        routers = _as_services_come(routers, next(iter(configs.values())))
    preferred = [router.preferred for router in routers]
    if topology != DUAL:
        one = all(host == preferred[0] for host in preferred)
        require(
            one, f"there are instances that prefer {' and '.join(dict.fromkeys(preferred))}, and it has one such host"
        )
    else:
        require(len(routers) > 1, "there is one instance, and dual_master has one for each host that is preferred")
    sayings = Sayings({host: {} for host in configs}, [{} for _router in routers])
    _say_who_leads(topology, routers, sayings)
    sayings.shared["vips"] = _vips(topology, routers)
    served = False
    if topology == DIRECTOR:
        served = as_services.runs_programs(next(iter(configs.values())).lvs.virtual_servers)
        configs = _say_sync_daemon(routers, _say_services(configs, sayings), sayings)
    checks = _say_checks(routers, configs, sayings)
    _say_what_has_variables(routers, sayings)
    sources = as_sources.sources([router.instances for router in routers])
    _pass_options_through(routers, SPOKEN if sources else (), sayings)
    _say_what_is_outside(routers, configs, checks, sayings)
    served = served or any(group.get("notify") for group in sayings.shared["sync_groups"])
    scripted = {host: served or bool(checks[host]) or _runs_programs(config) for host, config in configs.items()}
    _say_global_options(configs, scripted, sayings)
    return _found(topology, sayings, sources)


def _routers(configs: Mapping[str, Config]) -> list[Router]:
    by_host = {host: {one.virtual_router_id: one for one in config.instances} for host, config in configs.items()}
    first = next(iter(by_host.values()))
    for host, found in by_host.items():
        vrids = ", ".join(map(str, found)) or "none"
        require(found.keys() == first.keys(), f"the hosts have different instances; {host} has the VRIDs {vrids}")
        require(len(found) == len(configs[host].instances), f"{host} has two instances of one VRID")
    return [Router({host: found[key] for host, found in by_host.items()}) for key in first]


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
        if router.name != f"VI_{index + 1}" and not _must_be_named(router, routers):
            said["name"] = router.name
        if router.first.virtual_router_id != first + index:
            said["virtual_router_id"] = router.first.virtual_router_id
        said |= {name: value for name, value in (("states", router.states()),) if value}
    if topology != DUAL and routers[0].preferred != next(iter(routers[0].instances)):
        sayings.shared["preferred"] = routers[0].preferred
    _say_priorities(topology, routers, sayings)


def _must_be_named(router: Router, routers: list[Router]) -> bool:
    """VIPs that prefer the same host would become one instance."""
    return [other.preferred for other in routers].count(router.preferred) > 1


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


# -- virtual IPs -----------------------------------------------------------------------------------------------------


def _vips(topology: str, routers: list[Router]) -> list[Any]:
    items: list[Any] = []
    for router in routers:
        lists = [_plain_vips(instance) for instance in router.instances.values()]
        require(all(len(one) == len(lists[0]) for one in lists), f"{router.name}: the hosts have different VIPs")
        require(bool(lists[0]), f"{router.name} has no virtual_ipaddress")
        for seen in zip(*lists, strict=True):
            item = _vip(seen, len(items) + 1, router)
            if topology == DUAL:
                item["preferred"] = router.preferred
            if _must_be_named(router, routers):
                item["instance"] = router.name
            items.append(item if len(item) > 1 else item["address"])
    return items


def _plain_vips(instance: VrrpInstance) -> list[VirtualAddress]:
    """Without a device that is the instance's interface anyway; a VMAC is not that."""
    vips = [*instance.virtual_ipaddress, *as_variables.unadvertised(instance)]
    if instance.use_vmac is not None:
        return vips
    return [replace(vip, dev=None if vip.dev == instance.interface else vip.dev) for vip in vips]


def _vip(seen: Iterable[VirtualAddress], number: int, router: Router) -> dict[str, Any]:
    found = list(seen)
    vip = agreed(f"{router.name}: {found[0].address}", [replace(one, label=None) for one in found])
    on_vmac = router.first.use_vmac is not None
    item = as_variables.vip(vip, on_vmac)
    derived = [
        as_variables.label(vip, "" if on_vmac and not vip.dev else vip.dev or one.interface, number)
        for one in router.instances.values()
    ]
    labels = [one.label for one in found]
    if labels != derived:
        item["label"] = agreed(f"{router.name}: the label of {vip.address}", labels) or ""
    return item


def _as_services_come(routers: list[Router], config: Config) -> list[Router]:
    """The role makes instances for services first, in their order."""
    served = [one.service.address for one in config.lvs.virtual_servers if isinstance(one.service, Endpoint)]

    def place(router: Router) -> int:
        held = {vip.address for vip in router.first.virtual_ipaddress}
        return next((index for index, address in enumerate(served) if address in held), len(served))

    return sorted(routers, key=place)


def _say_services(configs: Mapping[str, Config], sayings: Sayings) -> dict[str, Config]:
    """What is left of the configurations. A VIP that a service has is said there."""
    given = agreed("what virtual servers do", [config.lvs.virtual_servers for config in configs.values()])
    require(bool(given), "there is no virtual_server")
    vips = {_address_of(item).partition("/")[0]: item for item in sayings.shared["vips"]}
    sayings.shared["services"] = as_services.services(given, vips)
    served = [service["vip"] for service in sayings.shared["services"] if "vip" in service]
    sayings.shared["vips"] = [item for item in vips.values() if item not in served]
    return {host: replace(config, lvs=replace(config.lvs, virtual_servers=())) for host, config in configs.items()}


def _say_sync_daemon(routers: list[Router], configs: Mapping[str, Config], sayings: Sayings) -> Mapping[str, Config]:
    """What is left of the configurations: nothing of it, where every host has the one that the role would give it."""
    for host, config in configs.items():
        interface = most_usual([router.instances[host].interface for router in routers])
        if config.global_defs.lvs.sync_daemon != SyncDaemon(interface, routers[0].name):
            return configs
    sayings.shared["sync_daemon"] = True
    return {host: replace(config, global_defs=_without_sync_daemon(config)) for host, config in configs.items()}


def _without_sync_daemon(config: Config) -> GlobalDefs:
    return replace(config.global_defs, lvs=replace(config.global_defs.lvs, sync_daemon=None))


def _address_of(item: Any) -> str:
    return str(item["address"] if isinstance(item, Mapping) else item)


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


def _say_checks(routers: list[Router], configs: Mapping[str, Config], sayings: Sayings) -> dict[str, list[VrrpScript]]:
    """The checks of each host; other scripts are passed through."""
    tracked = [{host: one.tracks.scripts for host, one in router.instances.items()} for router in routers]
    checks = {host: _checks([one[host] for one in tracked], config) for host, config in configs.items()}
    sayings.share(
        "checks", {host: [as_variables.check(script) for script in scripts] for host, scripts in checks.items()}
    )
    for said, seen in zip(sayings.instances, tracked, strict=True):
        own = {host: _own_tracks(tracks, checks[host]) for host, tracks in seen.items()}
        sayings.excepting(said, "checks", {host: names for host, names in own.items() if names is not None})
    return checks


def _checks(tracked: list[tuple[TrackScript, ...]], config: Config) -> list[VrrpScript]:
    """What all instances of the host track alike is weighed where it is defined."""
    defined = {one.name: replace(one, place=NOWHERE) for one in config.scripts if _is_a_check(one)}
    if all(tracks == tracked[0] for tracks in tracked):
        return [_weighed(track, defined[track.name]) for track in tracked[0] if track.name in defined]
    names = dict.fromkeys(track.name for tracks in tracked for track in tracks)
    return [defined[name] for name in names if name in defined]


def _is_a_check(script: VrrpScript) -> bool:
    """A role wants the full path of a program; what keepalived looks for in its PATH is passed through."""
    return bool(script.command.argv) and script.command.argv[0].startswith("/")


def _weighed(track: TrackScript, script: VrrpScript) -> VrrpScript:
    return script if track.weight is None else replace(script, weight=track.weight, reverse=track.reverse)


def _own_tracks(tracks: tuple[TrackScript, ...], checks: list[VrrpScript]) -> list[Any] | None:
    """None where the instance tracks all checks as they are."""
    defined = {script.name: script for script in checks}
    found = [_weighed(track, defined[track.name]) for track in tracks if track.name in defined]
    if len(found) == len(tracks) and found == checks:
        return None
    return as_variables.track_scripts(tracks)


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
