# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How nodes speak of a VIP, and where two configurations differ in it: nodes then do not hear each other of that VIP.

That is in one VRID, on one interface, by one family. Serves ``plugin_utils/renumbering.py`` and nodes alike. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import VrrpInstance
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.spoken import family_of

Speech = Mapping[str, Any]

_SAID = {"virtual_router_id": "VRID {}", "interface": "interface {}", "family": "adverts over IPv{}"}


@dataclass(frozen=True)
class Change:
    """``differences``: what differs, as it is and as it would be."""

    vip: str
    differences: tuple[tuple[str, Any, Any], ...]

    @property
    def of_number_alone(self) -> bool:
        return [what for what, _is, _would_be in self.differences] == ["virtual_router_id"]

    def __str__(self) -> str:
        now = ", ".join(_SAID[what].format(one) for what, one, _would_be in self.differences)
        then = ", ".join(_SAID[what].format(one) for what, _is, one in self.differences)
        return f"{self.vip} from {now} to {then}"


def speaks(instance: VrrpInstance) -> dict[str, Any]:
    """As ``vip_info`` tells it of an instance that runs."""
    return {
        "name": instance.name,
        "interface": instance.interface,
        "virtual_router_id": instance.virtual_router_id,
        "family": family_of(instance),
        "vips": [str(vip.address) for vip in (*instance.virtual_ipaddress, *instance.virtual_ipaddress_excluded)],
    }


def by_vip(instances: Iterable[Speech]) -> dict[str, Speech]:
    return {vip: one for one in instances for vip in one["vips"]}


def changes(now: Iterable[Speech], then: Iterable[Speech]) -> Iterator[Change]:
    """Of VIPs that stay. What is not known is not compared."""
    before, after = by_vip(now), by_vip(then)
    for vip in (vip for vip in before if vip in after):
        both = [(what, before[vip].get(what), after[vip].get(what)) for what in _SAID]
        differences = tuple(one for one in both if None not in one[1:] and one[1] != one[2])
        if differences:
            yield Change(vip, differences)
