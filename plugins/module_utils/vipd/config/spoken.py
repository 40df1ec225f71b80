# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which protocol an instance speaks: its family, its version, to whom. What it comes to is in ``core/settings.py``."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from .model import Address, GlobalDefs, VrrpInstance

# RFC 9568 sections 5.1.1.2 and 5.1.2.2
GROUP, GROUP6 = IPv4Address("224.0.0.18"), IPv6Address("ff02::12")


def family_of(instance: VrrpInstance) -> int:
    """4 or 6: that of the first VIP, else of the addresses it speaks from and to."""
    speaks = (instance.unicast_src_ip, instance.mcast_src_ip, *(peer.address for peer in instance.unicast_peer))
    for address in (*(vip.address for vip in instance.virtual_ipaddress), *speaks):
        if address is not None:
            return address.version
    return 6 if instance.native_ipv6 else 4


def is_unicast(instance: VrrpInstance) -> bool:
    """Whoever speaks of unicast never multicasts, be the list of peers empty (keepalived falls back to multicast)."""
    return bool(instance.unicast_peer or instance.unicast_src_ip or instance.unicast_fault_no_peer)


def destinations_of(instance: VrrpInstance, node: GlobalDefs) -> tuple[Address, ...]:
    """The unicast peers, or the group."""
    if is_unicast(instance):
        return tuple(peer.address for peer in instance.unicast_peer)
    if family_of(instance) == 6:
        return (instance.mcast_dst_ip or node.vrrp_mcast_group6 or GROUP6,)
    return (instance.mcast_dst_ip or node.vrrp_mcast_group4 or GROUP,)


def version_of(instance: VrrpInstance, node: GlobalDefs) -> int:
    """2 or 3; IPv6 has no other than 3."""
    if family_of(instance) == 6:
        return 3
    return node.vrrp_version if instance.version is None else instance.version
