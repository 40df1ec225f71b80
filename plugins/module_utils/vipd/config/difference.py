# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reload would do: the difference of two configurations, as effects and in sentences.

Pure; ``lvs_difference.py`` is the part about virtual servers. An instance is who it is on the wire (interface, family,
VRID), so a new name is no new instance, as in the core.
A password is never shown. ``moves_vip`` says that a VIP may leave this node because of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass

from .changed import Difference, change, changed, named
from .model import Config, VirtualAddress, VrrpInstance
from .spoken import family_of

__all__ = ["Difference", "differences"]

Key = tuple[str, int, int]

# Both nodes must agree on these: until they do, each discards what the other says, and both may be master.
_SPOKEN = {"advert_int_s", "version", "auth_pass", "unicast_peer", "unicast_src_ip", "mcast_src_ip", "mcast_dst_ip"}
_ELECTION = {"priority", "nopreempt", "preempt_delay_s", "down_timer_adverts"}
_AT_NEXT_START = {"startup_script", "startup_script_timeout_s", "vrrp_startup_delay_s", "vrrp_delay_after_boot_s"}
_APART = {"name", "place", "virtual_ipaddress", "virtual_ipaddress_excluded"}


def differences(before: Config, after: Config) -> tuple[Difference, ...]:
    """Everything that a reload from ``before`` to ``after`` would change; empty when that is nothing."""
    return (
        *_instances(before, after),
        *_vips(before, after),
        *named("vrrp_sync_group", before.sync_groups, after.sync_groups, moves_vip=True),
        *named("vrrp_script", before.scripts, after.scripts),
        *named("vrrp_track_process", before.processes, after.processes),
        *named("track_file", before.files, after.files),
        *_node(before, after),
        *_lists(before, after),
        *_lvs(before, after),
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
    for name, old, new in changed(before, after, _APART):
        moves = name in _SPOKEN or (name in _ELECTION and (name != "priority" or new < old))
        text = f"{subject}: {change(name, old, new)}"
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


def _node(before: Config, after: Config) -> Iterator[Difference]:
    for field, old_part, new_part in changed(before.global_defs, after.global_defs, set()):
        parts = changed(old_part, new_part, set()) if is_dataclass(old_part) and is_dataclass(new_part) else ()
        for name, old, new in tuple(parts) or ((field, old_part, new_part),):
            text = f"global_defs: {change(name, old, new)}"
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


def _lvs(before: Config, after: Config) -> tuple[Difference, ...]:
    if before.lvs == after.lvs:
        return ()
    from .lvs_difference import lvs_differences  # noqa: PLC0415  what most nodes have no use for

    return lvs_differences(before.lvs, after.lvs)


def _title(instance: VrrpInstance) -> str:
    return f"vrrp_instance {instance.name}"
