# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipctl: what it prints and how it exits, against a daemon that answers what it is told to."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from vipd import ctl

CONFIG = """vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.0.0.3
    }
}
"""


@contextmanager
def daemon(path: Path, answer: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Answers one request; what was asked."""
    asked: list[dict[str, Any]] = []

    def serve() -> None:
        connection, _peer = listening.accept()
        with connection, connection.makefile("rb") as lines:
            asked.append(json.loads(lines.readline()))
            connection.sendall(json.dumps(answer).encode() + b"\n")

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(10)
        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join()


def run(tmp_path: Path, answer: dict[str, Any], *words: str) -> tuple[int, list[dict[str, Any]]]:
    path = tmp_path / "control.sock"
    with daemon(path, answer) as asked:
        status = ctl.main(["--socket", str(path), *words])
    return status, asked


def test_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {
        "at": 1.7e9,
        "instance": "V",
        "before": "BACKUP",
        "after": "MASTER",
        "priority": 150,
        "reason": "no advert",
    }
    status, _asked = run(tmp_path, {"history": [entry]}, "history")
    assert status == 0
    assert "V         BACKUP -> MASTER  150       no advert" in capsys.readouterr().out


def test_stats_show_what_was_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instances = [
        {"name": "V", "stats": {"advert_rcvd": 0, "advert_sent": 7, "auth_failure": 0}, "counters": {}},
        {"name": "W", "stats": {"advert_rcvd": 3, "advert_sent": 0, "auth_failure": 0}, "counters": {}},
    ]
    status, _asked = run(tmp_path, {"instances": instances}, "stats")
    assert status == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table == [["INSTANCE", "advert_rcvd", "advert_sent"], ["V", "0", "7"], ["W", "3", "0"]]


@pytest.mark.parametrize(
    ("answer", "exit_status", "printed"),
    [
        ({"reloaded": True, "findings": [], "differences": []}, 0, "nothing is changed\n"),
        ({"reloaded": True, "findings": [], "differences": [{"sentence": "V is removed"}]}, 0, "V is removed\n"),
        ({"reloaded": False, "findings": ["k.conf:3: error"]}, 5, "k.conf:3: error\n"),
    ],
)
def test_reload(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: dict[str, Any], exit_status: int, printed: str
) -> None:
    status, asked = run(tmp_path, answer, "reload")
    assert (status, asked) == (exit_status, [{"command": "reload"}])
    assert capsys.readouterr().out == printed


def test_diff_shows_the_file_to_the_daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.conf"
    new.write_text(CONFIG)
    status, [asked] = run(tmp_path, {"differences": [{"sentence": "something"}]}, "diff", str(new))
    assert status == 1
    assert capsys.readouterr().out == "something\n"
    assert asked["command"] == "diff"
    assert asked["config"]["instances"][0]["priority"] == 150


def test_diff_of_two_files_needs_no_daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.conf", tmp_path / "new.conf"
    old.write_text(CONFIG)
    new.write_text(CONFIG.replace("150", "100"))
    assert ctl.main(["diff", str(old), str(old)]) == 0
    assert ctl.main(["diff", "--format", "json", str(old), str(new)]) == 1
    [difference] = json.loads(capsys.readouterr().out)
    assert difference["text"] == "vrrp_instance V: priority 150 -> 100"
    assert difference["moves_vip"] is True


def test_diff_of_a_file_that_cannot_be_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.conf"
    wrong.write_text(CONFIG.replace("priority 150", "priority much"))
    assert ctl.main(["diff", str(wrong), str(wrong)]) == 5
    assert ctl.main(["diff", str(tmp_path / "missing")]) == 5
    assert f"{wrong}:4" in capsys.readouterr().err


def test_no_daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ctl.main(["--socket", str(tmp_path / "none"), "reload"]) == 1
    assert "is it running?" in capsys.readouterr().err


def instance_plain(state: str) -> dict[str, Any]:
    peer = {"address": "10.0.0.6", "priority": 100, "heard_s_ago": 0.1}
    return {"name": "V", "state": state, "vips": ["10.0.0.3/32"], "advert_int_s": 1.0, "master": peer}


@pytest.mark.parametrize("moves", [True, False])
def test_yield_says_where_the_vips_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], moves: bool
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def ask(_path: str, command: str, **more: Any) -> dict[str, Any]:
        asked.append((command, more))
        return {"instances": [instance_plain("BACKUP" if moves else "MASTER")], "kept": [] if moves else ["V"]}

    monkeypatch.setattr(ctl, "ask", ask)
    assert ctl.main(["yield", "V", "--for", "60"]) == (0 if moves else 3)
    gone, stayed = "V is BACKUP; 10.0.0.6 is master with priority 100\n", "V stays here: no peer took 10.0.0.3/32\n"
    assert capsys.readouterr().out == (gone if moves else stayed)
    wanted = {"instances": ["V"], "for_s": 60.0, "force": False, "end": False}
    assert asked[-1] == ("yield", {"timeout_s": 11.0, **wanted})


def test_status_says_that_the_node_is_in_maintenance(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"instances": [], "maintenance": True, "maintenance_note": {"reason": "new disk", "since": 1.0}}
    monkeypatch.setattr(ctl, "ask", lambda *_words, **_more: answer)
    for words in (["status"], ["maintenance", "status"]):
        assert ctl.main(words) == 0
        assert re.match(r"maintenance is on since \d.*: new disk\n", capsys.readouterr().out)
