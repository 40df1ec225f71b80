# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes counted, with real ones: told by the kernel where it may, read from /proc where not, delays waited for."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from vipd.checks import process
from vipd.checks.process import ProcessTracker
from vipd.config.model import Config, TrackProcess, Tracks, VrrpInstance, VrrpTrackProcess
from vipd.core.events import ProcessesCounted
from vipd.linux.process_events import ProcessEvents

from tests.agent.checks.waiting import LIMIT_S, conversation, until

NAME = f"vipd-t-{os.getpid()}"[:15]


@pytest.fixture(params=["notified", "polling"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(process, "POLL_S", 0.02)
    monkeypatch.setattr(process, "FIRST_ANSWER_S", 0.1)
    if request.param == "polling":
        monkeypatch.setattr(process, "ProcessEvents", refused)
    elif not permitted():
        pytest.skip("the kernel does not tell this user, or this namespace, of processes")
    return str(request.param)


def refused() -> ProcessEvents:
    raise PermissionError(1, "Operation not permitted")


def permitted() -> bool:
    try:
        events = ProcessEvents()
    except OSError:
        return False
    subprocess.run(["/bin/true"], check=True)
    list(events.changes())
    events.close()
    return events.is_heard


@contextmanager
def running(program: Path) -> Iterator[subprocess.Popen[bytes]]:
    """From when /proc shows it: the kernel names a process a moment after it let its parent go on."""
    with subprocess.Popen([program, "60"]) as started:
        try:
            deadline = time.monotonic() + LIMIT_S
            while Path(f"/proc/{started.pid}/cmdline").read_bytes() != f"{program}\x0060\x00".encode():
                assert time.monotonic() < deadline, "it was not executed"
            yield started
        finally:
            started.kill()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that nobody else runs."""
    return Path(shutil.copy("/bin/sleep", tmp_path / NAME))


def tracking(wanted: VrrpTrackProcess) -> Config:
    tracks = Tracks(processes=(TrackProcess(wanted.name),))
    return Config(processes=(wanted,), instances=(VrrpInstance("VI_1", "eth0", 51, tracks=tracks),))


def test_they_come_and_go(program: Path, way: str) -> None:
    seen: list[ProcessesCounted] = []
    told: list[str] = []

    async def main() -> None:
        tracker = ProcessTracker(seen.append, told.append)
        with running(program):
            tracker.configure(tracking(VrrpTrackProcess("p", (NAME,))))
            assert seen == [ProcessesCounted("p", 1)], "the first look is at once"
            with ExitStack() as more:
                more.enter_context(running(program))
                await until(lambda: seen[-1].count == 2)
            await until(lambda: seen[-1].count == 1)
        await until(lambda: seen[-1].count == 0)
        tracker.stop()

    conversation(main())
    assert [one.count for one in seen] == [1, 2, 1, 0]
    assert bool(told) == (way == "polling")
    assert not told or "for want of notifications: Operation not permitted" in told[0]


def test_a_fork_counts_and_so_does_a_change_of_name(tmp_path: Path, way: str) -> None:
    """A worker that was forked has its parent's name; one that gives itself another leaves."""
    script = (
        "import os,sys,time\n"
        f"open('/proc/self/comm','w').write('{NAME}')\n"
        "sys.stdin.readline()\n"
        "child=os.fork()\n"
        "child or time.sleep(60)\n"
        "sys.stdin.readline()\n"
        "os.kill(child, 9)\n"
        "os.waitpid(child, 0)\n"
        "sys.stdin.readline()\n"
        "open('/proc/self/comm','w').write('other')\n"
        "sys.stdin.readline()\n"
    )
    seen: list[ProcessesCounted] = []

    async def main() -> None:
        tracker = ProcessTracker(seen.append, lambda _text: None)
        tracker.configure(tracking(VrrpTrackProcess("p", (NAME,))))
        with subprocess.Popen(["python3", "-c", script], stdin=subprocess.PIPE, bufsize=0) as started:
            assert started.stdin is not None
            for count in (1, 2, 1, 0):
                await until(lambda count=count: seen[-1].count == count, f"{count} processes")
                started.stdin.write(b"\n")
        tracker.stop()

    conversation(main())


def test_a_change_of_the_quorum_waits_for_its_delay(program: Path, way: str) -> None:
    """A restart within terminate_delay is nothing that happened."""
    seen: list[ProcessesCounted] = []

    async def main() -> None:
        tracker = ProcessTracker(seen.append, lambda _text: None)
        tracker.configure(tracking(VrrpTrackProcess("p", (NAME,), fork_delay_s=0.3, terminate_delay_s=60)))
        with running(program):
            await until(lambda: tracker._counts[0].pids)
            assert [one.count for one in seen] == [0], "it may fork and be gone again"
            await until(lambda: seen[-1].count == 1)
        await until(lambda: not tracker._counts[0].pids)
        with running(program):
            await until(lambda: tracker._counts[0].pids)
            tracker._counts[0].tell_now()
            assert [one.count for one in seen] == [0, 1]
        tracker.stop()

    conversation(main())


def test_a_new_configuration_is_reported_whole(program: Path, way: str) -> None:
    seen: list[ProcessesCounted] = []

    async def main() -> None:
        tracker = ProcessTracker(seen.append, lambda _text: None)
        tracker.configure(tracking(VrrpTrackProcess("p", (NAME,))))
        tracker.configure(tracking(VrrpTrackProcess("p", (NAME,))))
        tracker.configure(Config(processes=(VrrpTrackProcess("untracked", (NAME,)),)))
        tracker.stop()

    conversation(main())
    assert seen == [ProcessesCounted("p", 0)] * 2
