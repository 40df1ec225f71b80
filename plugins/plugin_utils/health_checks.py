# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a role's variables: the programs that say whether a node may hold its VIPs.

One ``vrrp_script`` each. Whether a node has the program, and may run it, is asked on the node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Command, VrrpScript
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.number_values import COUNT_MAX, SECONDS_MAX
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import read_user
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reading,
    boolean,
    command,
    integer,
    seconds,
    symbol,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.tracks import weight

CHECK_KEYS = (
    *("name", "command", "user", "group"),
    *("interval_s", "timeout_s", "fall", "rise", "weight", "reverse", "init_fail"),
)
_count = integer(1, COUNT_MAX)
_duration = seconds(0.001, SECONDS_MAX)


def read_checks(variable: str, value: Any, reading: Reading) -> tuple[VrrpScript, ...]:
    scripts = [_check(path, item, reading) for path, item in reading.items(variable, value, "checks")]
    names = [script.name for script in scripts]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        reading.report(variable, f"two checks are called {name}", "give each a name of its own")
    return tuple(scripts)


def _check(path: str, item: Any, reading: Reading) -> VrrpScript:
    given = reading.mapping(path, item, CHECK_KEYS, "a dictionary with name and command")

    def take(key: str, reader: Callable[[Any], Any], instead: Any) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], instead) if key in given else instead

    for key in ("name", "command"):
        if isinstance(item, Mapping) and key not in given:
            reading.report(f"{path}.{key}", "is missing", f"give the check a {key}")
    return VrrpScript(
        name=take("name", symbol, ""),
        command=Command(take("command", command, ()), read_user(path, given, reading)),
        interval_s=take("interval_s", _duration, 1.0),
        timeout_s=take("timeout_s", _duration, None),
        weight=take("weight", weight, 0),
        reverse=take("reverse", boolean, False),
        rise=take("rise", _count, 1),
        fall=take("fall", _count, 1),
        init_fail=take("init_fail", boolean, False),
    )
