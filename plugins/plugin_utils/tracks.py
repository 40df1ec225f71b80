# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance watches, as a role's variables say it: interfaces, and checks by their names.

Whether there is such a check or interface is not judged here: look next at ``plan.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import TrackInterface, TrackScript
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.number_values import WEIGHT_MAX
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reading,
    boolean,
    integer,
    interface_name,
    symbol,
)

TRACK_KEYS = ("name", "weight", "reverse")
weight = integer(-WEIGHT_MAX, WEIGHT_MAX)


def read_track_interfaces(variable: str, value: Any, reading: Reading) -> tuple[TrackInterface, ...]:
    items = reading.items(variable, value, "interface names")
    return tuple(_track_interface(path, item, reading) for path, item in items)


def _track_interface(path: str, item: Any, reading: Reading) -> TrackInterface:
    whole = isinstance(item, Mapping)
    given = reading.mapping(path, item if whole else {"name": item}, TRACK_KEYS, "an interface name or a dictionary")
    return TrackInterface(
        name=reading.take(f"{path}.name" if whole else path, interface_name, given.get("name"), ""),
        weight=reading.take(f"{path}.weight", weight, given.get("weight", 0), 0),
        reverse=reading.take(f"{path}.reverse", boolean, given.get("reverse", False), False),
    )


def read_track_scripts(variable: str, value: Any, reading: Reading) -> tuple[TrackScript, ...]:
    items = reading.items(variable, value, "names of checks")
    return tuple(_track_script(path, item, reading) for path, item in items)


def _track_script(path: str, item: Any, reading: Reading) -> TrackScript:
    """Without a weight the check's own counts."""
    whole = isinstance(item, Mapping)
    given = reading.mapping(path, item if whole else {"name": item}, TRACK_KEYS, "a check's name or a dictionary")
    return TrackScript(
        name=reading.take(f"{path}.name" if whole else path, symbol, given.get("name"), ""),
        weight=reading.take(f"{path}.weight", weight, given["weight"], None) if "weight" in given else None,
        reverse=reading.take(f"{path}.reverse", boolean, given.get("reverse", False), False),
    )
