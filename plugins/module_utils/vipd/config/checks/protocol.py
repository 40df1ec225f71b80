# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes on the wire: versions, intervals, peers, VRIDs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Optional, Union

from ..diagnostics import Findings
from ..model import Address, Config, GlobalDefs, VrrpInstance
from ..spoken import destinations_of, family_of, is_unicast, version_of
from .names import title

ADVERT_INT_V3_MAX_S = 40.95  # RFC 9568 5.2.7: twelve bits of centiseconds


def intervals_fit_the_version(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        version, interval_s = version_of(instance, config.global_defs), instance.advert_int_s
        if version == 3 and interval_s > ADVERT_INT_V3_MAX_S:
            message = f"{title(instance)}: advert_int is {interval_s:g}, more than {ADVERT_INT_V3_MAX_S} in VRRPv3"
            findings.error(instance.place, message, "shorten it", ours=False)
        elif round(interval_s * 100, 6) % (1 if version == 3 else 100):
            unit = "centiseconds" if version == 3 else "seconds"
            message = f"{title(instance)}: advert_int is {interval_s:g}, VRRPv{version} has whole {unit}"
            remedy = "round it, or use version 3" if version == 2 else "round it"
            findings.error(instance.place, message, remedy, ours=False)


def versions_fit_the_family(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        family = family_of(instance)
        if family == 6 and instance.version == 2:
            message = f"{title(instance)}: version 2 has no IPv6"
            findings.error(instance.place, message, "write version 3, or remove the line", ours=False)
        if family == 4 and instance.native_ipv6:
            message = f"{title(instance)}: native_ipv6 does not fit its IPv4 addresses"
            findings.warning(instance.place, message, "remove it: the addresses say which family it is", ours=False)


def peers_exist(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if is_unicast(instance) and not instance.unicast_peer:
            message = f"{title(instance)} is unicast and has no unicast_peer"
            findings.error(
                instance.place, message, "name the other nodes: vipd never falls back to multicast", ours=False
            )


def peers_are_others(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        first: set[Address] = set()
        for peer in instance.unicast_peer:
            if peer.address == instance.unicast_src_ip:
                message = f"{title(instance)}: the peer {peer.address} is its own unicast_src_ip"
                findings.warning(peer.place, message, "name only the other nodes: nobody hears what is sent there")
            elif peer.address in first:
                message = f"{title(instance)}: the peer {peer.address} is named twice"
                findings.error(peer.place, message, "remove one of the two")
            first.add(peer.address)


def addresses_are_of_one_family(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        family = family_of(instance)
        for vip in instance.virtual_ipaddress:
            if vip.address.version != family:
                message = f"{title(instance)}: {vip.address} is not of the family of its first address, IPv{family}"
                remedy = "put it into virtual_ipaddress_excluded, or into an instance of its own"
                findings.error(vip.place, message, remedy, ours=False)
        for keyword, address in _spoken_to(instance):
            if address.version != family:
                message = f"{title(instance)}: {keyword} {address} is not IPv{family}, as its addresses are"
                findings.error(instance.place, message, "use one family in an instance", ours=False)


def _spoken_to(instance: VrrpInstance) -> Iterator[tuple[str, Address]]:
    named = {
        "unicast_src_ip": instance.unicast_src_ip,
        "mcast_src_ip": instance.mcast_src_ip,
        "mcast_dst_ip": instance.mcast_dst_ip,
    }
    yield from ((keyword, address) for keyword, address in named.items() if address is not None)
    yield from (("unicast_peer", peer.address) for peer in instance.unicast_peer)


def vrids_are_unique(config: Config, findings: Findings) -> None:
    """One VRID may be there twice on an interface where every advert tells whom it is for, as with keepalived."""
    first: dict[_Hearing, VrrpInstance] = {}
    for instance in config.instances:
        vrid = instance.virtual_router_id
        if not vrid or not (instance.interface or instance.unicast_src_ip):
            continue
        others = (first[hearing] for hearing in _hears(instance, config.global_defs, among=True) if hearing in first)
        other = next(others, None)
        first.update({hearing: instance for hearing in _hears(instance, config.global_defs) if hearing not in first})
        if other is not None:
            where = other.interface or instance.interface or "any interface"
            message = f"{title(instance)} has the virtual_router_id {vrid}, as {other.name} has on {where}"
            findings.error(instance.place, message, "give each instance on an interface its own", ours=False)


# VRID, family, to or from whom, on which interface, and the unicast address that is sent to
_Hearing = tuple[int, int, Address, Optional[str], Union[Address, str, None]]

_ANY = "/"  # no interface has that in its name


def _hears(instance: VrrpInstance, node: GlobalDefs, among: bool = False) -> list[_Hearing]:
    """What an instance hears; or ``among`` which of those others may be that hear the same.

    Without an interface it hears on all of them, and without a source it may have any.
    """
    interface, own = instance.interface or None, instance.unicast_src_ip if is_unicast(instance) else "the group's"
    interfaces: tuple[Optional[str], ...] = (interface, _ANY)
    sources: tuple[Union[Address, str, None], ...] = (own, _ANY)
    if among:
        interfaces = (interface, None) if interface else (_ANY,)
        sources = (own, None) if own else (_ANY,)
    router = (instance.virtual_router_id, family_of(instance))
    destinations = destinations_of(instance, node)
    return [(*router, *rest) for rest in product(destinations, interfaces, sources)]
