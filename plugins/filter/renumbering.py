# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.renumbering``; its documentation is in ``renumbering.yml``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible_collections.lbha.pair.plugins.plugin_utils import renumbering


def changes(
    plan: Mapping[str, Any], topology: str, seen: Mapping[str, Any], together: Collection[str] = ()
) -> dict[str, Any]:
    found = renumbering.renumbering(plan, seen, together)
    pins = [f"{topology}_instances[{index}].virtual_router_id: {vrid}" for index, vrid in found.pins.items()]
    return {"changes": found.sentences(), "pins": pins}


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"renumbering": changes}
