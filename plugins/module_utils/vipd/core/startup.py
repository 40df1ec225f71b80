# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wait before a node takes part: ``vrrp_startup_delay`` and ``vrrp_delay_after_boot`` of keepalived.conf(5)."""

from __future__ import annotations

from typing import Optional

from ..config.model import GlobalDefs


class Startup:
    """Over once it is over: a reload does not wait again."""

    def __init__(self) -> None:
        self._until: Optional[float] = None
        self._began = False

    def configure(self, node: GlobalDefs, now: float) -> None:
        """``now`` counts from the boot of the node."""
        if self._began:
            return
        self._began = True
        until = max(now + node.vrrp_startup_delay_s, node.vrrp_delay_after_boot_s)
        self._until = until if until > now else None

    def next(self) -> Optional[float]:
        return self._until

    def deadline_reached(self) -> None:
        self._until = None

    @property
    def wait(self) -> Optional[str]:
        """What everybody waits for."""
        return None if self._until is None else "the startup delay is not over"
