# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unix socket that vipctl talks to: one request a line, one JSON answer a line.

The socket's mode says who may connect, and thus ask: root and the daemon's group. Orders, which change what the node
does (reload, yield, maintenance), are taken from root and the daemon's own user alone: a program that reads metrics is
in that group. Every bound is a constant, because a client may be broken or hostile.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import stat
from collections.abc import Awaitable, Mapping
from typing import Any, Callable, Optional, Union

from ..linux import process
from ..linux.peer import peer_uid

REQUEST_LIMIT = 1024 * 1024  # octets of a request line, which may hold a configuration to compare with
CLIENT_LIMIT = 16  # connections at one time
IDLE_TIMEOUT_S = 10.0  # a client that says nothing is let go

Answer = Union[dict[str, Any], bytes]  # bytes are JSON already
Answering = Callable[[Mapping[str, Any]], Awaitable[Answer]]  # takes the whole request


class ControlServer:
    """Answers ``questions``, obeys ``orders``; see ``ctl.py`` for the other side."""

    def __init__(self, questions: Mapping[str, Answering], orders: Mapping[str, Answering]) -> None:
        self._questions = questions
        self._orders = orders
        self._server: Optional[asyncio.AbstractServer] = None
        self._path = ""
        self._clients = 0

    async def start(self, path: str) -> None:
        """Listen; a socket that a killed daemon left behind is replaced."""
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(os.lstat(path).st_mode):
                os.unlink(path)
        umask = os.umask(0o117)  # 0660 from the first moment on
        try:
            self._server = await asyncio.start_unix_server(self._serve, path, limit=REQUEST_LIMIT)
        finally:
            os.umask(umask)
        self._path = path

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients <= CLIENT_LIMIT:
                await self._converse(reader, writer)
        except (OSError, ValueError, asyncio.TimeoutError):
            pass  # the client went away, said nothing, or sent a line without end: its loss
        finally:
            self._clients -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        may_order = peer_uid(writer.get_extra_info("socket")) in (0, os.geteuid())
        while True:
            line = await asyncio.wait_for(reader.readline(), IDLE_TIMEOUT_S)
            if not line:
                return
            answer = await self._answer(line, may_order)
            writer.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())
            writer.write(b"\n")
            del answer
            await asyncio.wait_for(writer.drain(), IDLE_TIMEOUT_S)
            process.give_back_memory()  # the state of many instances takes MBs

    async def _answer(self, line: bytes, may_order: bool) -> Answer:
        try:
            request = json.loads(line)
            command = request["command"]
            answering = self._orders.get(command) or self._questions[command]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"error": f"expected a JSON object with a command of {sorted((*self._questions, *self._orders))}"}
        if command in self._orders and not may_order:
            return {"error": f"{command!r} changes what this node does: become root; its group may only ask"}
        try:
            return await answering(request)
        except asyncio.TimeoutError:
            return {"error": "the VRRP process does not answer"}
