# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the kernel's threads that copy connections to the other director as the configuration and VRRP have it.

One that a director before this one left running is taken over where it does what is wanted. At the stop all end.
"""

from __future__ import annotations

import asyncio
from typing import Callable, Optional

from ..config.model import Config
from ..director.connection_sync import SyncThread, threads
from ..linux.ipvs import Ipvs

RETRY_S = 10.0  # after a refusal: the interface may come later


class ConnectionSync:
    """``complain`` takes a sentence for what the kernel refuses."""

    def __init__(self, kernel: Ipvs, complain: Callable[[str], None]) -> None:
        self._kernel = kernel
        self._complain = complain
        self._config = Config()
        self._states: dict[str, str] = {}
        self._retry: Optional[asyncio.TimerHandle] = None

    def adopt(self, config: Config) -> None:
        unasked = config.global_defs.lvs.sync_daemon is None and self._config.global_defs.lvs.sync_daemon is None
        self._config = config
        if not unasked:  # what somebody else runs is left alone
            self._settle()

    def entered(self, instance: str, state: str) -> None:
        """VRRP says so."""
        self._states[instance] = state
        daemon = self._config.global_defs.lvs.sync_daemon
        if daemon is not None and daemon.instance == instance:
            self._settle()

    def stop(self) -> None:
        self.adopt(Config())

    def _settle(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        try:
            self._change(threads(self._config, self._states))
        except OSError as error:
            self._complain(f"IPVS refuses lvs_sync_daemon: {error.strerror}")
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._settle)

    def _change(self, wanted: tuple[SyncThread, ...]) -> None:
        running = self._kernel.sync_threads()
        for thread in running:
            if not any(one.is_met_by(thread) for one in wanted):
                self._kernel.stop_sync(thread)
        for one in wanted:
            if not any(one.is_met_by(thread) for thread in running):
                self._kernel.start_sync(one)
