# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual IPs as ``…_vips`` says them: what ``virtual_ips.py`` would read into the same addresses.

A list for all hosts: what they say differently has no place in it. Look next at ``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import VirtualAddress, VrrpInstance
from ansible_collections.lbha.pair.plugins.plugin_utils import as_variables
from ansible_collections.lbha.pair.plugins.plugin_utils.routers import Router, must_be_named
from ansible_collections.lbha.pair.plugins.plugin_utils.sayings import agreed, require


def vips(routers: list[Router], say_preferred: bool) -> list[Any]:
    items: list[Any] = []
    for router in routers:
        lists = [_plain_vips(instance) for instance in router.instances.values()]
        require(all(len(one) == len(lists[0]) for one in lists), f"{router.name}: the hosts have different VIPs")
        require(bool(lists[0]), f"{router.name} has no virtual_ipaddress")
        for seen in zip(*lists, strict=True):
            item = _vip(seen, len(items) + 1, router)
            if say_preferred:
                item["preferred"] = router.preferred
            if must_be_named(router, routers):
                item["instance"] = router.name
            items.append(item if len(item) > 1 else item["address"])
    return items


def _plain_vips(instance: VrrpInstance) -> list[VirtualAddress]:
    """Without a device that is the instance's interface anyway; a VMAC is not that."""
    vips = [*instance.virtual_ipaddress, *as_variables.unadvertised(instance)]
    if instance.use_vmac is not None:
        return vips
    return [replace(vip, dev=None if vip.dev == instance.interface else vip.dev) for vip in vips]


def _vip(seen: Iterable[VirtualAddress], number: int, router: Router) -> dict[str, Any]:
    found = list(seen)
    vip = agreed(f"{router.name}: {found[0].address}", [replace(one, label=None) for one in found])
    on_vmac = router.first.use_vmac is not None
    item = as_variables.vip(vip, on_vmac)
    derived = [
        as_variables.label(vip, "" if on_vmac and not vip.dev else vip.dev or one.interface, number)
        for one in router.instances.values()
    ]
    labels = [one.label for one in found]
    if labels != derived:
        item["label"] = agreed(f"{router.name}: the label of {vip.address}", labels) or ""
    return item
