# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control socket: who may use it, and that nobody can disturb the daemon through it."""

from __future__ import annotations

import json
import random
import socket
import stat
from contextlib import ExitStack, suppress

import pytest
from vipd import ctl

from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.daemon import Vipd
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for
from tests.stranger import answers_to_the_group


@pytest.fixture
def master(segment: Segment) -> Vipd:
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    return a


def connect(daemon: Vipd) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(daemon.control_socket))
    return connection


def test_only_owner_and_group_may_connect(master: Vipd) -> None:
    assert stat.S_IMODE(master.control_socket.stat().st_mode) == 0o660


def test_who_is_in_the_group_may_ask_and_not_order(segment: Segment, master: Vipd) -> None:
    status, diff, *refused = answers_to_the_group(
        master.control_socket,
        '{"command": "status"}',
        '{"command": "diff"}',
        '{"command": "yield", "force": true}',
        '{"command": "maintenance", "on": true, "force": true}',
        '{"command": "reload"}',
    )
    assert [one["state"] for one in status["instances"]] == ["MASTER"]
    assert "expected a configuration" in diff["error"]
    for command, answer in zip(("yield", "maintenance", "reload"), refused, strict=True):
        assert answer == {"error": f"'{command}' changes what this node does: become root; its group may only ask"}
    assert segment.holders(VIP) == {"a"}
    assert (master.instance()["yielding"], master.status()["maintenance"]) == (None, False)


def test_vipctl_shows_what_is_so(master: Vipd, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["--socket", str(master.control_socket)]
    assert ctl.main([*ask, "status", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["state"], one["vips"]) for one in shown["instances"]] == [("V", "MASTER", [f"{VIP}/32"])]
    assert shown["pid"] == master.pid

    assert ctl.main([*ask, "status"]) == 0
    assert "V         MASTER" in capsys.readouterr().out
    assert ctl.main([*ask, "explain", "V"]) == 0
    assert f"It holds {VIP}/32" in capsys.readouterr().out


def test_vipctl_without_a_daemon(master: Vipd, capsys: pytest.CaptureFixture[str]) -> None:
    master.kill()
    assert ctl.main(["--socket", str(master.control_socket), "status"]) == 1
    assert "is it running?" in capsys.readouterr().err


NONSENSE = (b"\n", b"status\n", b"[]\n", b"null\n", b'{"command": "stop"}\n', b'{"command": ["status"]}\n', b"\xff\0\n")


def test_nonsense_is_answered(master: Vipd) -> None:
    for line in NONSENSE:
        assert "status" in master.request(line)["error"], line


def test_garbage_does_not_disturb_it(segment: Segment, master: Vipd) -> None:
    """Lines too long, lines that never end, clients that leave early, too many of them, and one that never reads."""
    chance = random.Random(7)
    with ExitStack() as connections:
        for _turn in range(30):
            for line in (chance.randbytes(200) + b"\n", b"{" * 3000, b"x" * 65536 + b"\n"):
                with connect(master) as client, suppress(BrokenPipeError, ConnectionResetError):
                    client.sendall(line)
        wait_for(master.answers, "it to answer in spite of them")
        never_reads = connections.enter_context(connect(master))
        never_reads.settimeout(0.2)
        with pytest.raises(TimeoutError):
            never_reads.sendall(b'{"command": "status"}\n' * 500_000)
        for _turn in range(40):
            connections.enter_context(connect(master))
    wait_for(master.answers, "it to answer again", 5)
    assert [entry["after"] for entry in master.status()["history"]] == ["BACKUP", "MASTER"]
    assert len(segment.addresses.changes(VIP)) == 1
    assert "Traceback" not in master.log()
