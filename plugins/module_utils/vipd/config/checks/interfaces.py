# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces that vipd makes, and delays of those that come and go."""

from __future__ import annotations

from ..diagnostics import Findings
from ..given import given
from ..model import Config, VrrpInstance
from ..spoken import family_of, is_unicast
from .names import title


def vmacs_are_asked_for_once(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if instance.use_vmac is None and not instance.use_vmac_addr:
            continue
        own = "use_vmac" if instance.use_vmac is not None else "use_vmac_addr"
        for vip in (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded):
            if vip.use_vmac:
                message = f"{title(instance)}: use_vmac of {vip.address} is there already, by its {own}"
                findings.warning(vip.place, message, "remove it here", ours=False)
        if instance.use_vmac is not None and instance.promote_secondaries:
            message = f"{title(instance)}: promote_secondaries is set on a VMAC interface anyway"
            findings.warning(instance.place, message, "remove it", ours=False)


def vmacs_can_send(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        if instance.use_vmac is None and instance.vmac_xmit_base:
            message = f"{title(instance)}: vmac_xmit_base has no effect without use_vmac"
            findings.warning(instance.place, message, "remove it", ours=False)
        if instance.use_vmac is not None and is_unicast(instance) and not instance.vmac_xmit_base:
            message = f"{title(instance)}: unicast adverts leave by the interface below the VMAC"
            findings.warning(instance.place, message, "say so: add vmac_xmit_base", ours=False)


def vmac_names_are_unique(config: Config, findings: Findings) -> None:
    first: dict[str, VrrpInstance] = {}
    for instance in config.instances:
        name = instance.use_vmac.name if instance.use_vmac else None
        if name is None:
            continue
        other = first.setdefault(name, instance)
        if other is not instance:
            message = f"{title(instance)}: the VMAC interface {name} is that of {other.name}"
            findings.error(instance.place, message, "give each its own name", ours=False)


def vmac_macs_are_unique(config: Config, findings: Findings) -> None:
    """The kernel has one macvlan with a MAC on an interface."""
    first: dict[tuple[object, ...], VrrpInstance] = {}
    for instance in config.instances:
        if instance.use_vmac is None:
            continue
        mac = instance.use_vmac.mac or (family_of(instance), instance.virtual_router_id)
        other = first.setdefault((instance.interface, mac), instance)
        if other is not instance:
            message = f"{title(instance)}: use_vmac has the MAC address that {other.name} has on {instance.interface}"
            findings.error(instance.place, message, "give it another virtual_router_id, or another MAC")


def delays_end_before_the_backup_takes_over(config: Config, findings: Findings) -> None:
    """A node that does not know yet that its link is gone would become master beside the master."""
    delays = {one.interface: one for one in config.interface_delays}
    for instance in config.instances:
        adverts = given(instance.down_timer_adverts, config.global_defs.vrrp_down_timer_adverts)
        most_s = (adverts - 1) * instance.advert_int_s
        used = {instance.interface, *(track.name for track in instance.tracks.interfaces)}
        for name in sorted(used & delays.keys()):
            longest_s = max(delays[name].down_s, delays[name].up_s)
            if longest_s >= most_s:
                message = f"interface_up_down_delays: {name} may be away for {longest_s:g} s unnoticed"
                remedy = f"{instance.name} times out after that: use less than {most_s:g} s"
                findings.warning(delays[name].place, message, remedy, ours=False)
