# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of all tests does not pass what failed, hung, or never ran."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import run

DEADLINE_S = 10.0


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(run, "LOGS", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(run, "STOP_GRACE_S", 0.1)
    return tmp_path


def shell(script: str, limit_s: float = DEADLINE_S) -> run.Part:
    return run.Part("part", ("sh", "-c", script), limit_s)


def test_success_is_success_and_is_logged(logs: Path) -> None:
    assert run.Run().carry_out(shell("echo hello")).fault is None
    assert (logs / "part.log").read_text() == "$ sh -c 'echo hello'\nhello\n"


def test_an_exit_status_is_a_failure() -> None:
    assert run.Run().carry_out(shell("exit 3")).fault == "exit status 3"


def test_what_hangs_is_ended_with_all_that_it_started(logs: Path) -> None:
    fault = run.Run().carry_out(shell("trap '' INT; sleep 1000 & echo $! > child; wait; wait", limit_s=0.2)).fault
    assert fault is not None
    assert fault.startswith("not done after")
    child = int((logs / "child").read_text())
    until = time.monotonic() + DEADLINE_S
    while running(child):
        assert time.monotonic() < until
        time.sleep(0.01)


def running(pid: int) -> bool:
    """Neither gone nor a zombie that waits for its reaper."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_failed_part_shows_the_end_of_its_log_and_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    lane = run.Run()
    lane.lane([shell("echo the reason; exit 1"), run.Part("next", ("true",))])
    assert [outcome.fault for outcome in lane.outcomes] == ["exit status 1", None]
    assert "| the reason" in capsys.readouterr().out


def test_the_end_of_a_run_names_what_failed_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    lane = run.Run()
    script = "echo 'FAILED tests/test_x.py::test_y - assert 1 == 2'; echo '1 failed in 3 s'; exit 1"
    lane.lane([shell(script), run.Part("next", ("true",))])
    capsys.readouterr()
    assert run.summarize(lane.outcomes) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1 passed, 1 failed",
        "  failed  part: exit status 1",
        "  | FAILED tests/test_x.py::test_y - assert 1 == 2",
    ]


def test_a_log_without_a_known_reason_gives_its_last_line() -> None:
    assert run.reasons("one\ntwo\n") == ["two"]


def test_the_reason_within_the_output_of_a_task_is_found() -> None:
    log = (
        r'fatal: [lb01]: FAILED! => {"stdout": "..F\nE       assert 1 == 2\nFAILED x::y - assert 1 == 2"}'
        + "\nPLAY RECAP\n"
    )
    assert run.reasons(log)[1:] == ["E       assert 1 == 2", 'FAILED x::y - assert 1 == 2"}']


@pytest.mark.parametrize(
    ("recap", "fault"),
    [
        ("actions=9 successful=9 missing=0", None),
        ("actions=9 successful=8 missing=1", "missing=1"),
        ("nothing of the kind", "not in the log"),
    ],
)
def test_molecule_with_a_missing_playbook_fails_although_it_exits_0(recap: str, fault: str | None) -> None:
    found = run.molecule_fault(recap)
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit, match="no part named nonsense"):
        run.lanes_for(["nonsense"])


def test_every_part_of_check_is_part_of_test() -> None:
    assert {part.name for lane in run.LANES["check"] for part in lane} <= {
        part.name for lane in run.LANES["test"] for part in lane
    }


def test_a_scenario_that_the_list_forgot_is_named(logs: Path) -> None:
    (logs / "molecule" / "new_one").mkdir(parents=True)
    (logs / "molecule" / "new_one" / "molecule.yml").touch()
    assert run.strays() == ["new_one"]
