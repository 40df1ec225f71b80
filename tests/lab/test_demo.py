# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo's command line and how it follows a playbook; the demo itself is ``make demo``."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.lab import demo
from tests.lab.demo import StepError, follow, parse, run_logged

OUTPUT = """\
PLAY [A highly available pair] ***********

TASK [lbha.pair.proxy : Install nginx] ***
changed: [lb01]

TASK [lbha.pair.proxy : Configure] *******
changed: [lb01] => {"msg": "a : b"}

TASK [lbha.pair.vipd : Start] ************
changed: [lb01]

PLAY RECAP *******************************
lb01                       : ok=3    changed=3    unreachable=0    failed=0
"""


def test_the_lab_stays_up_unless_told_otherwise() -> None:
    assert not parse([]).down
    assert not parse(["--keep"]).down
    assert parse(["--down"]).down


def test_some_events_may_be_chosen_and_unknown_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["--events", "a, c"]).events == ["a", "c"]
    with pytest.raises(SystemExit):
        parse(["--events", "a,z"])
    assert "no event z; there are a, b, c, d, e" in capsys.readouterr().err


def test_a_playbook_is_followed_role_by_role_and_logged_whole(capsys: pytest.CaptureFixture[str]) -> None:
    log = io.StringIO()
    follow(io.StringIO(OUTPUT), log)
    assert log.getvalue() == OUTPUT
    assert capsys.readouterr().out.splitlines() == [
        "   lbha.pair.proxy",
        "   lbha.pair.vipd",
        "   lb01 : ok=3 changed=3 unreachable=0 failed=0",
    ]


def test_a_step_that_fails_shows_the_end_of_its_log_and_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "OUTPUT", tmp_path)
    program = "print('first'); [print(number) for number in range(40)]; raise SystemExit('no such host')"
    with pytest.raises(StepError) as failure:
        run_logged("site", [sys.executable, "-c", program], {})
    assert "no such host" in str(failure.value)
    assert "first" not in str(failure.value)
    assert "first" in (tmp_path / "site.log").read_text(encoding="utf-8")
    assert str(tmp_path / "site.log") in str(failure.value)
