# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role's variable ``…_instances`` says of single instances, in the place of what would be derived.

A pair that is made anew needs none of it; one that came from keepalived keeps its names, VRIDs and priorities this way.
Only single values are judged here: look next at ``plan.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Command,
    ScriptUser,
    TrackInterface,
    TrackScript,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.options import NO_WORDS, Lines, read_options
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reader,
    Reading,
    boolean,
    choice,
    command,
    integer,
    interface_name,
    password,
    seconds,
    shown,
    symbol,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.tracks import read_track_interfaces, read_track_scripts

# What one host may say of an instance differently, and what the instance says as a whole.
HOST_KEYS = ("interface", "nopreempt", "checks", "track_interfaces", "notify", "options")
KEYS = ("name", "virtual_router_id", "advert_int_s", "password", "priorities", "states", *HOST_KEYS, "hosts")
NOTIFY_KEYS = ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify")
COMMAND_KEYS = ("command", "user", "group")
PRIORITY_MAX = 255  # the owner of the addresses
ADVERT_INT_MIN_S = 0.01
ADVERT_INT_MAX_S = 255

SYNC_GROUP_KEYS = ("name", "instances", "notify")

_WHAT = f"a dictionary of {', '.join(KEYS)}"
_WHAT_OF_A_HOST = f"a dictionary of {', '.join(HOST_KEYS)}"


@dataclass(frozen=True)
class Said:
    """Of one instance; None, or what is empty, is derived. ``priorities``, ``states`` and ``hosts`` are by host."""

    place: str = ""
    name: str = ""
    virtual_router_id: int | None = None
    interface: str | None = None
    advert_int_s: float | None = None
    password: str | None = field(default=None, repr=False)
    nopreempt: bool | None = None
    checks: tuple[TrackScript, ...] | None = None
    track_interfaces: tuple[TrackInterface, ...] | None = None
    priorities: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    notify: Mapping[str, Command] | None = None
    options: Lines = field(default_factory=dict)
    hosts: Mapping[str, Said] = field(default_factory=dict)

    def at(self, host: str) -> Said:
        """As it holds for one host: what that host says comes first."""
        own = self.hosts.get(host)
        if own is None:
            return self
        said = {name: value for name in HOST_KEYS if (value := getattr(own, name)) is not None}
        return replace(self, **{**said, "options": {**self.options, **own.options}})


@dataclass(frozen=True)
class SyncGroup:
    """Instances, by name, that change their state together."""

    place: str
    name: str
    instances: tuple[str, ...]
    notify: Mapping[str, Command] = field(default_factory=dict)


def read_sync_groups(variable: str, value: Any, reading: Reading) -> tuple[SyncGroup, ...]:
    return tuple(_sync_group(path, item, reading) for path, item in reading.items(variable, value, "sync groups"))


def _sync_group(path: str, item: Any, reading: Reading) -> SyncGroup:
    given = reading.mapping(path, item, SYNC_GROUP_KEYS, f"a dictionary of {', '.join(SYNC_GROUP_KEYS)}")
    named = reading.items(f"{path}.instances", given.get("instances", []), "names of instances")
    instances = tuple(reading.take(inner, symbol, name, "") for inner, name in named)
    if len(set(instances)) < 2:
        reading.report(f"{path}.instances", "a group has two instances or more", "name them as in the VIPs' instance")
    name = reading.take(f"{path}.name", symbol, given.get("name", ""), "")
    return SyncGroup(path, name, instances, read_notify(f"{path}.notify", given.get("notify", {}), reading))


def read_instances(variable: str, value: Any, owner: Callable[[str], str], reading: Reading) -> tuple[Said, ...]:
    items = reading.items(variable, value, "instances")
    return tuple(_said(path, reading.mapping(path, item, KEYS, _WHAT), owner, reading) for path, item in items)


def _said(path: str, given: Mapping[str, Any], owner: Callable[[str], str], reading: Reading) -> Said:
    def take(key: str, reader: Reader[Any], instead: Any = None) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], instead) if key in given else instead

    def read(key: str, reader: Callable[[str, Any, Reading], Any]) -> Any:
        return reader(f"{path}.{key}", given[key], reading) if key in given else None

    return Said(
        place=path,
        name=take("name", symbol, ""),
        virtual_router_id=take("virtual_router_id", integer(1, 255)),
        interface=take("interface", interface_name),
        advert_int_s=take("advert_int_s", seconds(ADVERT_INT_MIN_S, ADVERT_INT_MAX_S)),
        password=take("password", password),
        nopreempt=take("nopreempt", boolean),
        checks=read("checks", read_track_scripts),
        track_interfaces=read("track_interfaces", read_track_interfaces),
        priorities=_by_host(f"{path}.priorities", given.get("priorities", {}), integer(1, PRIORITY_MAX), reading),
        states=_by_host(f"{path}.states", given.get("states", {}), choice("MASTER", "BACKUP"), reading),
        notify=read("notify", read_notify),
        options=read_options(f"{path}.options", given.get("options", {}), owner, reading),
        hosts=_of_hosts(f"{path}.hosts", given.get("hosts", {}), owner, reading),
    )


def _of_hosts(path: str, value: Any, owner: Callable[[str], str], reading: Reading) -> dict[str, Said]:
    if not isinstance(value, Mapping):
        reading.report(path, f"{shown(value)} is not a dictionary", f"write host: {_WHAT_OF_A_HOST}")
        return {}
    return {
        str(host): _said(
            f"{path}.{host}", reading.mapping(f"{path}.{host}", item, HOST_KEYS, _WHAT_OF_A_HOST), owner, reading
        )
        for host, item in value.items()
    }


def _by_host(path: str, value: Any, reader: Reader[Any], reading: Reading) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        reading.report(path, f"{shown(value)} is not a dictionary", "write host: value")
        return {}
    found = {str(host): reading.take(f"{path}.{host}", reader, item, None) for host, item in value.items()}
    return {host: item for host, item in found.items() if item is not None}


def read_notify(variable: str, value: Any, reading: Reading) -> dict[str, Command]:
    given = reading.mapping(variable, value, NOTIFY_KEYS, f"a dictionary of {', '.join(NOTIFY_KEYS)}")
    return {key: _notify(f"{variable}.{key}", item, reading) for key, item in given.items()}


def _notify(path: str, item: Any, reading: Reading) -> Command:
    """A command, or a dictionary that also says whom it runs as."""
    whole = isinstance(item, Mapping)
    given = reading.mapping(path, item if whole else {"command": item}, COMMAND_KEYS, "a command or a dictionary")
    argv = reading.take(f"{path}.command" if whole else path, command, given.get("command", ""), NO_WORDS)
    return Command(argv, read_user(path, given, reading))


def read_user(path: str, given: Mapping[str, Any], reading: Reading) -> ScriptUser | None:
    user, group = (
        reading.take(f"{path}.{key}", symbol, given[key], None) if key in given else None for key in ("user", "group")
    )
    return ScriptUser(user, group) if user else None
