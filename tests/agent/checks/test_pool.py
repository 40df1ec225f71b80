# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks side by side: each of them is answered, whatever goes wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from vipd.checks.pool import Pool
from vipd.config.checkers import FileCheck, MiscCheck, TcpCheck
from vipd.config.commands import Command
from vipd.director.effects import StartCheck
from vipd.director.events import CheckFinished

from tests.agent.checks.peers import probe
from tests.agent.checks.waiting import conversation, until


def test_a_bug_in_a_check_fails_it_and_is_told_with_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[CheckFinished] = []
    complaints: list[str] = []

    async def broken(*_arguments: object) -> None:
        raise TypeError("no such thing")

    async def main() -> None:
        pool = Pool(answers.append, complaints.append)
        monkeypatch.setattr("vipd.checks.pool.check", broken)
        pool.start(StartCheck(7, probe(TcpCheck(), 80), 0, 0.0))
        await until(lambda: answers)

    conversation(main())
    assert answers == [CheckFinished(7, False, "cannot be carried out: TypeError: no such thing", None)]
    assert complaints == [
        "a check of 127.0.0.1:80 has a bug, and counts as failed: TypeError: no such thing",
    ]


def test_a_check_of_a_file_that_nobody_defines_is_answered() -> None:
    answers: list[CheckFinished] = []

    async def main() -> None:
        pool = Pool(answers.append, lambda _text: None)
        pool.start(StartCheck(7, probe(FileCheck("nowhere"), 80), 0, 0.0))
        await until(lambda: answers)

    conversation(main())
    assert not answers[0].success


def runs(pid: int) -> bool:
    """Whether it is there, and not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_end_waits_for_programs_of_checks_that_were_cancelled(tmp_path: Path) -> None:
    """One that ignores SIGTERM is killed."""
    note = tmp_path / "pid"
    stubborn = MiscCheck(Command(("/bin/sh", "-c", f"trap '' TERM; echo $$ >{note}; while :; do sleep 0.1; done")))

    async def main() -> None:
        pool = Pool(pytest.fail, pytest.fail)
        pool.start(StartCheck(7, probe(stubborn), 0, 0.0))
        await until(lambda: note.exists() and note.read_text().strip())
        pool.cancel(7)
        await pool.stop()
        assert not runs(int(note.read_text()))

    conversation(main())
