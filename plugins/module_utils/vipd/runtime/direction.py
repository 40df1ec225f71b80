# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The director's process: checks of real servers, and the kernel's IPVS table as they have it. ``vipd -C`` is that.

Apart from VRRP, so that a slow web server never delays an advert; of mastership it knows only what ``lvs_sync_daemon``
needs. The worker keeps it running (``director_process.py``) and speaks through its standard input; the end of it is
to stop.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ..checks.answer import Surroundings
from ..checks.notify import Notifier
from ..checks.pool import Pool
from ..checks.security import Rules
from ..checks.service_notifications import ServiceNotifications
from ..config.diagnostics import ConfigError
from ..config.model import Config
from ..core.effects import RunNotify
from ..director.director import Director
from ..director.effects import Announce, ApplyTable, CancelCheck, Effect, Log, RunScript, StartCheck
from ..director.events import (
    AddressesChanged,
    AdminState,
    AdminStateChanged,
    ConfigLoaded,
    DeadlineReached,
    Event,
    StopRequested,
)
from ..linux.ipvs import Ipvs, NoIpvsError
from .admin_file import AdminFile
from .collector import keep_what_there_is
from .connection_sync import ConnectionSync
from .control import ControlServer
from .ipvs_table import KernelTable, KernelTimeouts
from .journal import Journal
from .loading import has_errors
from .loading_beside import judge_beside
from .options import EXIT_NO_IPVS, Options

STOP_SCRIPTS_S = 1.0  # as keepalived
RESYNC_S = 10.0  # between two tries to make the table right, once the kernel refused something
EXIT_OK = 0


