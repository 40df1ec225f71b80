# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One real server of one virtual server: alive while every checker is up; what it weighs; what an operator wants of it.

Decides nothing about the table as a whole: ``virtual_server.py`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ..config import lvs_defaults
from ..config.lvs import RealServer, VirtualServer
from .checking import Checking
from .events import AdminState

WEIGHT_MAX = 2**31 - 1
RAMP_STEPS = 10  # of a slow start


@dataclass
class Serving:
    """``was_alive`` is what was told last.

    ``ramp``: how many steps of a slow start it has taken, None: all of them; ``climbs_at``: when it takes the next.
    """

    server: VirtualServer
    real: RealServer
    checks: list[Checking]
    admin: AdminState = AdminState.UP
    was_alive: bool = True
    ramp: Optional[int] = None
    climbs_at: Optional[float] = None

    def __str__(self) -> str:
        port = lvs_defaults.port(self.server, self.real)
        return str(type(self.real.endpoint)(self.real.endpoint.address, port or None))

    @property
    def alive(self) -> bool:
        return self.admin is not AdminState.DOWN and all(check.up for check in self.checks)

    @property
    def weight(self) -> int:
        """What it gets of the connections: while it starts slowly, less than its full weight."""
        full = self.full_weight
        return full if self.ramp is None or full == 0 else max(1, full * self.ramp // RAMP_STEPS)

    @property
    def full_weight(self) -> int:
        """As configured, and as its dynamic checkers change it; a drain makes it 0. This counts for the quorum."""
        if self.admin is AdminState.DRAIN:
            return 0
        changes = sum(check.weight for check in self.checks if check.weight is not None)
        return max(0, min(WEIGHT_MAX, lvs_defaults.weight(self.server, self.real) + changes))

    @property
    def inhibits(self) -> bool:
        return lvs_defaults.inhibits(self.server, self.real)

    @property
    def why(self) -> str:
        """The reason for what ``alive`` says."""
        if self.admin is not AdminState.UP:
            return f"an operator wants it {self.admin.value}"
        return next((check.detail for check in self.checks if not check.up), "every check passes")

    def climb(self, step_s: float, now: float) -> None:
        """One step of a slow start."""
        self.ramp = 0 if self.ramp is None else self.ramp + 1
        self.climbs_at = now + step_s
        if self.ramp == RAMP_STEPS:
            self.ramp = self.climbs_at = None

    def snapshot(self) -> dict[str, Any]:
        return {
            "real_server": str(self),
            "address": str(self.real.endpoint.address),
            "alive": self.alive,
            "admin": self.admin.value,
            "weight": self.weight,
            "reason": self.why,
            "checks": [
                {"kind": type(check.probe.checker).__name__, "up": check.up, "detail": check.detail}
                for check in self.checks
            ],
        }
