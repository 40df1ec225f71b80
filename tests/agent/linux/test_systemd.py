# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sd_notify and the watchdog's interval, with a socket of our own in systemd's place."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

import pytest
from vipd.linux.systemd import notify, watchdog_interval_s


@contextmanager
def service_manager(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        manager.bind(address)
        yield manager


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with service_manager(path) as manager:
        assert notify("READY=1\nSTATUS=two instances")
        assert manager.recv(4096) == b"READY=1\nSTATUS=two instances"


def test_systemd_is_told_at_an_abstract_address(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"vipd-test-{uuid.uuid4()}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with service_manager(f"\0{name}") as manager:
        assert notify("STOPPING=1")
        assert manager.recv(4096) == b"STOPPING=1"


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")


def test_a_systemd_that_went_away_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not notify("WATCHDOG=1")


def test_a_systemd_that_does_not_read_makes_nobody_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with service_manager(path):
        assert not all(notify("WATCHDOG=1") for _turn in range(10_000))


OURS, ANOTHER = str(os.getpid()), str(os.getpid() + 1)


@pytest.mark.parametrize(
    ("microseconds", "pid", "interval_s"),
    [
        ("3000000", OURS, 3.0),
        ("3000000", "", 3.0),
        ("3000000", ANOTHER, None),
        ("", OURS, None),
        ("0", OURS, None),
        ("soon", OURS, None),
    ],
)
def test_the_watchdog_is_fed_by_the_process_that_is_watched(
    monkeypatch: pytest.MonkeyPatch, microseconds: str, pid: str, interval_s: Optional[float]
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    monkeypatch.setenv("WATCHDOG_PID", pid)
    assert watchdog_interval_s() == interval_s


def test_no_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    assert watchdog_interval_s() is None
