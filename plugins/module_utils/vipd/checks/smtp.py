# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SMTP_CHECK: a greeting, an answer to HELO, a goodbye. Source: keepalived.conf(5), RFC 5321."""

from __future__ import annotations

import socket

from ..config.checkers import SmtpCheck
from ..director.effects import Probe
from .answer import Answer, CheckFailedError
from .connection import Stream, stream

REPLY_LINES_MAX = 100


async def check(probe: Probe, checker: SmtpCheck) -> Answer:
    """Every ``host``, one after another; without any, the real server."""
    connections = [host.connection for host in checker.hosts] or [checker.connection]
    helo = checker.helo_name or socket.gethostname()
    for connection in connections:
        async with stream(connection, probe.endpoint, probe.timing) as opened:
            await _expect(opened, b"220", "greeting")
            await opened.send(f"HELO {helo}\r\n".encode())
            await _expect(opened, b"250", "answer to HELO")
            await opened.send(b"QUIT\r\n")
            await _expect(opened, b"221", "goodbye")
    return Answer(True, "is greeted by the mail server")


async def _expect(opened: Stream, code: bytes, what: str) -> None:
    for _count in range(REPLY_LINES_MAX):
        line = await opened.line() or b""
        if line[:3] != code:
            raise CheckFailedError(f"gets {_shown(line)} as {what}")
        if line[3:4] != b"-":
            return
    raise CheckFailedError(f"gets a {what} without end")


def _shown(line: bytes) -> str:
    return ascii(line[:40].decode("latin-1")) if line else "nothing"
