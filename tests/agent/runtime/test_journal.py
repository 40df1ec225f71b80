# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a log line looks like, to a person and to a program."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from vipd.runtime.journal import JSON, Journal

EVENT = {"event": "transition", "instance": "VI_1", "from": "BACKUP", "to": "MASTER"}


def written(capsys: pytest.CaptureFixture[str], journal: Journal, *words: Any) -> str:
    journal.write(*words)
    return capsys.readouterr().err


def test_text_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    assert written(capsys, Journal(True), "info", "one\ntwo", EVENT) == "one two\n"


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    line = written(capsys, Journal(True, form=JSON), "warning", 'one\ntwo "three"')
    assert line.count("\n") == 1
    told = json.loads(line)
    assert time.time() - told.pop("time") < 60
    assert told == {"level": "warning", "text": 'one\ntwo "three"', "event": "message"}


def test_json_says_what_happened(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    told = json.loads(written(capsys, Journal(True, form=JSON), "info", "text", EVENT))
    assert EVENT.items() <= told.items()
    assert told["text"] == "text"


def test_journald_is_told_the_priority(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    assert written(capsys, Journal(True, form=JSON), "error", "x").startswith("<3>{")
