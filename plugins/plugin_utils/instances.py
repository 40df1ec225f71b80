# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role's variable ``…_instances`` says of single instances, in the place of what would be derived.

A pair that is made anew needs none of it; one that came from keepalived keeps its names, VRIDs and priorities this way.
Only single values are judged here: look next at ``plan.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Command
from ansible_collections.lbha.pair.plugins.plugin_utils.options import NO_WORDS, Lines, read_options
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reader,
    Reading,
    choice,
    command,
    integer,
    shown,
    symbol,
)

KEYS = ("name", "virtual_router_id", "priorities", "states", "notify", "options")
NOTIFY_KEYS = ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify")

_WHAT = f"a dictionary of {', '.join(KEYS)}"


@dataclass(frozen=True)
class Said:
    """Of one instance; what is empty is derived. ``priorities`` and ``states`` are by host."""

    place: str = ""
    name: str = ""
    virtual_router_id: int | None = None
    priorities: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    notify: Mapping[str, Command] | None = None
    options: Lines = field(default_factory=dict)


def read_instances(variable: str, value: Any, owner: Callable[[str], str], reading: Reading) -> tuple[Said, ...]:
    return tuple(_said(path, item, owner, reading) for path, item in reading.items(variable, value, "instances"))


def _said(path: str, item: Any, owner: Callable[[str], str], reading: Reading) -> Said:
    given = reading.mapping(path, item, KEYS, _WHAT)

    def take(key: str, reader: Reader[Any], instead: Any) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], instead) if key in given else instead

    return Said(
        place=path,
        name=take("name", symbol, ""),
        virtual_router_id=take("virtual_router_id", integer(1, 255), None),
        priorities=_by_host(f"{path}.priorities", given.get("priorities", {}), integer(1, 254), reading),
        states=_by_host(f"{path}.states", given.get("states", {}), choice("MASTER", "BACKUP"), reading),
        notify=read_notify(f"{path}.notify", given["notify"], reading) if "notify" in given else None,
        options=read_options(f"{path}.options", given.get("options", {}), owner, reading),
    )


def _by_host(path: str, value: Any, reader: Reader[Any], reading: Reading) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        reading.report(path, f"{shown(value)} is not a dictionary", "write host: value")
        return {}
    found = {str(host): reading.take(f"{path}.{host}", reader, item, None) for host, item in value.items()}
    return {host: item for host, item in found.items() if item is not None}


def read_notify(variable: str, value: Any, reading: Reading) -> dict[str, Command]:
    given = reading.mapping(variable, value, NOTIFY_KEYS, f"a dictionary of {', '.join(NOTIFY_KEYS)}")
    found = {key: reading.take(f"{variable}.{key}", command, item, NO_WORDS) for key, item in given.items()}
    return {key: Command(argv) for key, argv in found.items()}
