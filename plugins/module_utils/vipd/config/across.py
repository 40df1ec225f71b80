# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a pair, or more nodes, when each node's own file is right: seen only by comparing them.

Instances are the same where their VRID and family are: that is how they find each other on the wire. Every finding
names both places. A password is compared and never shown. Look in ``check.py`` for one node's view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Callable

from .diagnostics import Diagnostic, Findings
from .given import given
from .model import OWNER_PRIORITY, Config, Place, VrrpInstance
from .spoken import family_of, is_unicast, version_of

Key = tuple[int, int]  # VRID and family


@dataclass(frozen=True)
class Member:
    """One node's instance of a virtual router."""

    config: Config
    instance: VrrpInstance

    @property
    def place(self) -> Place:
        return self.instance.place

    @property
    def title(self) -> str:
        return f"vrrp_instance {self.instance.name}"


def across(configs: Sequence[Config]) -> tuple[Diagnostic, ...]:
    """Everything found; the order of the nodes decides only which of two places a finding stands at."""
    findings = Findings(ours=True)
    routers = _routers(configs)
    for members in routers.values():
        _is_everywhere(members, configs, findings)
        for one, other in combinations(members, 2):
            for look in _OF_A_PAIR:
                look(one, other, findings)
        _failures_can_move_it(members, findings)
    _addresses_are_of_one_router(routers, findings)
    _sync_groups_agree(configs, findings)
    return findings.in_order()


def _routers(configs: Iterable[Config]) -> dict[Key, list[Member]]:
    routers: dict[Key, list[Member]] = {}
    for config in configs:
        for instance in config.instances:
            key = (instance.virtual_router_id, family_of(instance))
            routers.setdefault(key, []).append(Member(config, instance))
    return routers


def _is_everywhere(members: list[Member], configs: Sequence[Config], findings: Findings) -> None:
    for member in members if len(configs) > 1 and len(members) == 1 else ():
        message = f"{member.title}: no other node has the virtual_router_id {member.instance.virtual_router_id}"
        findings.warning(member.place, message, "nobody takes over from it: use the same on all nodes")


# Two nodes


def _differ(one: Member, other: Member, what: str, said: tuple[object, object]) -> str:
    return f"{one.title}: {what} is {said[0]}, but {said[1]} at {other.place}"


def _versions_agree(one: Member, other: Member, findings: Findings) -> None:
    said = tuple(version_of(member.instance, member.config.global_defs) for member in (one, other))
    if said[0] != said[1]:
        message = _differ(one, other, "its version", (said[0], said[1]))
        findings.error(one.place, message, "both would be master: use one version")


def _intervals_agree(one: Member, other: Member, findings: Findings) -> None:
    said = (one.instance.advert_int_s, other.instance.advert_int_s)
    if said[0] == said[1]:
        return
    message = _differ(one, other, "advert_int", (f"{said[0]:g}", f"{said[1]:g}"))
    if version_of(one.instance, one.config.global_defs) == 2:
        findings.error(one.place, message, "both would be master: use one interval")
    else:
        findings.warning(one.place, message, "the master's counts, and so it changes with the master: use one")


def _down_timers_agree(one: Member, other: Member, findings: Findings) -> None:
    said = [
        given(member.instance.down_timer_adverts, member.config.global_defs.vrrp_down_timer_adverts)
        for member in (one, other)
    ]
    if said[0] != said[1]:
        message = _differ(one, other, "down_timer_adverts", (said[0], said[1]))
        findings.warning(one.place, message, "use one number: a crash is noticed at different times")


def _passwords_agree(one: Member, other: Member, findings: Findings) -> None:
    if one.instance.auth_pass != other.instance.auth_pass:
        message = f"{one.title}: its password is not that of {other.place}"
        findings.error(one.place, message, "both would be master: use one auth_pass")


def _addresses_agree(one: Member, other: Member, findings: Findings) -> None:
    for what in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
        said = [{vip.address for vip in getattr(member.instance, what)} for member in (one, other)]
        for member, there, missing in ((one, other, said[0] - said[1]), (other, one, said[1] - said[0])):
            for address in sorted(missing, key=int):
                message = f"{member.title}: {what} has {address}, which {there.place} has not"
                findings.error(member.place, message, "list the same on all nodes, or it moves only one way")


def _priorities_decide(one: Member, other: Member, findings: Findings) -> None:
    priority = one.instance.priority
    if priority != other.instance.priority:
        return
    message = f"{one.title}: priority is {priority}, as at {other.place}"
    if priority == OWNER_PRIORITY:
        findings.error(one.place, message, "only one node can own the addresses")
    elif not (one.instance.nopreempt and other.instance.nopreempt):
        findings.warning(one.place, message, "the higher address wins the tie: give each its own")


def _masters_are_one(one: Member, other: Member, findings: Findings) -> None:
    if one.instance.state == other.instance.state == "MASTER":
        message = f"{one.title}: state is MASTER, as at {other.place}"
        findings.warning(one.place, message, "write BACKUP on all but one, or on all")


