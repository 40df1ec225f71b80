# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What two nodes must say alike of a virtual router, or both would be master, or nobody where one expects the other.

A password is compared and never shown. Look in ``across.py`` for who is compared with whom.
"""

from __future__ import annotations

from typing import Callable

from .diagnostics import Findings
from .given import given
from .model import OWNER_PRIORITY
from .spoken import family_of, is_unicast, version_of
from .virtual_router import Member


def agree(one: Member, other: Member, findings: Findings) -> None:
    for look in _LOOKS:
        look(one, other, findings)


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


_LOOKS: tuple[Callable[[Member, Member, Findings], None], ...] = (
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
