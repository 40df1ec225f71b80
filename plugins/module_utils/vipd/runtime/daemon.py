# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the daemon: background, pid file, and the fork into its two processes.

The parent becomes the VRRP process and stays small; the child imports what the worker needs.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from time import monotonic, sleep
from typing import NoReturn

from ..linux import process, systemd
from .channel import Channel
from .journal import Journal
from .loading import unpacked
from .options import Options

# Above ordinary processes, below what real-time sites run on purpose.
REALTIME_PRIORITY = 10


class AlreadyRunningError(Exception):
    """Another daemon holds the pid file."""


def run(config: bytes, options: Options, journal: Journal) -> int:
    """Run until stopped; returns the exit status. Raises AlreadyRunningError, OSError on the pid file.

    ``config`` is packed, as ``loading.py`` leaves it: the VRRP process gets what it needs of it from the worker.
    """
    if not options.foreground:
        _go_to_background()
    os.makedirs(options.runtime_directory, mode=0o750, exist_ok=True)
    pid_files = [_hold(path) for path in options.pid_paths]
    ours, theirs = map(Channel, socket.socketpair())
    worker = os.fork()
    if worker == 0:
        ours.close()
        _become_worker(theirs, config, options, journal)
    theirs.close()
    from .engine import Engine  # noqa: PLC0415  the core stays out of the worker, which would inherit it: 2 MB

    process.allow_descriptors()
    refused = process.set_realtime(REALTIME_PRIORITY)
    if refused is not None:
        journal.write("info", refused)
    engine = Engine(ours, recording=bool(options.record_path))
    try:
        status = engine.run()
        if engine.last_words:
            journal.write("error", engine.last_words)
        return status
    finally:
        ours.close()  # also after a bug: the worker then releases the VIPs
        _reap(worker, engine.worker_end_s)
        for path, descriptor in pid_files:
            os.unlink(path)
            os.close(descriptor)


def run_director(config: bytes, options: Options, journal: Journal) -> int:
    """``-C``: the director alone; returns its exit status. Raises as :func:`run` does."""
    if not options.foreground:
        _go_to_background()
    os.makedirs(options.runtime_directory, mode=0o750, exist_ok=True)
    path, descriptor = _hold(options.checkers_pid_path)
    from . import direction  # noqa: PLC0415  asyncio stays out of the VRRP process

    try:
        return direction.main(unpacked(config), options, journal)
    finally:
        os.unlink(path)
        os.close(descriptor)


def _reap(worker: int, within_s: float) -> None:
    """Wait for the worker's end; one that stands still must not keep a stop from ending. systemd still watches us."""
    deadline = monotonic() + within_s
    beat_s, fed_at = (systemd.watchdog_interval_s() or within_s) / 4, monotonic()
    while os.waitpid(worker, os.WNOHANG) == (0, 0):
        now = monotonic()
        if now > deadline:
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
            return
        if now > fed_at + beat_s:
            systemd.notify("WATCHDOG=1")
            fed_at = now
        sleep(0.02)


def _become_worker(channel: Channel, config: bytes, options: Options, journal: Journal) -> NoReturn:
    """Never returns. A bug ends the worker with its traceback; the VRRP process then gives way."""
    try:
        # asyncio loads OpenSSL, 4 MB, where it can and does without where it cannot; checks/mail.py loads it later,
        # on a node that sends mail.
        sys.modules["ssl"] = None  # type: ignore[assignment]
        from . import worker  # noqa: PLC0415  asyncio stays out of the VRRP process

        del sys.modules["ssl"]
        worker.main(channel, unpacked(config), options, journal)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _go_to_background() -> None:
    """Forked twice, with a session of its own between: it can never get a terminal again (daemon(7))."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)


def _hold(path: str) -> tuple[str, int]:
    """Write the pid, and hold a lock on the file for as long as we live: a stale file is no obstacle."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise AlreadyRunningError(f"{path} is held by process {pid}") from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return path, descriptor
