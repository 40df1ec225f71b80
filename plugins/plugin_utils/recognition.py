# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configurations of a pair's nodes become variables of a topology role, or a reason why they do not fit it.

What the role derives is left out, what it has a variable for is said there, the rest is passed through. Nothing here
proves that the variables are right: ``migration.py`` does, by making the plan from them and comparing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    NOWHERE,
    Command,
    Config,
    GlobalDefs,
    TrackInterface,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.values import INTERFACE_NAME_MAX
from ansible_collections.lbha.pair.plugins.plugin_utils.options import INDENT, OF_PROGRAMS, said
from ansible_collections.lbha.pair.plugins.plugin_utils.pair import COMMON, DERIVED_KEYWORDS
from ansible_collections.lbha.pair.plugins.plugin_utils.plan import NEXT_PRIORITY, PREFERRED_PRIORITY, PRIORITY_STEP

T = TypeVar("T")
Options = dict[str, Any]

_VIP_FIELDS = ("address", "prefix_length", "dev", "broadcast", "scope", "label", "place")
_NOTIFY = {"master": "notify_master", "backup": "notify_backup", "fault": "notify_fault", "stop": "notify_stop",
           "any": "notify"}  # fmt: skip


class UnfitError(Exception):
    """Why the topology cannot say what these configurations say."""


@dataclass(frozen=True)
class Found:
    """Variables of a role, without its prefix: of the pair, and of single hosts."""

    shared: Mapping[str, Any]
    of_host: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Router:
    """One virtual router: its instance on each host, and who prefers it."""

    instances: Mapping[str, VrrpInstance]

    @property
    def first(self) -> VrrpInstance:
        return next(iter(self.instances.values()))

    @property
    def preferred(self) -> str:
        return max(self.instances, key=lambda host: self.instances[host].priority)

    def ladder(self) -> dict[str, int]:
        """The priorities that the role would give."""
        hosts = list(self.instances)
        start = hosts.index(self.preferred)
        order = [*hosts[start:], *hosts[:start]]
        return dict(zip(order, [PREFERRED_PRIORITY, *range(NEXT_PRIORITY, 0, -PRIORITY_STEP)], strict=False))

    def priorities(self) -> dict[str, int]:
        given = {host: instance.priority for host, instance in self.instances.items()}
        return {} if given == self.ladder() else given

    def states(self) -> dict[str, str]:
        """Those that the role would not give."""
        leads = "BACKUP" if self.first.nopreempt else "MASTER"
        derived = {host: leads if host == self.preferred else "BACKUP" for host in self.instances}
        return {host: one.state for host, one in self.instances.items() if one.state != derived[host]}


def recognise(topology: str, configs: Mapping[str, Config]) -> Found:
    """Raises UnfitError."""
    routers = _routers(configs)
    if topology == "single_master":
        _require(len(routers) == 1, f"there are {len(routers)} instances, and single_master has one")
    else:
        _require(len(routers) > 1, "there is one instance, and dual_master has one for each host that is preferred")
        _prefer_different_hosts(routers)
    shared, of_host = _of_the_pair(routers, configs)
    shared["vips"] = _vips(routers, preferring=topology == "dual_master")
    said_of = [_said(index, router, routers) for index, router in enumerate(routers)]
    if topology == "single_master":
        only = routers[0]
        for host, priority in said_of[0].pop("priorities", {}).items():
            of_host[host]["priority"] = priority
        if only.preferred != next(iter(configs)):
            shared["preferred"] = only.preferred
    _share_notify(routers, said_of, shared)
    _share_options(routers, said_of, shared, of_host)
    while said_of and not said_of[-1]:
        said_of.pop()
    shared["instances"] = said_of
    return Found(
        {name: value for name, value in shared.items() if value != COMMON.get(name)},
        {host: given for host, given in of_host.items() if given},
    )


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise UnfitError(reason)


def _routers(configs: Mapping[str, Config]) -> list[Router]:
    by_host = {host: {one.virtual_router_id: one for one in config.instances} for host, config in configs.items()}
    first = next(iter(by_host.values()))
    for host, found in by_host.items():
        vrids = ", ".join(map(str, found)) or "none"
        _require(found.keys() == first.keys(), f"the hosts have different instances; {host} has the VRIDs {vrids}")
        _require(len(found) == len(configs[host].instances), f"{host} has two instances of one VRID")
    return [Router({host: found[key] for host, found in by_host.items()}) for key in first]


def _prefer_different_hosts(routers: Iterable[Router]) -> None:
    first: dict[str, str] = {}
    for router in routers:
        name = router.first.name
        other = first.setdefault(router.preferred, name)
        _require(other == name, f"{other} and {name} both prefer {router.preferred}, and dual_master would join them")


def _agreed(what: str, values: Iterable[T]) -> T:
    """The one value that all have. What it is is not told: it may be a secret."""
    found = list(values)
    _require(all(value == found[0] for value in found), f"{what} is not the same everywhere")
    return found[0]


