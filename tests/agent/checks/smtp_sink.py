# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mail server for tests, as small as one can be and as bad as one is asked to be.

Speaks as much SMTP as a client needs: EHLO, STARTTLS, AUTH PLAIN and LOGIN, a mail. ``manners`` says how it misbehaves.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Mail:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    text: str = ""
    login: tuple[str, str] | None = None
    encrypted: bool = False


class Sink:
    """``manners``: a verb (or "connect") and what happens then: "stall", "close", or an answer such as "451 later"."""

    def __init__(self, tls: ssl.SSLContext | None = None, implicit: bool = False, **manners: str) -> None:
        self.mails: list[Mail] = []
        self.verbs: list[str] = []
        self.connections = 0
        self.manners = manners
        self._tls = tls
        self._implicit = implicit
        self._server: asyncio.AbstractServer | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Sink:
        context = self._tls if self._implicit else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError):
            pass  # the client went away
        finally:
            self._serving.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail = Mail(encrypted=self._implicit)
        if not await self._answer(writer, "connect", "220 sink"):
            return
        while True:
            line = (await reader.readline()).decode().strip()
            verb = line.partition(" ")[0].upper()
            if not verb:
                return
            self.verbs.append(verb)
            if verb == "AUTH":
                mail.login = await self._login(line, reader, writer)
            if not await self._answer(writer, verb.lower(), self._usual(verb)):
                return
            if verb == "STARTTLS":
                assert self._tls is not None
                await writer.start_tls(self._tls)
                mail.encrypted = True
            elif verb == "MAIL":
                mail.sender = line[len("MAIL FROM:") :].split()[0]
            elif verb == "RCPT":
                mail.recipients.append(line[len("RCPT TO:") :])
            elif verb == "DATA":
                mail.text = (await reader.readuntil(b"\r\n.\r\n")).decode()
                if await self._answer(writer, "text", "250 taken"):
                    self.mails.append(mail)
            elif verb == "QUIT":
                return

    def _usual(self, verb: str) -> str:
        if verb == "EHLO":
            extensions = ["STARTTLS"] if self._tls is not None and not self._implicit else []
            return "\r\n".join(["250-sink", *(f"250-{one}" for one in extensions), "250 AUTH PLAIN LOGIN"])
        return {"DATA": "354 go on", "STARTTLS": "220 go on", "AUTH": "235 welcome", "QUIT": "221 bye"}.get(
            verb, "250 ok"
        )

    async def _login(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[str, str] | None:
        if not line.upper().startswith("AUTH PLAIN "):
            return None
        _identity, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        return user, password

    async def _answer(self, writer: asyncio.StreamWriter, moment: str, usual: str) -> bool:
        """False when the conversation is over."""
        manner = self.manners.get(moment, usual)
        if manner == "close":
            return False
        if manner == "stall":
            await asyncio.sleep(3600)
        writer.write(f"{manner}\r\n".encode())
        await writer.drain()
        return not (moment == "connect" and manner[0] in "45")


def certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, str]:
    """A server's TLS with a certificate for ``name`` made here, and the path that a client must trust."""
    key, chain = directory / f"{name}.key", directory / f"{name}.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {key} -out {chain}"
    kind = "IP" if name[0].isdigit() else "DNS"
    subprocess.run([*command.split(), "-addext", f"subjectAltName={kind}:{name}"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context, str(chain)
