# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two processes as one: what a bug in the VRRP process leaves behind. Faults from outside: tests/netns/."""

from __future__ import annotations

import os
import pickle
import socket
import time
from contextlib import closing
from pathlib import Path

import pytest
from vipd.config.model import Config
from vipd.runtime import daemon, engine
from vipd.runtime.channel import Channel
from vipd.runtime.journal import Journal
from vipd.runtime.options import Options


class BrokenEngine:
    worker_end_s = 6.0

    def __init__(self, channel: Channel, recording: bool) -> None:
        pass

    def run(self) -> int:
        raise ZeroDivisionError


def test_after_a_bug_the_worker_ends_and_the_bug_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "Engine", BrokenEngine)
    options = Options("unused", pid_paths=(str(tmp_path / "pid"),), foreground=True, runtime_directory=str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        daemon.run(pickle.dumps(Config()), options, Journal(to_console=True))
    assert not (tmp_path / "pid").exists()
    assert "stopped" in capfd.readouterr().err


def test_a_pid_file_that_is_held_is_named_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    options = Options("unused", pid_paths=(str(path), str(path)), foreground=True, runtime_directory=str(tmp_path))
    with pytest.raises(daemon.AlreadyRunningError, match=str(path)):
        daemon.run(pickle.dumps(Config()), options, Journal(to_console=True))


def test_systemd_hears_of_a_process_that_waits_for_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shutdown script may take longer than the watchdog waits."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        worker = os.fork()
        if worker == 0:
            os._exit(systemd.recv(100) != b"WATCHDOG=1")
        began = time.monotonic()
        daemon._reap(worker, 20)
    assert time.monotonic() - began < 20, "the worker ends when systemd has heard"


def test_a_worker_that_stands_still_is_ended() -> None:
    worker = os.fork()
    if worker == 0:
        time.sleep(60)
        os._exit(0)
    daemon._reap(worker, 0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
