# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control socket: answers, and outlives whatever a client does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import stat
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, Callable

from vipd.runtime.control import CLIENT_LIMIT, REQUEST_LIMIT, ControlServer


async def _status(_request: Mapping[str, Any]) -> dict[str, Any]:
    return {"instances": []}


async def _yield(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"kept": [], "asked": request["instances"]}


def serving(tmp_path: Path, talk: Callable[[str], Awaitable[object]]) -> None:
    """Run ``talk`` against a server; then the server must still answer."""

    async def main() -> None:
        path = str(tmp_path / "control.sock")
        server = ControlServer(questions={"status": _status}, orders={"yield": _yield})
        await server.start(path)
        await talk(path)
        assert await ask(path, b'{"command": "status"}\n') == {"instances": []}
        await server.stop()
        assert not Path(path).exists()

    asyncio.run(asyncio.wait_for(main(), 30))


async def ask(path: str, request: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(request)
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    return answer


async def asked(path: str) -> bytes:
    """The raw answer; nothing when turned away."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"command": "status"}\n')
    try:
        return await reader.readline()
    except ConnectionError:
        return b""
    finally:
        writer.close()
        await writer.wait_closed()


def test_only_the_owner_and_the_group_may_connect(tmp_path: Path) -> None:
    async def talk(path: str) -> None:
        mode = Path(path).stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert mode & 0o777 == 0o660

    serving(tmp_path, talk)


def test_the_own_user_may_give_orders(tmp_path: Path) -> None:
    """Another user may not: tests/netns/test_daemon_control.py."""

    async def talk(path: str) -> None:
        assert await ask(path, b'{"command": "yield", "instances": ["V"]}\n') == {"kept": [], "asked": ["V"]}

    serving(tmp_path, talk)


def test_a_socket_that_a_killed_daemon_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "control.sock"))
    serving(tmp_path, asked)


def test_what_is_no_request_gets_an_error(tmp_path: Path) -> None:
    async def talk(path: str) -> None:
        for request in (b"\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b'{"command": "destroy"}\n', b'{"command": []}\n'):
            assert "status" in (await ask(path, request))["error"]

    serving(tmp_path, talk)


def test_a_line_without_end_is_let_go(tmp_path: Path) -> None:
    async def talk(path: str) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"x" * REQUEST_LIMIT * 4)
        with contextlib.suppress(ConnectionError):  # what was not read makes the end of it a reset
            assert await reader.read() == b""
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    serving(tmp_path, talk)


def test_too_many_clients_are_turned_away(tmp_path: Path) -> None:
    async def talk(path: str) -> None:
        idle = [await asyncio.open_unix_connection(path) for _turn in range(CLIENT_LIMIT)]
        for reader, writer in idle:  # each has been accepted once it was answered
            writer.write(b"{}\n")
            await reader.readline()
        reader, writer = await asyncio.open_unix_connection(path)
        assert await reader.read() == b""
        for gone_reader, gone in [*idle, (reader, writer)]:
            gone.close()
            await gone.wait_closed()
            await gone_reader.read()
        while not (await asked(path)):
            await asyncio.sleep(0.01)  # until the server has seen them go; the whole test has a deadline

    serving(tmp_path, talk)
