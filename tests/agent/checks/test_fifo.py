# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notify FIFOs, with real pipes: whole lines in order; a reader that is slow, dead or late costs nothing but lines."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import pytest
from vipd.checks import fifo
from vipd.checks.fifo import NotifyFifo, line
from vipd.checks.security import Rules
from vipd.config.model import Command, Fifo, ScriptUser
from vipd.core.effects import RunNotify

from tests.agent.checks.waiting import conversation, until


def opened(path: Path, script: Command | None = None, complain: object = pytest.fail) -> NotifyFifo:
    assert callable(complain)
    pipe = NotifyFifo(Fifo(str(path), script), Rules(), complain)
    pipe.open()
    return pipe


@pytest.mark.parametrize(
    ("notify", "expected"),
    [
        (RunNotify("VI_1", "MASTER", (), priority=100), b'INSTANCE "VI_1" MASTER 100\n'),
        (RunNotify("G", "BACKUP", (), kind="GROUP"), b'GROUP "G" BACKUP 0\n'),
        (RunNotify("VI_1", "MASTER_RX_LOWER_PRI", (), priority=9), b'INSTANCE "VI_1" MASTER_RX_LOWER_PRI 9\n'),
    ],
)
def test_the_lines_are_keepaliveds(notify: RunNotify, expected: bytes) -> None:
    assert line(notify) == expected


def test_a_reader_gets_every_line_and_the_pipe_goes_with_the_daemon(tmp_path: Path) -> None:
    path = tmp_path / "fifo"

    async def main() -> None:
        pipe = opened(path)
        assert stat.S_ISFIFO(path.lstat().st_mode)
        assert path.lstat().st_mode & 0o777 == 0o600
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        pipe.write(b"one\n")
        pipe.write(b"two\n")
        assert os.read(reader, 100) == b"one\ntwo\n"
        os.close(reader)
        await pipe.close(0)

    conversation(main())
    assert not path.exists()


def test_beyond_the_bound_the_oldest_lines_are_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fifo, "LINES_LIMIT", 50)
    told: list[str] = []
    lines = [f"{number:05d}{'x' * 100}\n".encode() for number in range(2000)]

    async def main() -> None:
        pipe = opened(tmp_path / "fifo", complain=told.append)
        for one in lines:
            pipe.write(one)
        status = pipe.status()
        assert status["waiting"] == 50
        assert status["dropped"] == 2000 - 50 - status["written"] > 0
        reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        read = bytearray()

        def read_up_to_the_last() -> bool:
            with contextlib.suppress(BlockingIOError):
                read.extend(os.read(reader, 4096))
            return lines[-1] in read

        await until(read_up_to_the_last)
        os.close(reader)
        got = bytes(read).splitlines(keepends=True)
        assert got == [*lines[: status["written"]], *lines[-50:]]
        await pipe.close(0)

    conversation(main())
    assert len(told) == 1
    assert "the oldest lines are dropped" in told[0]


def test_what_a_killed_daemon_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o666)

    async def main() -> None:
        pipe = opened(path)
        assert path.lstat().st_mode & 0o777 == 0o600
        await pipe.close(0)

    conversation(main())


@pytest.mark.parametrize("what", ["file", "link"])
def test_what_is_no_pipe_is_left_alone(tmp_path: Path, what: str) -> None:
    """Nor is a link followed: its target could be anything."""
    path, target, told = tmp_path / "fifo", tmp_path / "target", list[str]()
    target.write_text("precious")
    path.symlink_to(target) if what == "link" else path.write_text("precious")

    async def main() -> None:
        pipe = opened(path, complain=told.append)
        pipe.write(b"lost\n")
        await pipe.close(0)

    conversation(main())
    assert path.read_text() == "precious"
    assert "something that is not a pipe has this name" in told[0]


def test_its_script_gets_the_path_is_started_again_and_reads_the_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fifo, "RESTART_FIRST_S", 0.05)
    path, log, told = tmp_path / "fifo", tmp_path / "log", list[str]()
    script = tmp_path / "reader"
    script.write_text(f'#!/bin/sh\nread line <"$2"; echo "$1 $line" >>{log}\n')  # one line, then it dies
    script.chmod(0o755)

    async def main() -> None:
        pipe = opened(path, Command((str(script), "word")), told.append)
        for number in range(3):
            pipe.write(f"line {number}\n".encode())
            await until(lambda wanted=f"line {number}": log.exists() and wanted in log.read_text())
        await until(lambda: pipe.status()["script_starts"] > 3)
        pipe.write(b"last\n")
        await pipe.close(20)

    conversation(main())
    assert log.read_text().splitlines()[:3] == ["word line 0", "word line 1", "word line 2"]
    assert "it should run as long as vipd does" in told[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (None, ("nobody", "nogroup")),
        (ScriptUser("daemon"), ("daemon", "daemon")),
        (ScriptUser("daemon", "mail"), ("daemon", "mail")),
    ],
)
def test_the_pipe_belongs_to_its_owner_or_to_the_user_that_reads_it(
    tmp_path: Path, owner: ScriptUser | None, expected: tuple[str, str]
) -> None:
    path = tmp_path / "fifo"
    script = Command(("/bin/true",), ScriptUser("nobody"))

    async def main() -> None:
        for _start in range(2):
            pipe = NotifyFifo(Fifo(str(path), script, owner), Rules(), lambda _text: None)
            pipe.open()
            assert (path.owner(), path.group()) == expected
            assert path.lstat().st_mode & 0o777 == 0o600
        await pipe.close(0)

    conversation(main())


def test_a_pipe_that_cannot_be_opened_any_more_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon without privileges gave it away, and was killed."""
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)
    refused, really_open = list[str](), os.open

    def may_not_at_first(name: str, flags: int) -> int:
        if not refused:
            refused.append(name)
            raise PermissionError(13, "Permission denied")
        return really_open(name, flags)

    monkeypatch.setattr(fifo.os, "open", may_not_at_first)

    async def main() -> None:
        pipe = opened(path)
        pipe.write(b"one\n")
        reader = really_open(path, os.O_RDONLY | os.O_NONBLOCK)
        assert os.read(reader, 100) == b"one\n", "the pipe of that name is the one that is written"
        os.close(reader)
        await pipe.close(0)

    conversation(main())
