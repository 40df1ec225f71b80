# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs and vrrp_scripts, with real processes."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from vipd.checks import program
from vipd.checks.program import Outcome, run
from vipd.checks.script import ScriptChecks
from vipd.checks.security import Rules
from vipd.config.model import Command, Config, ScriptUser, Tracks, TrackScript, VrrpInstance, VrrpScript
from vipd.core.events import ScriptFinished

from tests.agent.checks.waiting import until

NO_RULES = Rules()


def shell(text: str) -> Command:
    return Command(("/bin/sh", "-c", text))


def ran(command: Command, rules: Rules = NO_RULES, timeout_s: float = 10) -> Outcome:
    return asyncio.run(run(command, rules, timeout_s))


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (shell("exit 0"), Outcome(True, "succeeds", 0)),
        (shell("exit 3"), Outcome(False, "fails with exit status 3", 3)),
        (shell("kill -9 $$"), Outcome(False, "was ended by SIGKILL")),
    ],
)
def test_how_a_program_ended(command: Command, outcome: Outcome) -> None:
    assert ran(command) == outcome


def test_a_program_that_is_not_there_is_a_failure_and_not_dropped() -> None:
    outcome = ran(Command(("/nonexistent/check",)))
    assert not outcome.success
    assert "/nonexistent/check" in outcome.detail


def test_an_unknown_user_is_a_failure() -> None:
    outcome = ran(Command(("/bin/true",), ScriptUser("nobody-of-that-name")))
    assert not outcome.success
    assert "nobody-of-that-name" in outcome.detail


def test_a_timeout_ends_the_whole_process_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "TERMINATION_GRACE_S", 0.2)
    pid_file = tmp_path / "pid"
    outcome = ran(shell(f"trap '' TERM; sleep 60 & echo $! > {pid_file}; wait; wait"), timeout_s=0.3)
    assert outcome == Outcome(False, "took longer than 0.3 s")
    assert gone(int(pid_file.read_text()))


def gone(pid: int) -> bool:
    """Whether the process ends within 5 s; a zombie that nobody reaps counts as ended."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def test_scripts_do_not_see_the_daemons_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/secret")
    assert ran(shell('test -z "$NOTIFY_SOCKET"')).success


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_a_script_runs_as_its_user_without_the_daemons_groups() -> None:
    nobody = ScriptUser("nobody")
    assert ran(Command(("/bin/sh", "-c", 'test "$(id -un)" = nobody'), nobody)).success
    assert ran(shell('test "$(id -un)" = nobody'), Rules(user=nobody)).success
    assert ran(Command(("/bin/sh", "-c", 'test "$(id -G | wc -w)" = 1'), nobody)).success


@pytest.mark.skipif(os.geteuid() != 0, reason="the rule is about what root runs")
def test_script_security_refuses_what_others_can_change(tmp_path: Path) -> None:
    script = tmp_path / "check"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o777)
    outcome = ran(Command((str(script),)), Rules(secure=True))
    assert not outcome.success
    assert str(script) in outcome.detail
    assert ran(Command(("/bin/true",)), Rules(secure=True)).success


def tracked(*scripts: VrrpScript) -> Config:
    tracks = tuple(TrackScript(script.name) for script in scripts)
    return Config(scripts=scripts, instances=(VrrpInstance("VI_1", "eth0", 51, tracks=Tracks(scripts=tracks)),))


def test_checks_report_every_run_and_survive_a_reload(tmp_path: Path) -> None:
    slow = VrrpScript("slow", Command(("/bin/sleep", "60")), timeout_s=60)
    good = VrrpScript("good", shell("exit 0"), interval_s=0.05)
    bad = VrrpScript("bad", shell("exit 1"), interval_s=0.05)

    async def main() -> list[ScriptFinished]:
        seen: list[ScriptFinished] = []
        checks = ScriptChecks(seen.append)
        checks.configure(tracked(good, slow))
        await until(lambda: len(seen) >= 2)
        checks.configure(tracked(bad, slow))
        seen.clear()
        await until(lambda: len(seen) >= 2)
        await checks.stop()
        return seen

    seen = asyncio.run(main())
    assert {(one.name, one.success) for one in seen[-2:]} == {("bad", False)}


def test_an_untracked_script_does_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    untracked = VrrpScript("untracked", Command(("/usr/bin/touch", str(marker))), interval_s=0.01)
    good = VrrpScript("good", shell("exit 0"), interval_s=0.01)
    config = Config(scripts=(untracked, good), instances=tracked(good).instances)

    async def main() -> None:
        seen: list[ScriptFinished] = []
        checks = ScriptChecks(seen.append)
        checks.configure(config)
        await until(lambda: len(seen) >= 5)
        await checks.stop()

    asyncio.run(main())
    assert not marker.exists()