def _everywhere(routers: Iterable[Router]) -> list[VrrpInstance]:
    return [instance for router in routers for instance in router.instances.values()]


# -- what has a variable of its own ----------------------------------------------------------------------------------


def _of_the_pair(
    routers: list[Router], configs: Mapping[str, Config]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    everywhere = _everywhere(routers)
    of_host: dict[str, dict[str, Any]] = {host: {} for host in configs}
    scripts, others = _scripts(everywhere, configs)
    shared = {
        "virtual_router_id": routers[0].first.virtual_router_id,
        "advert_int_s": _number(_agreed("advert_int", (one.advert_int_s for one in everywhere))),
        "password": _agreed("the password", (one.auth_pass or "" for one in everywhere)),
        "nopreempt": _agreed("nopreempt", (one.nopreempt for one in everywhere)),
        "track_interfaces": [
            _track_interface(track)
            for track in _agreed("track_interface", (one.tracks.interfaces for one in everywhere))
        ],
        "checks": scripts,
        "raw": _agreed("what stands outside the instances", (_rest(configs[host], others) for host in configs)),
    }
    interfaces = {host: _agreed(f"{host}'s interface", (one.instances[host].interface for one in routers))
                  for host in configs}  # fmt: skip
    _share("interface", interfaces, shared, of_host)
    options = {
        host: _global_options(host, config.global_defs, _scripted(config, bool(scripts)))
        for host, config in configs.items()
    }
    scripted = any(_scripted(config, bool(scripts)) for host, config in configs.items())
    users = {given.get("script_user") for given in options.values()}
    if scripted and len(users) == 1 and isinstance(user := users.pop(), str) and " " not in user:
        shared["script_user"] = user
        options = {host: _without(given, ("script_user",)) for host, given in options.items()}
    _share("global_options", options, shared, of_host)
    return shared, of_host


def _share(name: str, values: Mapping[str, Any], shared: dict[str, Any], of_host: Mapping[str, dict[str, Any]]) -> None:
    first = next(iter(values.values()))
    if all(value == first for value in values.values()):
        shared[name] = first
        return
    for host, value in values.items():
        of_host[host][name] = value


def _without(given: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in keys}


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _track_interface(track: TrackInterface) -> Any:
    extra: dict[str, Any] = {"weight": track.weight} if track.weight else {}
    extra |= {"reverse": True} if track.reverse else {}
    return {"name": track.name, **extra} if extra else track.name


def _scripts(everywhere: list[VrrpInstance], configs: Mapping[str, Config]) -> tuple[list[dict[str, Any]], set[str]]:
    """The checks, and the names of those scripts: the others are passed through."""
    defined = _agreed("vrrp_script", ({one.name: one for one in config.scripts} for config in configs.values()))
    tracked = [tuple(_weighed(track, defined) for track in instance.tracks.scripts) for instance in everywhere]
    checks = _agreed("track_script", tracked)
    return [_check(script) for script in checks], {script.name for script in checks}


def _weighed(track: TrackScript, defined: Mapping[str, VrrpScript]) -> VrrpScript:
    script = defined.get(track.name)
    if script is None:
        raise UnfitError(f"no vrrp_script is called {track.name}")
    script = replace(script, place=NOWHERE)
    return script if track.weight is None else replace(script, weight=track.weight, reverse=track.reverse)


def _check(script: VrrpScript) -> dict[str, Any]:
    check: dict[str, Any] = {"name": script.name, "command": _command(script.command.argv)}
    if script.command.user:
        check["user"] = script.command.user.user
        check |= {"group": script.command.user.group} if script.command.user.group else {}
    defaults = {part.name: part.default for part in fields(VrrpScript)}
    for name in ("interval_s", "timeout_s", "fall", "rise", "weight", "reverse", "init_fail"):
        value = getattr(script, name)
        if value != defaults[name]:
            check[name] = _number(value) if name.endswith("_s") else value
    return check


def _command(argv: tuple[str, ...]) -> str:
    return shlex.join(argv)


def _rest(config: Config, checks: set[str]) -> str:
    others = tuple(script for script in config.scripts if script.name not in checks)
    return render(replace(config, global_defs=GlobalDefs(), scripts=others, instances=()))


# -- single instances ------------------------------------------------------------------------------------------------


def _said(index: int, router: Router, routers: list[Router]) -> dict[str, Any]:
    instance, derived = router.first, routers[0].first.virtual_router_id + index
    given: dict[str, Any] = {
        "name": instance.name if instance.name != f"VI_{index + 1}" else "",
        "virtual_router_id": instance.virtual_router_id if instance.virtual_router_id != derived else 0,
        "priorities": router.priorities(),
        "states": router.states(),
    }
    return {key: value for key, value in given.items() if value}


def _vips(routers: list[Router], preferring: bool) -> list[Any]:
    items: list[Any] = []
    for router in routers:
        lists = [_plain_vips(instance) for instance in router.instances.values()]
        _require(all(len(one) == len(lists[0]) for one in lists), f"{router.first.name}: the hosts have different VIPs")
        for seen in zip(*lists, strict=True):
            item = _vip(seen, len(items) + 1, router)
            if preferring:
                item["preferred"] = router.preferred
            items.append(item if len(item) > 1 else item["address"])
    return items


def _plain_vips(instance: VrrpInstance) -> list[VirtualAddress]:
    """Without a device that is the instance's interface anyway; a VMAC is not that."""
    if instance.use_vmac is not None:
        return list(instance.virtual_ipaddress)
    return [replace(vip, dev=None if vip.dev == instance.interface else vip.dev) for vip in instance.virtual_ipaddress]


def _vip(seen: Iterable[VirtualAddress], number: int, router: Router) -> dict[str, Any]:
    found = list(seen)
    vip = _agreed(f"{router.first.name}: {found[0].address}", (replace(one, label=None) for one in found))
    for part in (part for part in fields(vip) if part.name not in _VIP_FIELDS):
        _require(getattr(vip, part.name) == part.default, f"{vip.address} says {part.name}, which has no variable")
    item: dict[str, Any] = {"address": str(vip)}
    vmac = router.first.use_vmac is not None
    if vip.dev is not None or vmac:
        item["dev"] = vip.dev or ""
    item |= {name: value for name in ("broadcast", "scope") if (value := getattr(vip, name)) is not None}
    derived = [_label("" if vmac and not vip.dev else vip.dev or one.interface, number)
               for one in router.instances.values()]  # fmt: skip
    labels = [one.label for one in found]
    if labels != derived:
        item["label"] = _agreed(f"{router.first.name}: the label of {vip.address}", labels) or ""
    return item


def _label(device: str, number: int) -> str | None:
    label = f"{device}:{number}"
    return label if device and len(label.encode()) <= INTERFACE_NAME_MAX else None


def _notify(instance: VrrpInstance) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, keyword in _NOTIFY.items():
        command: Command | None = getattr(instance.notify, name)
        if command is not None:
            _require(command.user is None, f"{instance.name}: {keyword} runs as a user of its own")
            found[keyword] = _command(command.argv)
    return found


def _share_notify(routers: list[Router], said_of: list[dict[str, Any]], shared: dict[str, Any]) -> None:
    found = [
        _agreed(f"{router.first.name}: notify", (_notify(one) for one in router.instances.values()))
        for router in routers
    ]
    if all(one == found[0] for one in found):
        shared["notify"] = found[0]
        return
    for given, notify in zip(said_of, found, strict=True):
        given["notify"] = notify


# -- what is passed through ------------------------------------------------------------------------------------------


def _share_options(
    routers: list[Router],
    said_of: list[dict[str, Any]],
    shared: dict[str, Any],
    of_host: Mapping[str, dict[str, Any]],
) -> None:
    """What all instances of a host say is the host's; the rest is the instance's, the same on all hosts."""
    options = {host: [_instance_options(router.instances[host]) for router in routers] for host in routers[0].instances}
    common = {
        host: {key: value for key, value in all_of[0].items() if all(one.get(key) == value for one in all_of)}
        for host, all_of in options.items()
    }
    for index, given in enumerate(said_of):
        own = (_without(all_of[index], common[host]) for host, all_of in options.items())
        name = routers[index].first.name
        if left := _agreed(f"{name}: one of {', '.join(_unequal(options, common, index)) or 'its keywords'}", own):
            given["options"] = left
    _share("instance_options", common, shared, of_host)


def _unequal(options: Mapping[str, list[Options]], common: Mapping[str, Options], index: int) -> list[str]:
    return sorted({key for host, all_of in options.items() for key in _without(all_of[index], common[host])})


def _instance_options(instance: VrrpInstance) -> Options:
    return _without(_block(Config(instances=(instance,)), f"vrrp_instance {instance.name} {{"), DERIVED_KEYWORDS)


def _global_options(host: str, global_defs: GlobalDefs, scripted: bool) -> Options:
    """What the role derives is left out, and what it would derive and is not there is denied."""
    options = _block(Config(global_defs), "global_defs {")
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


def _scripted(config: Config, checks: bool) -> bool:
    """Whether the role would derive script security: some program runs."""
    passed = [_instance_options(instance) for instance in config.instances]
    passed.append(_block(Config(config.global_defs), "global_defs {"))
    return checks or any(map(_notify, config.instances)) or any(OF_PROGRAMS & given.keys() for given in passed)


def _block(config: Config, header: str) -> Options:
    lines = render(config).splitlines()
    if header not in lines:
        return {}
    start = lines.index(header) + 1
    return said(line.removeprefix(INDENT) for line in lines[start : lines.index("}", start)])
