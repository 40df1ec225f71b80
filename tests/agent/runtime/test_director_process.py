# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The director's process as its worker keeps it: started, told, started again, and gone with the worker.

A program that notes what it is told stands for it; the director itself runs in tests/lvs/.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Callable

import pytest
from vipd.config.model import Config
from vipd.config.parse import parse
from vipd.runtime import director_process
from vipd.runtime.director_process import DirectorProcess
from vipd.runtime.options import EXIT_NO_IPVS, Options

WITHIN_S = 30.0
SERVED = parse("virtual_server 10.0.0.1 80 {\nprotocol TCP\nreal_server 10.0.0.2 80 {\n}\n}\n").config
PROGRAM = """
import os, sys
notes = open(sys.argv[1], "a", buffering=1)
notes.write(f"started {os.getpid()}\\n")
for line in sys.stdin:
    notes.write(line)
notes.write("stopped\\n")
"""

Talk = Callable[[DirectorProcess, Path], Awaitable[None]]


def kept(tmp_path: Path, talk: Talk, **options: bool) -> list[str]:
    """What the worker was told, once ``talk`` is over."""
    notes = tmp_path / "notes"
    notes.touch()
    command = (sys.executable, "-c", PROGRAM, str(notes))
    told: list[str] = []

    async def main() -> None:
        process = DirectorProcess(Options("", director_command=command, **options), told.append)
        try:
            await talk(process, notes)
        finally:
            await process.stop()

    asyncio.run(asyncio.wait_for(main(), 3 * WITHIN_S))
    return told


async def until(notes: Path, words: str, times: int = 1) -> None:
    async def poll() -> None:
        while notes.read_text().count(words) < times:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(poll(), WITHIN_S)


def test_it_is_started_told_to_reload_and_stopped(tmp_path: Path) -> None:
    async def talk(process: DirectorProcess, notes: Path) -> None:
        await process.configure(SERVED)
        await until(notes, "started")
        await process.configure(SERVED)
        await until(notes, "reload")
        await process.configure(Config())
        assert notes.read_text().endswith("reload\nstopped\n")
        await process.configure(SERVED)
        await until(notes, "started", times=2)

    assert kept(tmp_path, talk) == []
    assert (tmp_path / "notes").read_text().endswith("stopped\n")


def test_a_reload_while_it_starts_is_not_lost(tmp_path: Path) -> None:
    async def talk(process: DirectorProcess, notes: Path) -> None:
        await process.configure(SERVED)
        await asyncio.sleep(0)  # on its way, and not there yet
        await process.configure(SERVED)
        await until(notes, "reload")

    assert kept(tmp_path, talk) == []


def test_a_stop_while_it_starts_lets_it_end_in_order(tmp_path: Path) -> None:
    async def talk(process: DirectorProcess, _notes: Path) -> None:
        await process.configure(SERVED)
        await asyncio.sleep(0)  # on its way, and not there yet

    assert kept(tmp_path, talk) == []
    assert (tmp_path / "notes").read_text().endswith("stopped\n")


def test_one_that_dies_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(director_process, "RESTART_FIRST_S", 0.05)

    async def talk(process: DirectorProcess, notes: Path) -> None:
        await process.configure(SERVED)
        await until(notes, "\n")
        os.kill(int(notes.read_text().split()[1]), signal.SIGKILL)
        await until(notes, "started", times=2)

    assert kept(tmp_path, talk) == ["the director ended, exit status -9; starting it again in 0.05 s"]


@pytest.mark.parametrize("error", [BlockingIOError(11, "Resource temporarily unavailable"), RuntimeError("no thread")])
def test_one_that_cannot_be_started_is_told_and_tried_again(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(director_process, "RESTART_FIRST_S", 0.05)
    start, failures = asyncio.create_subprocess_exec, [error, error]

    async def start_later(*command: str, **options: int) -> asyncio.subprocess.Process:
        if failures:
            raise failures.pop()
        return await start(*command, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_later)

    async def talk(process: DirectorProcess, notes: Path) -> None:
        await process.configure(SERVED)
        await until(notes, "started")

    told = kept(tmp_path, talk)
    assert told == [f"the director cannot be started: {error}; starting it again in {s} s" for s in ("0.05", "0.1")]


def test_a_stop_while_it_cannot_be_started_ends_the_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_command: str, **_options: int) -> None:
        await asyncio.sleep(0.05)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", fail)

    async def talk(process: DirectorProcess, _notes: Path) -> None:
        await process.configure(SERVED)
        await asyncio.sleep(0)  # on its way, and not there yet

    assert kept(tmp_path, talk) == []


def test_it_hears_what_state_instances_are_in_also_when_it_starts_later(tmp_path: Path) -> None:
    async def talk(process: DirectorProcess, notes: Path) -> None:
        process.entered("a b", "BACKUP")
        await process.configure(SERVED)
        await until(notes, "state BACKUP a b")
        process.entered("a b", "MASTER")
        await until(notes, "state MASTER a b")

    assert kept(tmp_path, talk) == []


def test_where_the_kernel_has_no_ipvs_the_next_reload_tries_again(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    program = f"open({str(notes)!r}, 'a').write('started\\n'); raise SystemExit({EXIT_NO_IPVS})"
    told: list[str] = []

    async def main() -> None:
        process = DirectorProcess(Options("", director_command=(sys.executable, "-c", program)), told.append)
        await process.configure(SERVED)
        assert process._keeping is not None
        await process._keeping
        assert notes.read_text().count("started") == 1
        await process.configure(SERVED)
        await until(notes, "started", times=2)
        await process.stop()

    asyncio.run(asyncio.wait_for(main(), WITHIN_S))
    assert told == []


@pytest.mark.parametrize(("config", "options"), [(Config(), {}), (SERVED, {"vrrp_only": True})])
def test_without_virtual_servers_or_with_vrrp_alone_there_is_none(
    config: Config, options: dict[str, bool], tmp_path: Path
) -> None:
    async def talk(process: DirectorProcess, _notes: Path) -> None:
        await process.configure(config)

    kept(tmp_path, talk, **options)
    assert (tmp_path / "notes").read_text() == ""
