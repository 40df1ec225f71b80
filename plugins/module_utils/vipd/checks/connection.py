# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets of health checks: where they connect to, where from, and for how long they may take.

Every wait is bounded: a peer that says nothing, or says it one octet at a time, costs one check and no more.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Optional

from ..config.checkers import Connection
from ..config.lvs import Endpoint
from ..config.lvs_defaults import Timing
from .answer import CheckFailedError

_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
LINE_LIMIT = 65536  # octets that a peer may send without an end of line
STEPS = 4  # a check as a whole gets this many times the timeout of one step, but never less than its period


def limit_s(timing: Timing) -> float:
    """How long a check may take as a whole."""
    return max(STEPS * timing.connect_timeout_s, timing.delay_loop_s)


def target(connection: Connection, endpoint: Endpoint) -> Endpoint:
    """The real server, but for what the checker says otherwise."""
    return Endpoint(connection.connect_ip or endpoint.address, connection.connect_port or endpoint.port)


def open_socket(connection: Connection, peer: Endpoint, kind: int, protocol: int = 0) -> socket.socket:
    """Not connected yet; bound and marked as the checker wants it. Raises OSError."""
    opened = socket.socket(_FAMILIES[peer.address.version], kind, protocol)
    try:
        opened.setblocking(False)
        if connection.fwmark is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, struct.pack("=I", connection.fwmark))
        if connection.bind_if is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, connection.bind_if.encode())
        if connection.bindto is not None or connection.bind_port is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((str(connection.bindto or ""), connection.bind_port or 0))
    except BaseException:
        opened.close()
        raise
    return opened


@asynccontextmanager
async def connected(
    connection: Connection, endpoint: Endpoint, timeout_s: float, kind: int = socket.SOCK_STREAM, protocol: int = 0
) -> AsyncIterator[socket.socket]:
    """A connected socket that is closed at the end. Raises OSError and asyncio.TimeoutError."""
    peer = target(connection, endpoint)
    opened = open_socket(connection, peer, kind, protocol)
    try:
        address = (str(peer.address), peer.port or 0)
        if kind == socket.SOCK_STREAM:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(opened, address), timeout_s)
        else:
            opened.connect(address)  # says where to, and waits for nothing
        yield opened
    finally:
        opened.close()


class Stream:
    """A TCP connection, perhaps within TLS, of which each step is bounded, and all of them together.

    The whole is watched here and not from outside: before Python 3.12 a step that ends at the moment it is cancelled
    swallows the cancellation, and a peer that never stops sending would be listened to for ever.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timing: Timing) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout_s = timing.connect_timeout_s
        self._end = asyncio.get_running_loop().time() + limit_s(timing)

    async def send(self, data: bytes) -> None:
        left_s = self._left_s()
        self._writer.write(data)
        await asyncio.wait_for(self._writer.drain(), left_s)

    async def line(self) -> Optional[bytes]:
        """Without its end; None at the end of the stream.

        Raises CheckFailedError for a line that breaks off, ValueError for one that is too long.
        """
        left_s = self._left_s()
        line = await asyncio.wait_for(self._reader.readline(), left_s)
        if line and not line.endswith(b"\n"):
            raise CheckFailedError("gets a line that breaks off")
        return line.rstrip(b"\r\n") if line else None

    async def some(self, most: int) -> bytes:
        """What there is; empty at the end of the stream."""
        left_s = self._left_s()
        return await asyncio.wait_for(self._reader.read(most), left_s)

    def _left_s(self) -> float:
        left_s = self._end - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise asyncio.TimeoutError
        return min(self._timeout_s, left_s)


@asynccontextmanager
async def stream(
    connection: Connection,
    endpoint: Endpoint,
    timing: Timing,
    context: Optional[SSLContext] = None,
    server_name: str = "",
) -> AsyncIterator[Stream]:
    """Connect, shake hands within TLS where ``context`` is given, and close whatever happens."""
    async with connected(connection, endpoint, timing.connect_timeout_s) as opened:
        name = None if context is None else server_name
        opening = asyncio.open_connection(sock=opened, limit=LINE_LIMIT, ssl=context, server_hostname=name)
        reader, writer = await asyncio.wait_for(opening, timing.connect_timeout_s)
        try:
            yield Stream(reader, writer, timing)
        finally:
            writer.transport.abort()  # a goodbye would wait for a peer that may not answer