def _peers_name_each_other(one: Member, other: Member, findings: Findings) -> None:
    if is_unicast(one.instance) != is_unicast(other.instance):
        kinds = tuple("unicast" if is_unicast(member.instance) else "multicast" for member in (one, other))
        message = f"{one.title} is {kinds[0]}, but {kinds[1]} at {other.place}"
        findings.error(one.place, message, "both would be master: give both unicast_peer, or none")
        return
    for member, there in ((one, other), (other, one)):
        source = there.instance.unicast_src_ip
        if (
            is_unicast(member.instance)
            and source
            and source not in {one.address for one in member.instance.unicast_peer}
        ):
            message = f"{member.title}: unicast_peer lacks {source}, the unicast_src_ip at {there.place}"
            findings.error(member.place, message, "add it: each node names all others")


def _groups_are_the_same(one: Member, other: Member, findings: Findings) -> None:
    if is_unicast(one.instance) or is_unicast(other.instance):
        return
    said = tuple(_multicast_group(member) for member in (one, other))
    if said[0] != said[1]:
        message = _differ(one, other, "its multicast group", (said[0], said[1]))
        findings.error(one.place, message, "both would be master: use one group")


def _multicast_group(member: Member) -> str:
    node, ipv6 = member.config.global_defs, family_of(member.instance) == 6
    group = member.instance.mcast_dst_ip or (node.vrrp_mcast_group6 if ipv6 else node.vrrp_mcast_group4)
    return str(group or ("ff02::12" if ipv6 else "224.0.0.18"))


_OF_A_PAIR: tuple[Callable[[Member, Member, Findings], None], ...] = (
    _versions_agree,
    _intervals_agree,
    _down_timers_agree,
    _passwords_agree,
    _addresses_agree,
    _priorities_decide,
    _masters_are_one,
    _peers_name_each_other,
    _groups_are_the_same,
)


# Elections


def _failures_can_move_it(members: list[Member], findings: Findings) -> None:
    """A weight is there to change who is master; one that leaves the best node the best does nothing."""
    if len(members) < 2 or any(member.instance.priority == OWNER_PRIORITY for member in members):
        return
    best, second = sorted(members, key=_at_best, reverse=True)[:2]
    for name, weight, place in _weights(best):
        left = _at_best(best) - abs(weight)
        if weight and left >= _at_best(second):
            message = (
                f"{best.title}: when {name} fails its priority is {left}, which is not below the {_at_best(second)}"
                f" of {second.place}"
            )
            remedy = f"use a weight beyond {_at_best(best) - _at_best(second)}, or 0 for a fault"
            findings.warning(place, message, remedy)


def _at_best(member: Member) -> int:
    """Its priority while all that it tracks is well."""
    return member.instance.priority + sum(max(0, weight) for _name, weight, _place in _weights(member))


def _weights(member: Member) -> Iterator[tuple[str, int, Place]]:
    """What is tracked with a weight, but for files: the number in a file can be anything."""
    config, tracks = member.config, member.instance.tracks
    for interface in tracks.interfaces:
        yield interface.name, -interface.weight if interface.reverse else interface.weight, interface.place
    for name in ("scripts", "processes"):
        defined = {one.name: one for one in getattr(config, name)}
        for track in getattr(tracks, name):
            one = defined.get(track.name)
            if one is not None:
                reverse = one.reverse if track.weight is None else track.reverse
                weight = given(track.weight, one.weight)
                yield track.name, -weight if reverse else weight, track.place


# The whole


def _addresses_are_of_one_router(routers: dict[Key, list[Member]], findings: Findings) -> None:
    """Of two nodes: what is wrong within one file was found there."""
    first: dict[object, tuple[Key, Place, Member]] = {}
    for key, members in routers.items():
        for member in members:
            for vip in (*member.instance.virtual_ipaddress, *member.instance.virtual_ipaddress_excluded):
                other, place, holder = first.setdefault(vip.address, (key, vip.place, member))
                if other[0] != key[0] and holder.config is not member.config:
                    message = (
                        f"{member.title}: {vip.address} has the virtual_router_id {key[0]}, but {other[0]} at {place}"
                    )
                    findings.error(vip.place, message, f"two nodes would hold it: {holder.title} has it already")


def _sync_groups_agree(configs: Sequence[Config], findings: Findings) -> None:
    """By the VRIDs of the members: names are each node's own affair."""
    for one, other in combinations(configs, 2):
        ours, theirs = _grouped(one), _grouped(other)
        for members, place in ours.items():
            near = max(theirs, key=lambda group: len(group & members), default=frozenset())
            if members not in theirs and near & members:
                message = f"a vrrp_sync_group holds the virtual routers {_listed(members)}, but {_listed(near)}"
                findings.warning(place, f"{message} at {theirs[near]}", "group the same on all nodes")


def _grouped(config: Config) -> dict[frozenset[int], Place]:
    vrids = {instance.name: instance.virtual_router_id for instance in config.instances}
    return {
        frozenset(vrids[name] for name in group.group if name in vrids): group.place for group in config.sync_groups
    }


def _listed(vrids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(vrids)))
