# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Peers, well and misbehaving, each on a port of its own: ``python -m tests.lvs.misbehaving DIRECTORY``.

A process of its own, within a real server's namespace: it prints a line once it serves, and is ended from outside.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.agent.checks.peers import Talk, answers, certificate, resets, says, silent, trickles

HOST = "10.0.0.11"
NOBODY = "10.0.0.77"
FIRST_PORT = 8000
LATE_S = 3.0  # more than connect_timeout
TIMING = "connect_timeout 1\nretry 1\ndelay_before_retry 1\n"
DIGEST = "5eb63bbbe01eeed093cb22bb8f5acdc3"  # of "hello world"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"

Reply = Callable[[bytes], list[bytes]]


@dataclass(frozen=True)
class Peer:
    """``talk`` over TCP, within TLS where ``secure``; or ``reply`` to each datagram."""

    checker: str
    talk: Talk | None = None
    secure: bool = False
    reply: Reply | None = None


def late(text: bytes) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(LATE_S)
        writer.write(text)

    return talk


def without_end(start: bytes) -> Talk:
    """As much as a check can take, but not all of this one processor."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"x" * 16384)
            await writer.drain()
            await asyncio.sleep(0.01)

    return talk


def mail(greeting: bytes, hello: bytes, bye: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for text in (greeting, hello, bye):
            writer.write(text)
            await writer.drain()
            if text is not bye:
                await reader.readline()

    return talk


def name_server(flags: int, shift: int = 0) -> Reply:
    def reply(question: bytes) -> list[bytes]:
        (number,) = struct.unpack_from("!H", question)
        return [struct.pack("!HH", (number + shift) & 0xFFFF, flags) + question[4:]]

    return reply


def web(url: str = "status_code 200", kind: str = "HTTP_GET") -> str:
    return f"{kind} {{\nurl {{\npath /\n{url}\n}}\n{TIMING}}}\n"


TCP, SSL = f"TCP_CHECK {{\n{TIMING}}}\n", web(kind="SSL_GET")
SMTP, DNS = f"SMTP_CHECK {{\n{TIMING}}}\n", f"DNS_CHECK {{\ntype A\nname example.org\n{TIMING}}}\n"
PING = f"PING_CHECK {{\n{TIMING}}}\n"
UDP = f"UDP_CHECK {{\nrequire_reply 0a0b\n{TIMING}}}\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"

PEERS = {
    "tcp well": Peer(TCP, silent),
    "tcp nobody listens": Peer(TCP),
    "web well": Peer(web(), answers(OK)),
    "web digest": Peer(web(f"digest {DIGEST}"), answers(OK)),
    "web other digest": Peer(web(f"digest {'0' * 32}"), answers(OK)),
    "web slow": Peer(web(), late(OK)),
    "web half-open": Peer(web(), silent),
    "web reset": Peer(web(), resets),
    "web octet by octet": Peer(web(), trickles),
    "web body without end": Peer(web(f"digest {DIGEST}"), without_end(b"HTTP/1.0 200 OK\r\n\r\n")),
    "web header without end": Peer(web(), without_end(b"HTTP/1.0 200 OK\r\nX: ")),
    "web redirect loop": Peer(web(), answers(REDIRECT)),
    "web garbage": Peer(web(), says(b"\xff\xfe\x00" * 300)),
    "web another protocol": Peer(web(), says(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "web nothing": Peer(web(), says(b"")),
    "web 500": Peer(web(), answers(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")),
    "web body cut off": Peer(web(), answers(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort")),
    "web in chunks": Peer(web(f"digest {DIGEST}"), answers(CHUNKED)),
    "tls well, wrong certificate": Peer(SSL, answers(OK), secure=True),
    "tls none there": Peer(SSL, answers(OK)),
    "tls half-open": Peer(SSL, silent),
    "tls garbage": Peer(SSL, says(b"\x16\x03\x01" + b"\xff" * 300)),
    "tls reset": Peer(SSL, resets),
    "tls slow": Peer(SSL, late(OK), secure=True),
    "tls body without end": Peer(
        web(f"digest {DIGEST}", "SSL_GET"), without_end(b"HTTP/1.0 200 OK\r\n\r\n"), secure=True
    ),
    "tls redirect loop": Peer(SSL, answers(REDIRECT), secure=True),
    "mail well": Peer(SMTP, mail(b"220 mx\r\n", b"250 hello\r\n", b"221 bye\r\n")),
    "mail refuses": Peer(SMTP, mail(b"554 no\r\n", b"250 hello\r\n", b"221 bye\r\n")),
    "mail refuses later": Peer(SMTP, mail(b"220 mx\r\n", b"502 what\r\n", b"221 bye\r\n")),
    "mail half-open": Peer(SMTP, silent),
    "mail slow": Peer(SMTP, late(b"220 mx\r\n")),
    "mail reset": Peer(SMTP, resets),
    "mail without end": Peer(SMTP, without_end(b"220 ")),
    "mail garbage": Peer(SMTP, says(b"\xff\xff\x00\r\n")),
    "dns well": Peer(DNS, reply=name_server(0x8180)),
    "dns server failure": Peer(DNS, reply=name_server(0x8182)),
    "dns somebody else's reply": Peer(DNS, reply=name_server(0x8180, shift=1)),
    "dns silent": Peer(DNS, reply=lambda _question: []),
    "dns garbage": Peer(DNS, reply=lambda _question: [b"\0"]),
    "dns half a header": Peer(DNS, reply=lambda question: [question[:6]]),
    "dns question alone": Peer(DNS, reply=lambda question: [question]),
    "udp well": Peer(UDP, reply=lambda _asked: [b"\x0a\x0b"]),
    "udp other reply": Peer(UDP, reply=lambda _asked: [b"\x0a\x0c"]),
    "udp silent": Peer(UDP, reply=lambda _asked: []),
    "udp nobody listens": Peer(UDP),
    "udp too much": Peer(UDP, reply=lambda _asked: [b"\x0a\x0b" * 20000]),
    "ping well": Peer(PING),
    "ping nobody": Peer(f"PING_CHECK {{\nconnect_ip {NOBODY}\n{TIMING}}}\n"),
    "program well": Peer("MISC_CHECK {\nmisc_path /bin/true\n}\n"),
    "program fails": Peer("MISC_CHECK {\nmisc_path /bin/false\n}\n"),
    "program hangs": Peer('MISC_CHECK {\nmisc_path "/bin/sleep 60"\nmisc_timeout 1\n}\n'),
}
PORTS = {name: FIRST_PORT + number for number, name in enumerate(PEERS)}


class Replying(asyncio.DatagramProtocol):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for one in self._reply(data):
            self._transport.sendto(one, addr)


def serving(talk: Talk) -> Talk:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
            writer.close()
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            writer.transport.abort()

    return serve


async def serve(directory: Path) -> None:
    context = certificate(directory)
    loop = asyncio.get_running_loop()
    for name, peer in PEERS.items():
        if peer.talk is not None:
            within = context if peer.secure else None
            await asyncio.start_server(serving(peer.talk), HOST, PORTS[name], ssl=within)
        if peer.reply is not None:
            replying = Replying(peer.reply)
            await loop.create_datagram_endpoint(lambda one=replying: one, (HOST, PORTS[name]))
    print("serving", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
