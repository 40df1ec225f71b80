# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reload would do: the difference of two configurations, as effects and in sentences.

Pure. An instance is who it is on the wire (interface, family, VRID), so a new name is no new instance, as in the core.
A password is never shown. ``moves_vip`` says that a VIP may leave this node because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Optional

from .model import Config, VirtualAddress, VrrpInstance
from .spoken import family_of

Key = tuple[str, int, int]

# Both nodes must agree on these: until they do, each discards what the other says, and both may be master.
_SPOKEN = {"advert_int_s", "version", "auth_pass", "unicast_peer", "unicast_src_ip", "mcast_src_ip", "mcast_dst_ip"}
_ELECTION = {"priority", "nopreempt", "preempt_delay_s", "down_timer_adverts"}
_AT_NEXT_START = {"startup_script", "startup_script_timeout_s", "vrrp_startup_delay_s", "vrrp_delay_after_boot_s"}
_SECRET = {"auth_pass"}
_APART = {"name", "place", "virtual_ipaddress", "virtual_ipaddress_excluded"}


@dataclass(frozen=True)
class Difference:
    """``kind``: added, removed, renamed, changed, moved. ``subject``: the block or the VIP that it is about."""

    kind: str
    subject: str
    text: str
    moves_vip: bool = False
    needs_restart: bool = False

    def __str__(self) -> str:
        notes = [
            *(["a VIP may leave this node"] if self.moves_vip else []),
            *(["takes effect at the next start"] if self.needs_restart else []),
        ]
        return f"{self.text} ({'; '.join(notes)})" if notes else self.text

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "sentence": str(self)}


def differences(before: Config, after: Config) -> tuple[Difference, ...]:
    """Everything that a reload from ``before`` to ``after`` would change; empty when that is nothing."""
    return (
        *_instances(before, after),
        *_vips(before, after),
        *_named("vrrp_sync_group", before.sync_groups, after.sync_groups, moves_vip=True),
        *_named("vrrp_script", before.scripts, after.scripts),
        *_named("vrrp_track_process", before.processes, after.processes),
        *_named("track_file", before.files, after.files),
        *_node(before, after),
        *_lists(before, after),
    )


def _key(instance: VrrpInstance) -> Key:
    return instance.interface, family_of(instance), instance.virtual_router_id


def _by_key(config: Config) -> dict[Key, VrrpInstance]:
    return {_key(instance): instance for instance in config.instances}


def _instances(before: Config, after: Config) -> Iterator[Difference]:
    old, new = _by_key(before), _by_key(after)
    for key in old.keys() - new.keys():
        subject = _title(old[key])
        text = f"{subject} ends: a master says priority 0 and takes its VIPs off"
        yield Difference("removed", subject, text, moves_vip=True)
    for key, instance in new.items():
        subject = _title(instance)
        if key not in old:
            where = f"VRID {instance.virtual_router_id} on {instance.interface or 'any interface'}"
            yield Difference("added", subject, f"{subject} begins ({where}) as a backup")
            continue
        if old[key].name != instance.name:
            text = f"{_title(old[key])} is now called {instance.name}, and keeps its state"
            yield Difference("renamed", subject, text)
        yield from _instance(subject, old[key], instance)


def _instance(subject: str, before: VrrpInstance, after: VrrpInstance) -> Iterator[Difference]:
    for name, old, new in _changed(before, after, _APART):
        moves = name in _SPOKEN or (name in _ELECTION and (name != "priority" or new < old))
        text = f"{subject}: {_change(name, old, new)}"
        if name in _SPOKEN:
            text += "; the other nodes must have the same"
        yield Difference("changed", subject, text, moves_vip=moves)


def _vips(before: Config, after: Config) -> Iterator[Difference]:
    """A VIP by its address: which instance has it, and what the line says of it."""
    old, new = _holders(before), _holders(after)
    gone = _by_key(before).keys() - _by_key(after).keys()
    for address in sorted(old.keys() - new.keys()):
        instance, _vip = old[address]
        yield Difference("removed", address, f"{address} is taken off: {_title(instance)} has it no more", True)
    for address in sorted(new.keys() - old.keys()):
        instance, _vip = new[address]
        yield Difference("added", address, f"{address} is put on where {_title(instance)} is master")
    for address in sorted(old.keys() & new.keys()):
        (one, was), (other, is_now) = old[address], new[address]
        if _key(one) != _key(other):
            text = f"{address} moves from {_title(one)} to {_title(other)}, and stays on a node that is master of both"
            yield Difference("moved", address, text, moves_vip=True)
        elif was != is_now and _key(one) not in gone:
            text = f"{address} is taken off and put on again: its line in {_title(other)} is another"
            yield Difference("changed", address, text)


def _holders(config: Config) -> dict[str, tuple[VrrpInstance, VirtualAddress]]:
    return {
        str(vip.address): (instance, vip)
        for instance in config.instances
        for vip in (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded)
    }


def _named(keyword: str, before: Iterable[Any], after: Iterable[Any], moves_vip: bool = False) -> Iterator[Difference]:
    """Blocks that are who they are by their name."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    for name in sorted(old.keys() - new.keys()):
        yield Difference("removed", f"{keyword} {name}", f"{keyword} {name} is removed", moves_vip)
    for name in sorted(new.keys() - old.keys()):
        yield Difference("added", f"{keyword} {name}", f"{keyword} {name} is added", moves_vip)
    for name in sorted(old.keys() & new.keys()):
        for field, was, is_now in _changed(old[name], new[name], {"name", "place"}):
            text = f"{keyword} {name}: {_change(field, was, is_now)}"
            yield Difference("changed", f"{keyword} {name}", text, moves_vip)


def _node(before: Config, after: Config) -> Iterator[Difference]:
    for name, old, new in _changed(before.global_defs, after.global_defs, set()):
        text = f"global_defs: {_change(name, old, new)}"
        yield Difference("changed", "global_defs", text, needs_restart=name in _AT_NEXT_START)


def _lists(before: Config, after: Config) -> Iterator[Difference]:
    for name in (
        "static_ipaddress",
        "static_routes",
        "static_rules",
        "track_groups",
        "garp_groups",
        "interface_delays",
    ):
        if getattr(before, name) != getattr(after, name):
            yield Difference("changed", name, f"{name} is changed")
    if before.lvs != after.lvs:
        yield Difference("changed", "virtual_server", "the virtual servers are changed")


def _changed(before: Any, after: Any, apart: set[str]) -> Iterator[tuple[str, Any, Any]]:
    """The fields that differ, with both values."""
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.compare and field.name not in apart and old != new:
            yield field.name, old, new


def _change(name: str, old: Any, new: Any) -> str:
    keyword = name[: -len("_s")] if name.endswith("_s") else name
    shown = None if name in _SECRET else (_shown(old), _shown(new))
    if shown is None or None in shown:
        return f"{keyword} is changed"
    return f"{keyword} {shown[0]} -> {shown[1]}"


def _shown(value: Any) -> Optional[str]:
    """None for what is no word."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return None if is_dataclass(value) or isinstance(value, tuple) else str(value)


def _title(instance: VrrpInstance) -> str:
    return f"vrrp_instance {instance.name}"
