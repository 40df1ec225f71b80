# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often an instance announces its addresses: keepalived's ``garp_*`` with every default filled in.

The same numbers hold for gratuitous ARP and unsolicited neighbour advertisements. ``settings.py`` puts them into an
instance's settings.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..config.given import given
from ..config.model import GlobalDefs, VrrpInstance


@dataclass(frozen=True)
class Garp:
    """Defaults are keepalived's: five at once, five more after five seconds; ``vrrp_min_garp`` makes that one."""

    master_delay_s: float
    master_repeat: int
    master_refresh_s: float
    master_refresh_repeat: int
    lower_prio_delay_s: float
    lower_prio_repeat: int
    extra_if_s: float
    extra_if_all: bool

    @classmethod
    def of(cls, instance: VrrpInstance, node: GlobalDefs, strict: bool = False) -> Garp:
        """The instance's settings, else the node's, else the defaults; strict mode has no answer to a loser."""

        def said(name: str, default: float) -> float:
            value: float = given(getattr(instance.garp, name), given(getattr(node.garp, name), default))
            return value

        delay_s, repeat = (0.0, 1) if node.vrrp_min_garp else (5.0, 5)
        extra_if_s = instance.garp_extra_if_s
        return cls(
            master_delay_s=said("master_delay_s", delay_s),
            master_repeat=int(said("master_repeat", repeat)),
            master_refresh_s=said("master_refresh_s", 0.0),
            master_refresh_repeat=int(said("master_refresh_repeat", 0 if node.vrrp_min_garp else 1)),
            # The node's, as keepalived has it: what an instance does as master says nothing of how it answers a loser.
            lower_prio_delay_s=0.0 if strict else said("lower_prio_delay_s", given(node.garp.master_delay_s, delay_s)),
            lower_prio_repeat=0 if strict else int(said("lower_prio_repeat", given(node.garp.master_repeat, repeat))),
            extra_if_s=node.vrrp_garp_extra_if_s if extra_if_s is None else extra_if_s,
            extra_if_all=node.vrrp_garp_extra_if_all if extra_if_s is None else instance.garp_extra_if_all,
        )
