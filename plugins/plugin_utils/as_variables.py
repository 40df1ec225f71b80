# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of a configuration as a role's variables say them: what ``pair.py`` would read into the same part.

What has its default is left out, what has no variable is passed through as keywords. Nothing here compares hosts or
instances: look next at ``recognition.py``.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.address_values import INTERFACE_NAME_MAX
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Command,
    Config,
    GlobalDefs,
    ScriptUser,
    TrackInterface,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
    VrrpSyncGroup,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.plugin_utils.address_words import words
from ansible_collections.lbha.pair.plugins.plugin_utils.options import INDENT, said
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import without
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import DERIVED_KEYWORDS

_NOTIFY = {"master": "notify_master", "backup": "notify_backup", "fault": "notify_fault", "stop": "notify_stop",
           "any": "notify"}  # fmt: skip


def number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def command(argv: tuple[str, ...]) -> str:
    return shlex.join(argv)


def notify(one: VrrpInstance | VrrpSyncGroup) -> dict[str, Any]:
    found = {keyword: getattr(one.notify, name) for name, keyword in _NOTIFY.items()}
    return {keyword: _command_of(said) for keyword, said in found.items() if said is not None}


def _command_of(one: Command) -> Any:
    return {"command": command(one.argv), **_user(one.user)} if one.user else command(one.argv)


def _user(user: ScriptUser | None) -> dict[str, str]:
    if user is None:
        return {}
    return {"user": user.user, **({"group": user.group} if user.group else {})}


def check(script: VrrpScript) -> dict[str, Any]:
    found: dict[str, Any] = {"name": script.name, "command": command(script.command.argv), **_user(script.command.user)}
    defaults = {part.name: part.default for part in fields(VrrpScript)}
    for name in ("interval_s", "timeout_s", "fall", "rise", "weight", "reverse", "init_fail"):
        value = getattr(script, name)
        if value != defaults[name]:
            found[name] = number(value) if name.endswith("_s") else value
    return found


def track_interfaces(instance: VrrpInstance) -> list[Any]:
    return [_track(track, bool(track.weight)) for track in instance.tracks.interfaces]


def track_scripts(tracks: Iterable[TrackScript]) -> list[Any]:
    return [_track(track, track.weight is not None) for track in tracks]


def _track(track: TrackInterface | TrackScript, weighed: bool) -> Any:
    extra: dict[str, Any] = {"weight": track.weight} if weighed else {}
    extra |= {"reverse": True} if track.reverse else {}
    return {"name": track.name, **extra} if extra else track.name


def vip(address: VirtualAddress, on_vmac: bool) -> dict[str, Any]:
    """Without its label."""
    item: dict[str, Any] = {"address": str(address)}
    if address.dev is not None or on_vmac:
        item["dev"] = address.dev or ""
    item |= {name: value for name in ("broadcast", "scope") if (value := getattr(address, name)) is not None}
    options = words(address)
    return item | ({"options": options} if options else {})


def unadvertised(instance: VrrpInstance) -> tuple[VirtualAddress, ...]:
    """IPv6 addresses that come and go with IPv4 ones: the role takes both in one list. Nothing if there are others."""
    excluded = instance.virtual_ipaddress_excluded
    families = {vip.address.version for vip in instance.virtual_ipaddress}
    return excluded if families == {4} and all(vip.address.version == 6 for vip in excluded) else ()


def label(address: VirtualAddress, device: str, place: int) -> str | None:
    """The one that the role would give."""
    found = f"{device}:{place}"
    fits = address.address.version == 4 and len(found.encode()) <= INTERFACE_NAME_MAX
    return found if device and fits else None


# -- what is passed through ------------------------------------------------------------------------------------------


def instance_options(instance: VrrpInstance) -> dict[str, Any]:
    if unadvertised(instance):
        instance = replace(instance, virtual_ipaddress_excluded=())
    return without(_block(Config(instances=(instance,)), f"vrrp_instance {instance.name} {{"), DERIVED_KEYWORDS)


def global_options(global_defs: GlobalDefs) -> dict[str, Any]:
    return _block(Config(global_defs), "global_defs {")


def outside(config: Config, checks: Iterable[str]) -> str:
    """Everything but instances, ``global_defs``, and those scripts."""
    others = tuple(script for script in config.scripts if script.name not in checks)
    return render(replace(config, global_defs=GlobalDefs(), scripts=others, instances=()))


def sync_groups(config: Config) -> list[dict[str, Any]]:
    """Nothing if one of them says more than its instances, and who is told."""
    if any(group != VrrpSyncGroup(group.name, group.group, notify=group.notify) for group in config.sync_groups):
        return []
    return [_sync_group(group) for group in config.sync_groups]


def _sync_group(group: VrrpSyncGroup) -> dict[str, Any]:
    told = notify(group)
    return {"name": group.name, "instances": list(group.group), **({"notify": told} if told else {})}


def _block(config: Config, header: str) -> dict[str, Any]:
    lines = render(config).splitlines()
    if header not in lines:
        return {}
    start = lines.index(header) + 1
    return said(line.removeprefix(INDENT) for line in lines[start : lines.index("}", start)])
