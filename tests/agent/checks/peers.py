# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on the loopback that a check talks to, well behaved or not, and the check itself in one call."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Callable, Optional

from vipd.checks.answer import Answer, Surroundings
from vipd.checks.real_server import check
from vipd.config.lvs import AnyChecker, Endpoint
from vipd.config.lvs_defaults import Timing
from vipd.director.effects import Probe

TIMEOUT_S = 0.3
TIMING = Timing(False, TIMEOUT_S, 0, 0.1, 0.0, 0.1)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def peer(talk: Talk, context: Optional[ssl.SSLContext] = None) -> AsyncIterator[int]:
    """A TCP server on 127.0.0.1; the port it has."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await talk(reader, writer)
            writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports to close


def probe(checker: AnyChecker, port: int = 0, address: str = "127.0.0.1", weight: int = 1) -> Probe:
    return Probe(checker, Endpoint(ip_address(address), port), TIMING, weight=weight)


def asked(
    checker: AnyChecker,
    talk: Talk,
    step: int = 0,
    *,
    context: Optional[ssl.SSLContext] = None,
    virtualhost: Optional[str] = None,
    surroundings: Optional[Surroundings] = None,
) -> Answer:
    """What the check says of a server that talks so."""

    async def ask() -> Answer:
        async with peer(talk, context) as port:
            wanted = Probe(checker, Endpoint(IPv4Address("127.0.0.1"), port), TIMING, virtualhost)
            return await check(wanted, step, surroundings or Surroundings())

    return asyncio.run(ask())


def answer_to(wanted: Probe, surroundings: Optional[Surroundings] = None) -> Answer:
    return asyncio.run(check(wanted, 0, surroundings or Surroundings()))


def says(*parts: bytes) -> Talk:
    """Sends, and closes, without a look at what it is asked."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk


def hears_and_says(text: bytes) -> Talk:
    """Takes what comes first, whatever it is, and sends ``text``."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(text)
        await writer.drain()

    return talk


def answers(text: bytes, heard: Optional[list[bytes]] = None) -> Talk:
    """Reads a request up to its empty line, and sends ``text``."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(request)
        writer.write(text)
        await writer.drain()

    return talk


async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Half-open: takes the connection, and never says a word."""
    await asyncio.sleep(3600)


async def resets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    linger = b"\x01\0\0\0\0\0\0\0"  # on, for no time: RST instead of FIN
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def trickles(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One octet at a time, none of them too late, without end."""
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(TIMEOUT_S / 10)


def floods(start: bytes) -> Talk:
    """Always has more to say, and says it at once."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"x" * 4096)
            await writer.drain()
            await asyncio.sleep(0)

    return talk


def endless(start: bytes) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    return talk


def certificate(directory: Path) -> ssl.SSLContext:
    """A server's, signed by nobody, for a name that nobody asks for."""
    key, cert = directory / "key.pem", directory / "cert.pem"
    subject = ["-subj", "/CN=somewhere.else", "-days", "1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *subject],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
