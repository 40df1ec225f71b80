# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worker process: everything that may wait, so that the VRRP process never has to.

Reads the configuration, has what a takeover needs encoded (``preparation.py``), runs scripts, writes the
log, serves vipctl. It decides nothing about mastership. When the VRRP process dies, it releases the
VIPs and ends; it ignores the signals meant for the unit, because its end follows that process's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import deque
from types import FrameType
from typing import Any, Callable, Optional

from ..checks.notify import Notifier
from ..checks.program import Rules
from ..checks.script import ScriptChecks
from ..config.check import check
from ..config.diagnostics import ConfigError, Severity
from ..config.model import Config
from ..config.parse import load
from ..core.effects import Log, RecordTransition, RunNotify
from .channel import Channel
from .control import ControlServer
from .journal import Journal
from .messages import Refused, ReloadWanted, Retired, SnapshotTaken, SnapshotWanted, Stopped
from .options import Options
from .preparation import Preparation

# Notify scripts get this long after a stop (keepalived: 1 s).
STOP_SCRIPTS_S = 1.0

# The VRRP process answers within one turn of its loop; a person waits no longer than this.
SNAPSHOT_TIMEOUT_S = 2.0

HISTORY_LENGTH = 100


class Worker:
    """``run`` returns when the VRRP process stopped or died."""

    def __init__(self, channel: Channel, config: Config, options: Options, journal: Journal) -> None:
        self._channel = channel
        self._config = config
        self._options = options
        self._journal = journal
        self._preparation = Preparation(
            config, options.release_path, self._send, lambda text: journal.write("warning", text)
        )
        self._checks = ScriptChecks(self._send)
        self._notifier = Notifier(lambda text: journal.write("warning", text))
        self._control = ControlServer(self._status)
        self._history: deque[dict[str, Any]] = deque(maxlen=HISTORY_LENGTH)
        self._snapshots: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._ended: Optional[asyncio.Future[bool]] = None
        self._receive: dict[type, Callable[[Any], None]] = {
            RunNotify: self._notifier.run,
            RecordTransition: self._record_transition,
            Log: lambda log: journal.write(log.level, log.text),
            SnapshotTaken: self._snapshot_taken,
            Retired: lambda _message: self._preparation.retired(),
            ReloadWanted: lambda _message: self._reload(),
            Stopped: lambda _message: self._end(in_order=True),
        }

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        await self._preparation.start()
        if self._refuses(self._config):
            self._send(Refused())
        else:
            self._apply(self._config)
        loop.add_reader(self._channel.fileno(), self._read_channel)
        await self._control.start(self._options.control_path)
        watching = loop.create_task(self._preparation.watch())
        watching.add_done_callback(self._died)
        try:
            in_order = await self._ended
        finally:
            watching.remove_done_callback(self._died)
            watching.cancel()
            loop.remove_reader(self._channel.fileno())
        await self._finish(in_order)

    # Configuration

    def _reload(self) -> None:
        """Validate first; what does not pass changes nothing."""
        path = self._options.config_path
        try:
            parsed = load(path, self._options.config_id)
        except ConfigError as error:
            findings = error.diagnostics
        else:
            refusals = self._preparation.refusals(parsed.config)
            findings = (*parsed.diagnostics, *check(parsed.config, self._preparation.links()), *refusals)
        for finding in findings:
            self._journal.write(finding.severity.value, str(finding))
        if any(finding.severity is Severity.ERROR for finding in findings):
            self._journal.write("error", f"{path} was not loaded; the running configuration stays in force")
            return
        self._journal.write("info", f"reloading {path}")
        self._apply(parsed.config)

    def _refuses(self, config: Config) -> bool:
        """The command line has checked the first configuration, but not whether this host can do what it asks for."""
        refusals = self._preparation.refusals(config)
        for refusal in refusals:
            self._journal.write("error", str(refusal))
        return bool(refusals)

    def _apply(self, config: Config) -> None:
        self._config = config
        self._notifier.rules = Rules(config.global_defs.script_user, config.global_defs.enable_script_security)
        self._preparation.adopt(config)
        self._checks.configure(config)

    # What the VRRP process says

    def _send(self, message: object) -> None:
        self._channel.send(message)
        if self._channel.has_unsent:
            loop = asyncio.get_running_loop()
            loop.add_writer(self._channel.fileno(), self._flush)

    def _flush(self) -> None:
        self._channel.flush()
        if not self._channel.has_unsent:
            asyncio.get_running_loop().remove_writer(self._channel.fileno())

    def _read_channel(self) -> None:
        for message in self._channel.receive():
            self._receive[type(message)](message)
        if self._channel.closed:
            self._end(in_order=False)

    def _record_transition(self, transition: RecordTransition) -> None:
        """The one line that an operator reads; keepalived's words, then the reason."""
        self._history.append({"at": time.time(), **vars(transition)})
        entering = f"({transition.instance}) Entering {transition.after} STATE"
        self._journal.write(
            "info", f"{entering}: {transition.reason} [was {transition.before}, priority {transition.priority}]"
        )

    def _end(self, in_order: bool) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(in_order)

    def _died(self, task: asyncio.Task[None]) -> None:
        """A task that must not end has: end the process; the VRRP process then gives way in order."""
        if self._ended is not None and not self._ended.done() and not task.cancelled():
            self._ended.set_exception(task.exception() or RuntimeError("the link monitor ended"))

    async def _finish(self, in_order: bool) -> None:
        if not in_order:
            for sentence in self._preparation.release():
                self._journal.write("warning", f"the VRRP process died: {sentence}")
        self._preparation.close()
        await self._control.stop()
        await self._checks.stop()
        await self._notifier.finish(STOP_SCRIPTS_S if in_order else 0.0)
        if in_order:
            self._preparation.forget()
        self._journal.write("info", "stopped")

    # vipctl

    async def _status(self) -> dict[str, Any]:
        taken: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._snapshots.append(taken)
        self._send(SnapshotWanted())
        status = await asyncio.wait_for(taken, SNAPSHOT_TIMEOUT_S)
        daemon = {"pid": os.getppid(), "config": self._options.config_path, "generated_at": time.time()}
        return {**daemon, **status, "history": list(self._history)}

    def _snapshot_taken(self, taken: SnapshotTaken) -> None:
        waiting = self._snapshots.popleft()
        if not waiting.done():
            waiting.set_result(taken.snapshot)


def main(channel: Channel, config: Config, options: Options, journal: Journal) -> None:
    """The body of the worker process."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _left_to_the_vrrp_process)
    asyncio.run(Worker(channel, config, options, journal).run())


def _left_to_the_vrrp_process(_number: int, _frame: Optional[FrameType]) -> None:
    """A handler, not SIG_IGN: programs that we start would inherit that, and no script could be ended by SIGTERM."""
