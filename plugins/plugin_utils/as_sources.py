# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unicast adverts as ``vipd_unicast_address`` says them: what ``speaking.py`` would read into the same peers.

That variable says it of all instances. Where one is not unicast, or names others than the pair's hosts, nothing is said
here, and the keywords are passed through. Look next at ``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Address, UnicastPeer, VrrpInstance


def sources(routers: Sequence[Mapping[str, VrrpInstance]]) -> dict[str, Any]:
    """``routers``: each one's instance by host. By host what the variable says of it, or nothing at all."""
    vips = {vip.address for router in routers for one in router.values() for vip in one.virtual_ipaddress}
    if not all(_speak_to_each_other(router.values(), vips) for router in routers):
        return {}
    found = {host: _of_a_host([router[host] for router in routers]) for host in routers[0]}
    return {} if None in found.values() else found


def _speak_to_each_other(instances: Collection[VrrpInstance], vips: Collection[Address]) -> bool:
    """Each from an address of its own, to those of all others, in the order of the hosts."""
    spoken = [one.unicast_src_ip for one in instances]
    return len(set(spoken)) == len(spoken) and all(
        source is not None
        and _is_own(source, vips)
        and source.version == min((vip.address.version for vip in one.virtual_ipaddress), default=0)
        and one.unicast_peer == tuple(UnicastPeer(other) for other in spoken if other is not None and other != source)
        for one, source in zip(instances, spoken, strict=True)
    )


def _is_own(source: Address, vips: Collection[Address]) -> bool:
    return source not in vips and not (source.is_multicast or source.is_loopback or source.is_unspecified)


def _of_a_host(instances: Iterable[VrrpInstance]) -> Any:
    """An address, a list with one of each family, or either by interface; None if that is not enough."""
    found: dict[str, dict[int, str]] = {}
    for one in instances:
        if one.unicast_src_ip is not None:
            source, of_interface = one.unicast_src_ip, found.setdefault(one.interface, {})
            if of_interface.setdefault(source.version, str(source)) != str(source):
                return None
    everywhere = dict(pair for of_interface in found.values() for pair in of_interface.items())
    if all(of_interface.items() <= everywhere.items() for of_interface in found.values()):
        return _said(everywhere)
    return {interface: _said(of_interface) for interface, of_interface in found.items()}


def _said(by_family: Mapping[int, str]) -> str | list[str]:
    addresses = [by_family[family] for family in sorted(by_family)]
    return addresses[0] if len(addresses) == 1 else addresses
