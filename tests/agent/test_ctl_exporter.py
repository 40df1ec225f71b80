# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipctl exporter: a real server on a port of its own, a daemon that answers what it is told to, or does not."""

from __future__ import annotations

import argparse
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Callable

import pytest
from vipd import ctl, ctl_exporter
from vipd.metrics.server import CLIENTS_MAX, MetricsServer

from tests.agent.metrics.page import node, status, value
from tests.agent.test_ctl import daemon


@contextmanager
def serving(page: Callable[[], str]) -> Iterator[int]:
    with MetricsServer("127.0.0.1", 0, page) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def get(port: int, path: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers["Content-Type"], body


def test_it_serves_the_page() -> None:
    with serving(lambda: "metric 1\n") as port:
        assert get(port, "/metrics") == (200, "text/plain; version=0.0.4; charset=utf-8", "metric 1\n")
        assert get(port, "/metrics?name=x")[0] == 200
        assert get(port, "/other")[0] == 404
        assert "/metrics" in get(port, "/")[2]


def test_it_outlives_what_clients_do() -> None:
    with serving(lambda: "metric 1\n") as port:
        for said in (b"\r\n\r\n", b"\x16\x03\x01\x00", b"GET", b"POST /metrics HTTP/1.1\r\n\r\n", b"x" * 70000):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client, suppress(OSError):
                client.sendall(said)
        silent = [socket.create_connection(("127.0.0.1", port)) for _client in range(CLIENTS_MAX - 1)]
        assert get(port, "/metrics")[0] == 200
        for client in silent:
            client.close()


def test_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "control.sock"
    with daemon(path, status(node())) as asked:
        assert ctl.main(["--socket", str(path), "exporter", "--once"]) == 0
    assert asked == [{"command": "status"}]
    assert value(capsys.readouterr().out, "vipd_up") == 1


def test_without_a_daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ctl.main(["--socket", str(tmp_path / "none"), "exporter", "--once"]) == 0
    assert value(capsys.readouterr().out, "vipd_up") == 0


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert ctl.main(["exporter", "--listen", f"127.0.0.1:{port}"]) == ctl_exporter.EXIT_CANNOT_LISTEN
    assert f"cannot listen on 127.0.0.1 port {port}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "means"),
    [("127.0.0.1:9650", ("127.0.0.1", 9650)), ("[::1]:80", ("::1", 80)), (":9650", ("0.0.0.0", 9650))],
)
def test_where_to_listen(word: str, means: tuple[str, int]) -> None:
    assert ctl_exporter.address(word) == means


@pytest.mark.parametrize("word", ["9650", "127.0.0.1", "::1:80", "a:b", "h:70000", "[::1]"])
def test_where_nobody_can_listen(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected ADDRESS:PORT"):
        ctl_exporter.address(word)
