# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs that prefer no host are given one: as many to each host as to the others.

The same VIPs and hosts are always spread in the same way. A host that is added takes VIPs from others, and no other VIP
moves; the first VIPs go to the hosts in their order. Look next at ``derivation.py``, which makes instances of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_ips import Vip

Unit = tuple[int, ...]  # places in the list of VIPs that belong together


def spread(vips: Sequence[Vip], hosts: Sequence[str]) -> tuple[Vip, ...]:
    units = _units(vips)
    named = [next((vips[place].preferred for place in unit if vips[place].preferred), "") for unit in units]
    free = [number for number, host in enumerate(named) if not host]
    holders = dict(enumerate(named)) | dict.fromkeys(free, hosts[0])
    for position, host in enumerate(hosts[1:], start=2):
        _take_a_share(host, hosts[: position - 1], holders, free)
    preferred = {place: holders[number] for number, unit in enumerate(units) for place in unit}
    return tuple(vip if vip.preferred else replace(vip, preferred=preferred[place]) for place, vip in enumerate(vips))


def _units(vips: Sequence[Vip]) -> list[Unit]:
    """VIPs of one instance move together; any other is on its own."""
    units: dict[object, Unit] = {}
    for place, vip in enumerate(vips):
        key: object = vip.instance or place
        units[key] = (*units.get(key, ()), place)
    return list(units.values())


def _take_a_share(host: str, others: Sequence[str], holders: dict[int, str], free: Sequence[int]) -> None:
    """From whoever has most, until nobody has two more than ``host``; of every so many units one, the last first."""
    while True:
        loads = {one: list(holders.values()).count(one) for one in (*others, host)}
        givers = [number for number in free if holders[number] != host and loads[holders[number]] >= loads[host] + 2]
        if not givers:
            return
        most = max(loads[holders[number]] for number in givers)
        of_most = (number for number in givers if loads[holders[number]] == most)
        holders[max(of_most, key=lambda number: (number % (len(others) + 1), number))] = host
