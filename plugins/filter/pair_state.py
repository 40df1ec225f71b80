# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.pair_state``; its documentation is in ``pair_state.yml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.lbha.pair.plugins.plugin_utils.pair_state import pair_state


def state(seen: Mapping[str, Any], neighbours: Iterable[Any] = (), witness: str = "") -> dict[str, Any]:
    return asdict(pair_state(seen, neighbours, witness))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"pair_state": state}
