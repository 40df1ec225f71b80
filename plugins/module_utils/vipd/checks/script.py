# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vrrp_script: runs each script at its interval and reports every run to the core.

Counts nothing: rise and fall are the core's (``core/tracking.py``).
"""

from __future__ import annotations

import asyncio
from typing import Callable, Optional

from ..config.model import Config, VrrpScript
from ..core.events import ScriptFinished
from . import program
from .security import Rules
from .tracked import all_tracks


def longest_silence_s(config: Config) -> Optional[float]:
    """How long :class:`ScriptChecks` may report nothing while it works; None where it has nothing to report."""
    return min((script.interval_s + _timeout_s(script) for script in _tracked(config)), default=None)


class ScriptChecks:
    """The running checks of one configuration. ``report`` takes every result."""

    def __init__(self, report: Callable[[ScriptFinished], None]) -> None:
        self._report = report
        self._tasks: dict[VrrpScript, asyncio.Task[None]] = {}
        self._rules = Rules()

    def configure(self, config: Config) -> None:
        """Run what is tracked; a script that did not change is not disturbed."""
        rules = Rules.of(config.global_defs)
        wanted = _tracked(config)
        for script in [script for script in self._tasks if script not in wanted or rules != self._rules]:
            self._tasks.pop(script).cancel()
        self._rules = rules
        for script in wanted - self._tasks.keys():
            self._tasks[script] = asyncio.get_running_loop().create_task(self._run_forever(script))

    async def stop(self) -> None:
        """End every check, and wait for the programs to be gone."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run_forever(self, script: VrrpScript) -> None:
        """A fixed period; a turn is left out while the run before it has not ended."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            outcome = await program.run(script.command, self._rules, _timeout_s(script))
            self._report(ScriptFinished(script.name, outcome.success, outcome.detail))
            missed = (loop.time() - due) // script.interval_s
            due += (missed + 1) * script.interval_s
            await asyncio.sleep(due - loop.time())


def _tracked(config: Config) -> set[VrrpScript]:
    tracked = {track.name for tracks in all_tracks(config) for track in tracks.scripts}
    return {script for script in config.scripts if script.name in tracked}


def _timeout_s(script: VrrpScript) -> float:
    return script.timeout_s or script.interval_s
