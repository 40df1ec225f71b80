# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a director is asked for; over a socket in tests/agent/runtime/test_control.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from vipd import asking


def test_a_director_that_does_not_run_serves_nothing(tmp_path: Path) -> None:
    assert asking.served(str(tmp_path / "director.sock")) == set()


def test_a_director_is_asked_what_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(path: str, command: str) -> dict[str, Any]:
        assert (path, command) == ("director.sock", "director")
        return {"virtual_servers": [{"virtual_server": "10.0.0.250:80 TCP"}, {"virtual_server": "FWM 7"}]}

    monkeypatch.setattr(asking, "ask", ask)
    assert asking.served("director.sock") == {"10.0.0.250:80 TCP", "FWM 7"}
