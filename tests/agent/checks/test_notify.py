# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notify commands, with real processes: in order, the last state wins, a stop is never left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from vipd.checks.notify import Notifier
from vipd.config.model import Command
from vipd.core.effects import RunNotify

from tests.agent.checks.waiting import conversation, until


def shell(text: str) -> Command:
    return Command(("/bin/sh", "-c", text))


def telling(log: Path, state: str, name: str = "VI_1", kind: str = "INSTANCE", takes_s: float = 0) -> RunNotify:
    return RunNotify(name, state, (shell(f"sleep {takes_s}; echo {state} >> {log}"),), kind)


def test_commands_of_one_instance_run_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def main() -> None:
        notifier = Notifier(pytest.fail)
        slow_first = (shell(f"sleep 0.3; echo one >> {log}"), shell(f"echo two >> {log}"))
        notifier.run(RunNotify("VI_1", "MASTER", slow_first))
        notifier.run(RunNotify("VI_1", "BACKUP", (shell(f"echo three >> {log}"),)))
        await notifier.finish(20)

    conversation(main())
    assert log.read_text().split() == ["one", "two", "three"]


def test_the_last_state_wins_and_a_stop_is_told_in_any_case(tmp_path: Path) -> None:
    """What has begun ends; of what waits, only the newest is run; whatever waits behind a stop does not replace it."""
    log, told = tmp_path / "log", list[str]()

    async def main() -> None:
        notifier = Notifier(told.append)
        for state in ("MASTER", "BACKUP", "FAULT", "BACKUP", "MASTER", "STOP", "DELETED"):
            notifier.run(telling(log, state, takes_s=0.1))
        assert notifier.status()[0]["waiting"] == ["STOP", "DELETED"]
        await notifier.finish(20)
        assert notifier.status()[0]["coalesced"] == 4

    conversation(main())
    assert log.read_text().split() == ["MASTER", "STOP", "DELETED"]
    assert told[0] == "(VI_1) notify for BACKUP left out: FAULT came before it began"
    assert len(told) == 4


def test_an_event_replaces_one_like_it_and_no_state(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def main() -> None:
        notifier = Notifier(lambda _text: None)
        for state in ("BACKUP", "MASTER", "MASTER_RX_LOWER_PRI", "MASTER_RX_LOWER_PRI"):
            notifier.run(telling(log, state, takes_s=0.1))
        await notifier.finish(20)

    conversation(main())
    assert log.read_text().split() == ["BACKUP", "MASTER", "MASTER_RX_LOWER_PRI"]


def test_a_group_does_not_wait_for_its_instance(tmp_path: Path) -> None:
    """Even of the same name: they are two lines."""
    log = tmp_path / "log"

    async def main() -> None:
        notifier = Notifier(pytest.fail)
        notifier.run(telling(log, "MASTER", name="V", takes_s=0.5))
        notifier.run(telling(log, "BACKUP", name="V", kind="GROUP"))
        await until(log.exists)
        assert log.read_text().split() == ["BACKUP"]
        await notifier.finish(20)

    conversation(main())


def test_what_fails_or_hangs_is_told_and_stands_in_the_status(tmp_path: Path) -> None:
    told: list[str] = []

    async def main() -> None:
        notifier = Notifier(told.append)
        notifier.run(RunNotify("VI_1", "MASTER", (shell("exit 7"), shell("sleep 60"))), sequence=3)
        await until(lambda: told)
        [status] = notifier.status()
        assert (status["state"], status["sequence"], status["success"]) == ("MASTER", 3, False)
        assert (status["result"], status["running"]) == ("fails with exit status 7", True)
        await notifier.finish(0.2)

    conversation(main())
    assert "exit status 7" in told[0]
    assert "still ran" in told[1]
