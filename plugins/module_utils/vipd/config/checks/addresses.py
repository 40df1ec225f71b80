# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual addresses, and the routes and rules that come with them."""

from __future__ import annotations

from ..diagnostics import Findings
from ..model import Address, Config, VrrpInstance
from ..spoken import family_of
from .names import repeated, title

ADVERTISED_MAX = {4: 255, 6: 90}  # the count is one octet; an Ethernet's 1500 octets hold 90 IPv6 addresses


def addresses_are_held_once(config: Config, findings: Findings) -> None:
    holder: dict[Address, VrrpInstance] = {}
    for instance in config.instances:
        vips = (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded)
        repeated(f"{title(instance)}: address", ((vip.address, vip.place) for vip in vips), findings, ours=True)
        for vip in vips:
            other = holder.setdefault(vip.address, instance)
            if other is not instance:
                message = f"{title(instance)}: {vip.address} is an address of {other.name} too"
                findings.error(vip.place, message, "their masters can be two nodes: give it to one instance")


def addresses_fit_an_advert(config: Config, findings: Findings) -> None:
    for instance in config.instances:
        count, most = len(instance.virtual_ipaddress), ADVERTISED_MAX[family_of(instance)]
        if not count:
            remedy = "its master will hold nothing"
            if instance.virtual_ipaddress_excluded:
                remedy = "its adverts will name none: put one into virtual_ipaddress"
            findings.warning(instance.place, f"{title(instance)} has no address", remedy, ours=False)
        elif count > most:
            message = f"{title(instance)} has {count} addresses, an advert holds {most}"
            findings.warning(instance.place, message, "the rest is held and not advertised: use several instances")


def routes_can_be_tracked(config: Config, findings: Findings) -> None:
    virtual = [route for instance in config.instances for route in instance.virtual_routes]
    for route in (*config.static_routes, *virtual):
        if route.no_track:
            continue
        if route.dev is None:
            message = f"the route {route} names no interface and is not tracked"
            findings.warning(route.place, message, "add dev, or say no_track", ours=False)
        if route.protocol is not None:
            message = f"the route {route} has a protocol of its own, by which it cannot be tracked"
            findings.warning(route.place, message, "remove protocol, or say no_track", ours=False)


def rules_have_a_preference(config: Config, findings: Findings) -> None:
    virtual = [rule for instance in config.instances for rule in instance.virtual_rules]
    for rule in config.static_rules:
        if rule.track_group is not None and "iif" not in dict(rule.selectors):
            message = f"the rule {rule} has a track_group and no iif: keepalived does not track it"
            findings.warning(rule.place, message, "add iif, or remove track_group", ours=False)
    for rule in (*config.static_rules, *virtual):
        if rule.preference is None:
            message = f"the rule {rule} has no preference"
            findings.warning(rule.place, message, "add one: without it chance orders them", ours=False)
        if any(name == "protocol" for name, _value in rule.selectors) and not rule.no_track:
            message = f"the rule {rule} has a protocol of its own, by which it cannot be tracked"
            findings.warning(rule.place, message, "remove protocol, or say no_track", ours=False)