class Direction:
    """``run`` returns when it is told to stop."""

    def __init__(self, config: Config, options: Options, journal: Journal, kernel: Ipvs) -> None:
        self._config = config
        self._options = options
        self._journal = journal
        self._table = KernelTable(kernel, lambda text: journal.write("error", text))
        self._timeouts = KernelTimeouts(kernel, lambda text: journal.write("error", text))
        self._sync = ConnectionSync(kernel, lambda text: journal.write("error", text))
        self._director = Director(random.random)
        self._wishes = AdminFile(options.admin_path)
        self._pool = Pool(self._handle, lambda text: journal.write("error", text))
        self._notifier = Notifier(self._warn)
        self._notifications = ServiceNotifications(self._warn, guest=options.supervised)
        self._control = ControlServer(
            questions={"ipvs": self._ipvs, "director": lambda _request: self._status()},
            orders={"rs": self._administer},
        )
        self._unread = b""
        self._timer: Optional[asyncio.TimerHandle] = None
        self._resync: Optional[asyncio.TimerHandle] = None
        self._reload_wanted = False
        self._loading: Optional[asyncio.Task[None]] = None
        self._watching: Optional[asyncio.Task[None]] = None
        self._righting: Optional[asyncio.Task[None]] = None
        self._stopped: Optional[asyncio.Future[None]] = None
        self._carry_out: dict[type, Callable[[Any], None]] = {
            StartCheck: self._pool.start,
            CancelCheck: lambda effect: self._pool.cancel(effect.check),
            ApplyTable: self._apply,
            RunScript: self._run_script,
            Announce: self._notifications.tell,
            Log: lambda effect: journal.write(effect.level, effect.text),
        }

    def _warn(self, text: str) -> None:
        self._journal.write("warning", text)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self._stopped = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        if self._options.supervised:
            os.set_blocking(sys.stdin.fileno(), False)
            loop.add_reader(sys.stdin.fileno(), self._told)
        if self._config.global_defs.lvs.flush:
            self._table.flush()
        for wish in self._wishes.read():
            self._handle(wish)
        self._adopt(self._config)
        await self._control.start(self._options.director_path)
        await self._stopped
        await self._finish()

    # Configuration

    def _reload(self) -> None:
        """Checks go on meanwhile. Who asks while the file is read has it read once more."""
        self._reload_wanted = True
        if self._loading is None or self._loading.done():
            self._loading = asyncio.get_running_loop().create_task(self._load())
            self._loading.add_done_callback(self._ended)

    async def _load(self) -> None:
        """What does not pass changes nothing; the worker has told the findings already."""
        while self._reload_wanted:
            self._reload_wanted = False
            interfaces = [name for _index, name in socket.if_nameindex()]
            path, chosen = self._options.config_path, self._options.config_id
            try:
                config, findings = await judge_beside(path, chosen, interfaces, self._config)
            except ConfigError:
                continue
            if not has_errors(findings):
                self._adopt(config)
                self._put_right_later()

    def _watch_addresses(self, config: Config) -> None:
        wanted = any(server.ha_suspend for server in config.lvs.virtual_servers)
        if not wanted or self._watching is not None:
            return
        from .address_watch import watch_addresses  # noqa: PLC0415  most directors have no use for it

        watching = watch_addresses(lambda addresses: self._handle(AddressesChanged(addresses)))
        self._watching = asyncio.get_running_loop().create_task(watching)
        self._watching.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A bug ends the process; the worker starts another."""
        bug = None if task.cancelled() else task.exception()
        if bug is not None:
            self._end_for(bug)

    def _end_for(self, bug: BaseException) -> None:
        if self._stopped is None or self._stopped.done():
            raise bug
        self._stopped.set_exception(bug)

    def _adopt(self, config: Config) -> None:
        self._config = config
        self._timeouts.adopt(config.global_defs.lvs.timeouts)
        self._sync.adopt(config)
        rules = Rules.of(config.global_defs)
        self._notifier.rules = rules
        self._notifications.configure(config)
        files = {file.name: file for file in config.files}
        self._pool.surroundings = Surroundings(rules, files, config.lvs.ssl, config.lvs.http)
        self._watch_addresses(config)
        self._handle(ConfigLoaded(config))
        keep_what_there_is()

    # Events in, effects out

    def _handle(self, event: Event) -> None:
        self._or_end(self._take_in, event)

    def _or_end(self, step: Callable[[Any], None], what: object) -> None:
        """A bug ends the process: to go on would leave checks that never come again, and nobody would see it."""
        try:
            step(what)
        except Exception as bug:
            self._end_for(bug)

    def _take_in(self, event: Event) -> None:
        for effect in self._director.handle(event, asyncio.get_running_loop().time()):
            self._do(effect)
        self._arm()

    def _do(self, effect: Effect) -> None:
        self._carry_out[type(effect)](effect)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._director.next_deadline()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_at(due, self._handle, DeadlineReached())

    def _apply(self, wanted: ApplyTable) -> None:
        if self._resync is not None:
            self._resync.cancel()
        self._resync = None
        if not self._table.apply(wanted):
            self._resync = asyncio.get_running_loop().call_later(RESYNC_S, self._or_end, self._apply, wanted)

    def _put_right_later(self) -> None:
        """What others did to the table is found after a reload, not before it: reading thousands takes its time."""
        if self._righting is not None:
            self._righting.cancel()
        self._righting = asyncio.get_running_loop().create_task(self._put_right())
        self._righting.add_done_callback(self._ended)

    async def _put_right(self) -> None:
        while not await self._is_right():
            await asyncio.sleep(RESYNC_S)

    async def _is_right(self) -> bool:
        """One service a turn of the loop: checks come in between."""
        whole = True
        for righted in self._table.put_right():
            whole = whole and righted
            await asyncio.sleep(0)
        return whole

    def _run_script(self, script: RunScript) -> None:
        kind, _space, name = script.about.partition(" ")
        self._notifier.run(RunNotify(name, script.state, (script.command,), kind))

    # The end

    def _told(self) -> None:
        """By the worker; the end of its pipe is the worker's end."""
        said = os.read(sys.stdin.fileno(), 4096)
        if not said:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._stop()
            return
        *lines, self._unread = (self._unread + said).split(b"\n")
        for line in lines:
            self._obey(*line.decode().split(" ", 2))

    def _obey(self, verb: str, state: str = "", instance: str = "") -> None:
        if verb == "reload":
            self._reload()
        elif verb == "state":
            self._sync.entered(instance, state)

    def _stop(self) -> None:
        if self._stopped is not None and not self._stopped.done():
            self._stopped.set_result(None)

    async def _finish(self) -> None:
        await self._control.stop()
        beside = [task for task in (self._loading, self._watching, self._righting) if task is not None]
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        self._handle(StopRequested(release=self._options.release_ipvs))
        if self._options.release_ipvs and self._config.global_defs.lvs.flush_on_stop == "all":
            self._table.flush()
        self._timeouts.adopt(None)
        self._sync.stop()
        if self._resync is not None:
            self._resync.cancel()
        await self._pool.stop()
        await asyncio.gather(self._notifier.finish(STOP_SCRIPTS_S), self._notifications.finish(STOP_SCRIPTS_S))
        self._journal.write("info", "the director stopped")

    # vipctl

    async def _ipvs(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        return self._table.listing()

    async def _administer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            event = AdminStateChanged(str(request["real_server"]), AdminState(request["state"]))
        except (KeyError, ValueError):
            return {"error": f"expected a real_server and a state of {[state.value for state in AdminState]}"}
        known = self._director.names()
        if event.real_server not in known:
            return {"error": f"no virtual server has the real server {event.real_server}; there are {sorted(known)}"}
        self._journal.write("info", f"an operator wants real server {event.real_server} {event.state.value}")
        self._handle(event)
        try:
            self._wishes.write(self._director.wishes)
        except OSError as error:
            self._journal.write("warning", f"a restart will forget it: {error}")
        return await self._status()

    async def _status(self) -> dict[str, Any]:
        lateness = {"lateness": self._pool.lateness()}
        return {"pid": os.getpid(), "generated_at": time.time(), **lateness, **self._director.snapshot()}


def main(config: Config, options: Options, journal: Journal) -> int:
    """The body of the process; returns its exit status."""
    try:
        kernel = Ipvs()
    except NoIpvsError as error:
        journal.write("error", f"virtual servers are not served: {error}, and reload vipd")
        return EXIT_NO_IPVS
    asyncio.run(_direct(config, options, journal, kernel))
    return EXIT_OK


async def _direct(config: Config, options: Options, journal: Journal, kernel: Ipvs) -> None:
    """Within its loop from the first moment on, as Python 3.9 needs it."""
    await Direction(config, options, journal, kernel).run()
