# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an aborted run left behind is seen by its age."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.in_force import (
    reload_pending,
    restart_pending,
    status_of,
    told,
)
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Unit


def write(tmp_path: Path, program: float, config: float) -> None:
    for name, written_at in (("program", program), ("config", config)):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (written_at, written_at))


def pending(tmp_path: Path, program: float, config: float, status: dict[str, Any]) -> tuple[bool, bool]:
    write(tmp_path, program, config)
    files = [str(tmp_path / "program"), str(tmp_path / "none")]
    return restart_pending(status, files), reload_pending(status, str(tmp_path / "config"))


def test_what_an_aborted_run_wrote_and_nobody_read_is_pending(tmp_path: Path) -> None:
    running = {"started_at": 100.0, "configuration": {"loaded_at": 200.0}}
    assert pending(tmp_path, 90.0, 190.0, running) == (False, False)
    assert pending(tmp_path, 110.0, 190.0, running) == (True, False)
    assert pending(tmp_path, 90.0, 210.0, running) == (False, True)


def test_of_an_agent_that_is_off_or_older_nothing_is_pending(tmp_path: Path) -> None:
    assert pending(tmp_path, 90.0, 190.0, {}) == (False, False)


def test_where_no_vipd_answers_there_is_no_status(tmp_path: Path) -> None:
    assert status_of(str(tmp_path / "control.sock")) == {}


@pytest.mark.parametrize(
    ("program", "config", "expected"),
    [(90.0, 190.0, "none"), (90.0, 210.0, "reload"), (110.0, 190.0, "restart"), (110.0, 210.0, "restart")],
)
def test_of_any_other_service_systemd_knows_what_it_has_read(
    tmp_path: Path, program: float, config: float, expected: str
) -> None:
    running = Unit(there=True, enabled=True, running=True, started_at=100.0, read_at=200.0)
    stopped = Unit(there=True, enabled=True, running=False)
    write(tmp_path, program, config)
    read, started_from = [str(tmp_path / "config"), str(tmp_path / "none")], [str(tmp_path / "program")]
    shown = {"there": True, "enabled": True}
    assert told(running, read, started_from) == {**shown, "running": True, "pending": expected}
    assert told(stopped, read, started_from) == {**shown, "running": False, "pending": "none"}


def test_a_file_that_is_dated_tomorrow_is_not_read_again_and_again(tmp_path: Path) -> None:
    tomorrow = time.time() + 86400
    assert pending(tmp_path, 90.0, tomorrow, {"started_at": 100.0, "configuration": {"loaded_at": 200.0}}) == (
        False,
        False,
    )
