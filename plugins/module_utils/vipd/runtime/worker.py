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
from collections.abc import Coroutine, Mapping, Sequence
from types import FrameType
from typing import Any, Callable, Optional

from ..checks import program
from ..checks.file import FileTracker
from ..checks.notifications import Notifications
from ..checks.process import ProcessTracker
from ..checks.script import ScriptChecks
from ..checks.security import Rules
from ..config.diagnostics import ConfigError, Diagnostic
from ..config.model import Command, Config
from ..core.effects import Log, RecordTransition, RunNotify
from ..linux import process
from .channel import Channel
from .control import ControlServer
from .director_process import DirectorProcess
from .dump import Dumper
from .journal import Journal
from .loading import Loads, has_errors
from .loading_beside import judge_beside
from .maintenance_file import MaintenanceFile
from .messages import (
    DumpWanted,
    Recorded,
    Refused,
    ReloadWanted,
    Retired,
    SnapshotPart,
    SnapshotTaken,
    SnapshotWanted,
    Stopped,
)
from .options import Options
from .preparation import Preparation
from .recording_file import RecordingFile
from .snapshots import Packed
from .wishes import Wishes

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
        self._preparation = Preparation(config, options.release_path, self._send, self._warn)
        self._scripts = ScriptChecks(self._send)
        self._files = FileTracker(self._send, self._warn)
        self._processes = ProcessTracker(self._send, self._warn)
        self._notifications = Notifications(self._warn)
        self._director = DirectorProcess(options, self._warn)
        self._wishes = Wishes(MaintenanceFile(options.state_directory), self._send, self._status)
        self._control = ControlServer(
            questions={"status": self._show_status, "diff": self._diff},
            orders={
                "reload": lambda _request: self._reload(),
                "yield": self._wishes.yield_addresses,
                "maintenance": self._wishes.maintenance,
            },
        )
        self._dumper = Dumper(options.runtime_directory, self._warn)
        self._loading = asyncio.Lock()
        self._history: deque[dict[str, Any]] = deque(maxlen=HISTORY_LENGTH)
        self._parts: list[bytes] = []
        self._snapshots: deque[asyncio.Future[Packed]] = deque()
        self._working: set[asyncio.Task[object]] = set()
        self._ended: Optional[asyncio.Future[bool]] = None
        self._loads = Loads(time.time())
        self._recording = RecordingFile(options.record_path) if options.record_path else None
        self._receive: dict[type, Callable[[Any], None]] = {
            Recorded: self._record,
            RunNotify: self._notifications.run,
            RecordTransition: self._record_transition,
            Log: lambda log: journal.write(log.level, log.text),
            SnapshotPart: lambda part: self._parts.append(part.instances),
            SnapshotTaken: self._snapshot_taken,
            DumpWanted: self._dump,
            Retired: lambda _message: self._preparation.retired(),
            ReloadWanted: self._reload_wanted,
            Stopped: lambda _message: self._end(in_order=True),
        }

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        self._preparation.start()
        refusals = self._preparation.refusals(self._config)  # whether this host can do what the file asks for
        self._tell(refusals)
        if refusals:
            self._send(Refused())
        else:
            await self._begin_config()
        process.give_back_memory()
        loop.add_reader(self._channel.fileno(), self._read_channel)
        await self._control.start(self._options.control_path)
        watching = self._begin(self._preparation.watch())
        try:
            in_order = await self._ended
        finally:
            watching.cancel()
            loop.remove_reader(self._channel.fileno())
        await self._finish(in_order)

    # Configuration

    def _reload_wanted(self, _message: ReloadWanted) -> None:
        self._begin(self._reload())

    async def _reload(self) -> dict[str, Any]:
        """Validate first; what does not pass changes nothing. One at a time: a second waits for the first."""
        from ..config.difference import differences  # noqa: PLC0415  most workers never reload

        async with self._loading:
            path, chosen = self._options.config_path, self._options.config_id
            try:
                config, findings = await judge_beside(path, chosen, self._preparation.links(), self._config)
            except ConfigError as error:
                return self._refuse(error.diagnostics)
            findings = (*findings, *self._preparation.refusals(config))
            if has_errors(findings):
                return self._refuse(findings)
            self._tell(findings)
            changes = differences(self._config, config)
            self._journal.write("info", f"reloading {path}")
            for change in changes:
                self._journal.write("info", f"reload: {change}")
            await self._apply(config)
            self._loads.loaded(time.time())
            return {
                "reloaded": True,
                "findings": [str(finding) for finding in findings],
                "differences": [change.plain() for change in changes],
            }

    def _refuse(self, findings: Sequence[Diagnostic]) -> dict[str, Any]:
        self._tell(findings)
        self._loads.refused()
        path = self._options.config_path
        self._journal.write("error", f"{path} was not loaded; the running configuration stays in force")
        return {"reloaded": False, "findings": [str(finding) for finding in findings]}

    def _tell(self, findings: Sequence[Diagnostic]) -> None:
        for finding in findings:
            self._journal.write(finding.severity.value, str(finding))

    async def _begin_config(self) -> None:
        """The first configuration."""
        kept = self._wishes.begin()
        if kept is not None:
            self._warn(f"this node is in maintenance{': ' + kept.reason if kept.reason else ''}")
        node = self._config.global_defs
        await self._run_once("startup_script", node.startup_script, node.startup_script_timeout_s)
        await self._apply(self._config)

    async def _apply(self, config: Config) -> None:
        """Who is told comes first and what is tracked last: the VRRP process must know it by then."""
        self._config = config
        await self._notifications.configure(config)
        self._preparation.adopt(config)
        self._scripts.configure(config)
        self._files.configure(config)
        self._processes.configure(config)
        await self._director.configure(config)

    async def _run_once(self, keyword: str, command: Optional[Command], timeout_s: float) -> None:
        if command is not None:
            outcome = await program.run(command, Rules.of(self._config.global_defs), timeout_s)
            level = "info" if outcome.success else "warning"
            self._journal.write(level, f"{keyword} {command.argv[0]} {outcome.detail}")

    # What the VRRP process says

    def _warn(self, text: str) -> None:
        self._journal.write("warning", text)

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

    def _record(self, recorded: Recorded) -> None:
        """For vipctl replay. A full disk ends the recording, not the daemon."""
        try:
            if self._recording is not None:
                self._recording.write(recorded.at, recorded.event)
        except OSError as error:
            self._recording = None
            self._journal.write("error", f"the recording ends: {error}")

    def _record_transition(self, transition: RecordTransition) -> None:
        """The one line that an operator reads; keepalived's words, then the reason."""
        self._history.append({"at": time.time(), **vars(transition)})
        self._director.entered(transition.instance, transition.after)
        entering = f"({transition.instance}) Entering {transition.after} STATE"
        text = f"{entering}: {transition.reason} [was {transition.before}, priority {transition.priority}]"
        self._journal.write("info", text, _told(transition))

    def _end(self, in_order: bool) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(in_order)

    def _begin(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """Work beside the rest. A bug in it ends the process; the VRRP process then gives way in order."""
        task = asyncio.get_running_loop().create_task(work)
        self._working.add(task)
        task.add_done_callback(self._worked)
        return task

    def _worked(self, task: asyncio.Task[object]) -> None:
        self._working.discard(task)
        bug = None if task.cancelled() else task.exception()
        if bug is not None and self._ended is not None and not self._ended.done():
            self._ended.set_exception(bug)

    async def _finish(self, in_order: bool) -> None:
        if not in_order:
            for sentence in self._preparation.release():
                self._journal.write("warning", f"the VRRP process died: {sentence}")
        self._preparation.close()
        await self._director.stop()
        await self._control.stop()
        self._files.stop()
        self._processes.stop()
        await self._scripts.stop()
        await self._notifications.finish(STOP_SCRIPTS_S if in_order else 0.0)
        if in_order:
            self._preparation.forget()
            node = self._config.global_defs
            await self._run_once("shutdown_script", node.shutdown_script, node.shutdown_script_timeout_s)
        self._journal.write("info", "stopped")

    # vipctl

    async def _diff(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What ``vipctl diff`` shows; it never shows the running configuration, which holds passwords."""
        from ..config.difference import differences  # noqa: PLC0415
        from ..config.plain import from_plain  # noqa: PLC0415

        try:
            changes = differences(self._config, from_plain(request.get("config")))
        except (ValueError, TypeError, AttributeError) as error:
            return {"error": f"expected a configuration: {error}"}
        return {"differences": [change.plain() for change in changes]}

    async def _show_status(self, _request: Mapping[str, Any]) -> bytes:
        return (await self._ask()).as_json()

    async def _status(self) -> dict[str, Any]:
        return (await self._ask()).whole()

    async def _ask(self) -> Packed:
        """The VRRP process, and what it does not know."""
        taken: asyncio.Future[Packed] = asyncio.get_running_loop().create_future()
        self._snapshots.append(taken)
        self._send(SnapshotWanted())
        parts, status = await asyncio.wait_for(taken, SNAPSHOT_TIMEOUT_S)
        daemon = {"pid": os.getppid(), "config": self._options.config_path, "generated_at": time.time()}
        notifications = {"notifications": self._notifications.status()}
        note = {"maintenance_note": self._wishes.note() if status["maintenance"] else None}
        loaded = {**self._loads.status(), "director": self._director.wanted}
        worker = {**daemon, **loaded, **status, **note, **notifications, "history": list(self._history)}
        return Packed(parts, worker)

    def _snapshot_taken(self, taken: SnapshotTaken) -> None:
        waiting, packed = self._snapshots.popleft(), self._packed(taken.node)
        if not waiting.done():
            waiting.set_result(packed)

    def _dump(self, wanted: DumpWanted) -> None:
        self._dumper.dump(wanted.what, self._config, self._packed(wanted.node).whole(), time.time())

    def _packed(self, node: Mapping[str, Any]) -> Packed:
        """With the instances that came before it."""
        parts, self._parts = self._parts, []
        return Packed(parts, node)


def _told(transition: RecordTransition) -> dict[str, object]:
    """To a program that reads the log, and to one that reads the history."""
    states = {"from": transition.before, "to": transition.after}
    more = {"priority": transition.priority, "reason": transition.reason}
    return {"event": "transition", "instance": transition.instance, **states, **more}


def main(channel: Channel, config: Config, options: Options, journal: Journal) -> None:
    """The body of the worker process."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _left_to_the_vrrp_process)
    asyncio.run(_work(channel, config, options, journal))


async def _work(channel: Channel, config: Config, options: Options, journal: Journal) -> None:
    """Made inside the loop that it runs in: Python 3.9 ties locks and events to whatever loop is there."""
    await Worker(channel, config, options, journal).run()


def _left_to_the_vrrp_process(_number: int, _frame: Optional[FrameType]) -> None:
    """A handler, not SIG_IGN: programs that we start would inherit that, and no script could be ended by SIGTERM."""
