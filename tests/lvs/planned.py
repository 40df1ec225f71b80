# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration that the role lvs_director renders, for the first of two directors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan

DIRECTORS = {"lb01": {"ansible_host": "10.0.0.2"}, "lb02": {"ansible_host": "10.0.0.3"}}


def planned(*services: Mapping[str, Any], servers: Mapping[str, str] | None = None, **given: Any) -> str:
    """``servers`` are hosts of the inventory and their addresses; ``given`` are variables without the role's name."""
    variables = {f"lvs_director_{name}": value for name, value in given.items()}
    hostvars = {**DIRECTORS, **{name: {"ansible_host": address} for name, address in (servers or {}).items()}}
    plan = pair_plan(
        {**variables, "lvs_director_services": [dict(one) for one in services]},
        "lvs_director",
        hostvars=hostvars,
        host="lb01",
        play_hosts=list(DIRECTORS),
    )
    return str(plan["hosts"]["lb01"]["text"])
