# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A virtual router as it is on several nodes: their instances of one VRID and family.

That is how they find each other on the wire. Nothing is judged here: look in ``agreement.py`` and ``overtaking.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Config, Place, VrrpInstance
from .spoken import family_of

Key = tuple[int, int]  # VRID and family


@dataclass(frozen=True)
class Member:
    """One node's instance of a virtual router."""

    config: Config
    instance: VrrpInstance

    @property
    def place(self) -> Place:
        return self.instance.place

    @property
    def title(self) -> str:
        return f"vrrp_instance {self.instance.name}"


def routers_of(configs: Iterable[Config]) -> dict[Key, list[Member]]:
    routers: dict[Key, list[Member]] = {}
    for config in configs:
        for instance in config.instances:
            key = (instance.virtual_router_id, family_of(instance))
            routers.setdefault(key, []).append(Member(config, instance))
    return routers
