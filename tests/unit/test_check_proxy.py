# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of nginx, run as the agent runs it: with a systemctl that takes notes and a server that may be dead."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "roles/proxy/files/check_proxy.py"
SYSTEMCTL = """\
#!/bin/sh
echo "$1" >>"$LOG"
if [ "$1" = start ]; then mkdir "$LBHA_PROXY_RESTARTED"; else rmdir "$LBHA_PROXY_RESTARTED"; fi
"""


class Server(http.server.HTTPServer):
    """Answers with each status in turn, and with the last one from then on."""

    statuses: tuple[int, ...] = (204,)


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        status, *later = self.server.statuses
        self.server.statuses = tuple(later) or (status,)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Tests do not want the access log."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Host:
    def __init__(self, directory: Path) -> None:
        self.mark = directory / "restarted"
        self.log = directory / "log"
        self.log.touch()
        systemctl = directory / "systemctl"
        systemctl.write_text(SYSTEMCTL)
        systemctl.chmod(0o755)
        self.environment = {
            "PATH": f"{directory}{os.pathsep}{os.environ['PATH']}",
            "LOG": str(self.log),
            "LBHA_PROXY_RESTARTED": str(self.mark),
        }

    def check(self, port: int) -> int:
        return subprocess.run([sys.executable, CHECK, str(port)], env=self.environment, check=False).returncode

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().split()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_healthy_proxy_is_left_alone(host: Host, server: Server) -> None:
    assert host.check(server.server_port) == 0
    assert host.asked == []


def test_a_dead_proxy_is_restarted_once_and_then_given_up(host: Host) -> None:
    nobody = 9  # discard: nothing listens there
    assert [host.check(nobody) for _run in range(3)] == [1, 1, 1]
    assert host.asked == ["start"]


def test_an_answer_that_is_not_the_proxys_does_not_count(host: Host, server: Server) -> None:
    server.statuses = (502,)
    assert host.check(server.server_port) == 1


def test_a_proxy_that_recovers_may_be_restarted_again(host: Host, server: Server) -> None:
    host.mark.mkdir()
    assert host.check(server.server_port) == 0
    assert host.asked == ["stop"]
    assert not host.mark.exists()


def test_a_restart_that_helps_keeps_the_vips(host: Host, server: Server) -> None:
    server.statuses = (500, 204)
    assert host.check(server.server_port) == 0
    assert host.asked == ["start"]
