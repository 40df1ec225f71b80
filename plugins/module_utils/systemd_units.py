# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd says of a few units, in one question. Listing every service of a node takes many times as long.

It changes nothing. Modules ask through it what is to be done at all; what an aborted run left undone is in
``in_force.py``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Protocol

# systemd's bus may drop a caller on a busy machine.
ATTEMPTS = 3
PAUSE_S = 0.2

# A reload is a change of state, and of one that runs nothing else is.
STARTED = "ExecMainStartTimestampMonotonic"
CHANGED = "StateChangeTimestampMonotonic"
US_PER_S = 1e6


class Host(Protocol):
    """The part of AnsibleModule that is needed."""

    def get_bin_path(self, arg: str) -> Optional[str]: ...

    def run_command(self, args: list[str]) -> tuple[int, str, str]: ...


@dataclass(frozen=True)
class Unit:
    """The times are those of a clock on the wall, and 0 of a unit that does not run.

    One that runs may be ``starting``: it is not ready yet, or it ended and systemd is about to start it again.
    """

    there: bool
    enabled: bool
    running: bool
    starting: bool = False
    started_at: float = 0.0
    read_at: float = 0.0  # when it was started or reloaded last


def units(host: Host, names: Sequence[str]) -> dict[str, Unit]:
    """Services by their names without a suffix. Raises OSError when systemd cannot be asked."""
    systemctl = host.get_bin_path("systemctl")
    if systemctl is None:
        raise OSError("there is no systemctl: lbha.pair needs systemd")
    wanted = f"--property=LoadState,ActiveState,UnitFileState,{STARTED},{CHANGED}"
    said = _shown(host, [systemctl, "show", wanted, *(f"{name}.service" for name in names)])
    found = [dict(re.findall(r"^(\w+)=(.*)$", block, re.MULTILINE)) for block in said.strip().split("\n\n")]
    if len(found) != len(names):
        raise OSError(f"systemctl show was asked for {len(names)} units and speaks of {len(found)}")
    return {name: _unit(properties) for name, properties in zip(names, found)}


def _shown(host: Host, argv: list[str]) -> str:
    for attempt in range(1, ATTEMPTS + 1):
        status, said, errors = host.run_command(argv)
        if status == 0:
            return said
        if attempt < ATTEMPTS:
            time.sleep(PAUSE_S)
    raise OSError(f"{' '.join(argv)}: {errors.strip()}")


def _unit(properties: dict[str, str]) -> Unit:
    running = properties.get("ActiveState") in ("active", "reloading", "activating")
    return Unit(
        there=properties.get("LoadState", "not-found") != "not-found",
        enabled=properties.get("UnitFileState") == "enabled",
        running=running,
        starting=properties.get("ActiveState") == "activating",
        started_at=_on_the_wall(properties.get(STARTED, "")) if running else 0.0,
        read_at=_on_the_wall(properties.get(CHANGED, "")) if running else 0.0,
    )


def _on_the_wall(monotonic_us: str) -> float:
    """As files are dated. systemd shows a time of day to the second alone."""
    return time.time() - time.monotonic() + int(monotonic_us) / US_PER_S if monotonic_us.isdigit() else 0.0
