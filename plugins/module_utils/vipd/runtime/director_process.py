# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the director's process running beside the worker while the configuration has virtual servers.

Another start of this program, with -C: nothing of the worker is in it. It is told on its standard input, a line each:
``reload``, ``state MASTER V`` when the instance V became master; and to stop by the end of that: it stops with the
worker, however the worker ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Callable, Optional

from ..config.model import Config
from .options import EXIT_NO_IPVS, Options

RESTART_FIRST_S = 1.0
RESTART_MOST_S = 60.0
STOP_LIMIT_S = 4.0


class DirectorProcess:
    """``complain`` takes a sentence when it dies."""

    def __init__(self, options: Options, complain: Callable[[str], None]) -> None:
        self._options = options
        self._complain = complain
        self._states: dict[str, str] = {}
        self._changed = False
        self._process: Optional[asyncio.subprocess.Process] = None
        self._keeping: Optional[asyncio.Task[None]] = None

    @property
    def wanted(self) -> bool:
        return self._keeping is not None

    async def configure(self, config: Config) -> None:
        """Start it, have it reload, or stop it."""
        if not config.lvs.virtual_servers or self._options.vrrp_only:
            await self.stop()
        elif self._keeping is None or self._keeping.done():
            self._keeping = asyncio.get_running_loop().create_task(self._keep())
        elif self._process is None:
            self._changed = True  # one that is about to start may have read the file already
        else:
            self._say("reload")

    def entered(self, instance: str, state: str) -> None:
        """The instance is in another state now; a director that is started later hears of it too."""
        self._states[instance] = state
        self._say(_entered(instance, state))

    async def stop(self) -> None:
        """Let it take its services off; end it when it does not come to that."""
        if self._keeping is None:
            return
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        self._keeping = None

    def _say(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n".encode())

    async def _keep(self) -> None:
        delay_s = RESTART_FIRST_S
        while True:
            started = asyncio.get_running_loop().time()
            try:
                status = await self._run()
                ended = f"the director ended, exit status {status}"
            except (OSError, RuntimeError) as error:  # no place for a process, or for a thread to wait for it
                status, ended = None, f"the director cannot be started: {error}"
            if status == EXIT_NO_IPVS:
                return  # it has said so; the next reload tries again
            lived_s = asyncio.get_running_loop().time() - started
            delay_s = RESTART_FIRST_S if lived_s > RESTART_MOST_S else delay_s
            self._complain(f"{ended}; starting it again in {delay_s:g} s")
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, RESTART_MOST_S)

    async def _run(self) -> int:
        self._changed = False
        self._process = process = await self._begun()
        for instance, state in self._states.items():
            self._say(_entered(instance, state))
        if self._changed:
            self._say("reload")
        try:
            return await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        finally:
            self._process = None

    async def _begun(self) -> asyncio.subprocess.Process:
        """Seen through when a stop comes meanwhile: asyncio would kill the process, and leave its table behind."""
        beginning = asyncio.ensure_future(
            asyncio.create_subprocess_exec(*self._options.director_command, stdin=asyncio.subprocess.PIPE)
        )
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError, RuntimeError):  # it did not start: nothing is left to end
                await _end(await beginning)
            raise


def _entered(instance: str, state: str) -> str:
    return f"state {state} {instance}"


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
    except asyncio.TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
