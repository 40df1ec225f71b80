# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd says of a few units, read from one answer."""

from __future__ import annotations

import time

import pytest
from ansible_collections.lbha.pair.plugins.module_utils import systemd_units
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Unit, units

NOT_THERE = "LoadState=not-found\nActiveState=inactive\nUnitFileState=\n"


class Host:
    """AnsibleModule, with a systemd that gives these answers, the last one for ever."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []

    def get_bin_path(self, arg: str) -> str:
        return f"/usr/bin/{arg}"

    def run_command(self, args: list[str]) -> tuple[int, str, str]:
        self.asked.append(args)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd_units, "PAUSE_S", 0.0)


def test_units_are_told_apart_in_one_question() -> None:
    running = "UnitFileState=enabled\nActiveState=active\nLoadState=loaded\n"
    starting = "LoadState=loaded\nActiveState=activating\nUnitFileState=disabled\n"
    host = Host((0, f"{running}\n{NOT_THERE}\n{starting}", ""))
    assert units(host, ["vipd", "vipd-exporter", "keepalived"]) == {
        "vipd": Unit(there=True, enabled=True, running=True),
        "vipd-exporter": Unit(there=False, enabled=False, running=False),
        "keepalived": Unit(there=True, enabled=False, running=True, starting=True),
    }
    assert [argv[-3:] for argv in host.asked] == [["vipd.service", "vipd-exporter.service", "keepalived.service"]]


def test_when_it_was_started_and_reloaded_is_told_as_files_are_dated() -> None:
    """systemd counts from the boot; a reload is its last change of state."""
    ago = {name: int((time.monotonic() - seconds) * 1e6) for name, seconds in (("start", 60), ("reload", 30))}
    times = f"ExecMainStartTimestampMonotonic={ago['start']}\nStateChangeTimestampMonotonic={ago['reload']}\n"
    for state, running in (("active", True), ("failed", False)):
        found = units(
            Host((0, f"LoadState=loaded\nActiveState={state}\nUnitFileState=enabled\n{times}", "")), ["nginx"]
        )
        expected = [time.time() - 60, time.time() - 30] if running else [0.0, 0.0]
        assert [found["nginx"].started_at, found["nginx"].read_at] == pytest.approx(expected, abs=2.0)


def test_a_systemd_that_drops_a_caller_is_asked_again() -> None:
    host = Host((1, "", "Connection reset by peer"), (0, NOT_THERE, ""))
    assert not units(host, ["vipd"])["vipd"].there
    with pytest.raises(OSError, match="Connection reset by peer"):
        units(Host((1, "", "Connection reset by peer")), ["vipd"])


def test_an_answer_about_other_units_is_not_believed() -> None:
    with pytest.raises(OSError, match="asked for 2 units and speaks of 1"):
        units(Host((0, NOT_THERE, "")), ["vipd", "keepalived"])
