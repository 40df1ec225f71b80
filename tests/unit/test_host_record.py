# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host was like is written down once, before anything else happens to it."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.systemd_units import Unit
from ansible_collections.lbha.pair.plugins.modules import host_record
from ansible_collections.lbha.pair.plugins.modules.host_record import UnfitError

CONFIG = b"# caf\xe9\nvrrp_instance VI_1 {\n}\n"
ABSENT = Unit(there=False, enabled=False, running=False)
RUNNING = Unit(there=True, enabled=True, running=True, started_at=100.0, read_at=200.0)


class Host:
    """AnsibleModule, with a Python of this version on the node."""

    def __init__(self, version: str = "3.11") -> None:
        self.version = version

    def get_bin_path(self, arg: str) -> str:
        return arg

    def run_command(self, args: list[str]) -> tuple[int, str, str]:
        return (0, f"{self.version}\n", "") if self.version else (1, "", "unknown option -c")


@pytest.fixture
def keepalived(monkeypatch: pytest.MonkeyPatch) -> dict[str, Unit]:
    found = {"vipd": ABSENT, "vipd-exporter": ABSENT, "keepalived": RUNNING}
    monkeypatch.setattr(host_record, "MADE_BY_KEEPALIVED", ())
    monkeypatch.setattr(host_record, "units", lambda _host, names: {name: found[name] for name in names})
    return found


def run(place: Path, host: Host | None = None, dry: bool = False, python: str = sys.executable) -> dict[str, Any]:
    read = {"keepalived": str(place / "keepalived.conf"), "vipd-exporter": str(place / "exporter.service")}
    return host_record.run(host or Host(), python, str(place / "record.json"), read, dry)


def kept(place: Path) -> dict[str, Any]:
    return dict(json.loads((place / "record.json").read_text())["keepalived"])


def test_a_keepalived_that_runs_is_remembered_with_its_configuration(
    tmp_path: Path, keepalived: dict[str, Unit]
) -> None:
    (tmp_path / "keepalived.conf").write_bytes(CONFIG)
    os.utime(tmp_path / "keepalived.conf", (190.0, 190.0))
    found = run(tmp_path)
    assert (found["changed"], found["python_version"]) == (True, "3.11")
    assert found["units"]["keepalived"] == {"there": True, "enabled": True, "running": True, "pending": "none"}
    config = base64.b64encode(CONFIG).decode()
    assert kept(tmp_path) == {"installed": True, "enabled": True, "running": True, "config": config, "missing": []}
    assert stat.S_IMODE((tmp_path / "record.json").stat().st_mode) == 0o600


def test_what_keepalived_will_make_and_is_not_there_is_remembered(
    tmp_path: Path, keepalived: dict[str, Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "rt_addrprotos.d", tmp_path / "rt_addrprotos.d" / "keepalived.conf"
    monkeypatch.setattr(host_record, "MADE_BY_KEEPALIVED", tuple(map(str, made)))
    made[0].mkdir()
    run(tmp_path)
    assert kept(tmp_path)["missing"] == [str(made[1])]


def test_what_was_written_down_once_stays(tmp_path: Path, keepalived: dict[str, Unit]) -> None:
    run(tmp_path)
    keepalived["keepalived"] = ABSENT
    found = run(tmp_path)
    assert not found["changed"]
    assert not found["units"]["keepalived"]["there"]
    assert kept(tmp_path) == {"installed": True, "enabled": True, "running": True, "config": "", "missing": []}


def test_what_an_aborted_run_wrote_and_nobody_read_is_told(tmp_path: Path, keepalived: dict[str, Unit]) -> None:
    keepalived["vipd-exporter"] = RUNNING
    for name, written_at in (("keepalived.conf", 210.0), ("exporter.service", 110.0)):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (written_at, written_at))
    found = run(tmp_path)["units"]
    pending = {name: unit["pending"] for name, unit in found.items()}
    assert pending == {"vipd": "none", "vipd-exporter": "restart", "keepalived": "reload"}


def test_check_mode_writes_nothing(tmp_path: Path, keepalived: dict[str, Unit]) -> None:
    assert run(tmp_path, dry=True)["changed"]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.8", "is Python 3.8, and vipd needs 3.9: set vipd_python"), ("", "says no version .unknown option -c.")],
)
def test_a_host_without_a_fit_python_is_not_touched(
    tmp_path: Path, keepalived: dict[str, Unit], version: str, expected: str
) -> None:
    with pytest.raises(UnfitError, match=expected):
        run(tmp_path, Host(version))
    assert os.listdir(tmp_path) == []


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path, keepalived: dict[str, Unit]) -> None:
    with pytest.raises(UnfitError, match="there is no program /nowhere/python: set vipd_python"):
        run(tmp_path, python="/nowhere/python")
