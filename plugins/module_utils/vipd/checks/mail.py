# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts by mail, sent one after another from a thread, so that a mail server that stalls holds up nothing but mail.

Every bound is a constant: mails that wait, tries, seconds a try. A password is read from its file when it is needed and
stands in no message. Source: RFC 5321, RFC 3207 (STARTTLS), RFC 8314 (implicit TLS).
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import ssl
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any, Callable, Optional

from ..config.model import GlobalDefs, Smtp
from ..core.effects import RunNotify
from .alert import compose, one_line, sender

QUEUE_LIMIT = 100

# What a server refuses for now (a restart, greylisting) it takes a little later.
RETRY_AFTER_S = (5.0, 60.0)

# A server that answers, but octet by octet, must not hold the next mail for ever.
SESSION_LIMIT_S = 120.0

_STATES = {"MASTER", "BACKUP", "FAULT", "STOP", "UP", "DOWN"}
_IMPLICIT_TLS, _STARTTLS = "implicit", "starttls"
_READY = 220
_PASSWORD_LIMIT = 1024  # octets of a password file that are read


class Mailer:
    """``complain`` takes a sentence when a mail is lost."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._waiting: deque[RunNotify] = deque()
        self._sending: Optional[asyncio.Task[None]] = None
        self._node = GlobalDefs()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        self._counts = {"sent": 0, "failed": 0, "dropped": 0}
        self._last_error: Optional[str] = None

    def configure(self, node: GlobalDefs) -> None:
        """What is sent from now on goes by these settings."""
        self._node = node

    def send(self, notify: RunNotify) -> None:
        """Queue an alert; returns at once."""
        smtp = self._node.smtp
        quiet = notify.state not in _STATES or (notify.state == "FAULT" and self._node.no_email_faults)
        if quiet or smtp.server is None or not smtp.recipients:
            return
        if len(self._waiting) >= QUEUE_LIMIT:
            lost = self._waiting.popleft()
            self._counts["dropped"] += 1
            self._complain(f"({lost.instance}) mail for {lost.state} dropped: {QUEUE_LIMIT} mails wait already")
        self._waiting.append(notify)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def finish(self, timeout_s: float) -> None:
        """Send what waits, for ``timeout_s`` at most."""
        if self._sending is not None and not self._sending.done():
            await asyncio.wait([self._sending], timeout=timeout_s)
            if not self._sending.done():
                self._complain(f"{len(self._waiting) + 1} alerts by mail were not sent before the stop")
                self._sending.cancel()
                await asyncio.gather(self._sending, return_exceptions=True)
        self._thread.shutdown(wait=False)

    def status(self) -> dict[str, Any]:
        return {**self._counts, "waiting": len(self._waiting), "last_error": self._last_error}

    async def _send_all(self) -> None:
        while self._waiting:
            notify = self._waiting.popleft()
            error = await self._send_stubbornly(notify)
            self._counts["failed" if error else "sent"] += 1
            if error:
                self._last_error = error
                self._complain(f"({notify.instance}) mail for {notify.state} was not sent: {error}")

    async def _send_stubbornly(self, notify: RunNotify) -> Optional[str]:
        """Several tries; what went wrong with the last of them."""
        error, is_final = await self._try(notify)
        for pause_s in RETRY_AFTER_S:
            if error is None or is_final:
                break
            await asyncio.sleep(pause_s)
            error, is_final = await self._try(notify)
        return error

    async def _try(self, notify: RunNotify) -> tuple[Optional[str], bool]:
        """What went wrong, and whether it will again."""
        host = socket.gethostname()
        smtp = self._node.smtp
        session = Session(smtp, host)
        message = compose(notify, self._node.router_id or host, smtp, host)
        sending = asyncio.get_running_loop().run_in_executor(self._thread, session.send, message)
        try:
            refused = await asyncio.wait_for(asyncio.shield(sending), SESSION_LIMIT_S)
        except asyncio.TimeoutError:
            session.abort()
            await asyncio.gather(sending, return_exceptions=True)
            return f"{session.server} did not take it within {SESSION_LIMIT_S:g} s", False
        except asyncio.CancelledError:
            session.abort()
            sending.add_done_callback(lambda ended: ended.exception())  # nobody waits for it any more
            raise
        except (OSError, smtplib.SMTPException) as error:
            return f"{session.server}: {_what(error)}", _is_final(error)
        return (f"{session.server} refused {', '.join(sorted(refused))}", True) if refused else (None, False)


class Session:
    """One connection to the mail server; ``send`` blocks, ``abort`` ends it from another thread."""

    def __init__(self, smtp: Smtp, host: str) -> None:
        self._smtp = smtp
        self._host = host
        self._connection: Optional[smtplib.SMTP] = None
        self.server = f"mail server {smtp.server} port {smtp.port}"

    def send(self, message: EmailMessage) -> dict[str, Any]:
        """The recipients that were refused. Raises OSError, smtplib.SMTPException."""
        smtp = self._smtp
        recipients = [one_line(recipient) for recipient in smtp.recipients]
        with self._connected() as connection:
            if smtp.tls == _STARTTLS:
                connection.starttls(context=_trust(smtp))
            if smtp.user is not None:
                connection.login(smtp.user, _password(smtp))
            return connection.send_message(message, one_line(sender(smtp, self._host)), recipients)

    def _connected(self) -> smtplib.SMTP:
        smtp, name = self._smtp, self._smtp.helo_name or self._host
        timeout_s = smtp.connect_timeout_s
        if smtp.tls == _IMPLICIT_TLS:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=timeout_s, context=_trust(smtp))
        else:
            connection = smtplib.SMTP(local_hostname=name, timeout=timeout_s)
        # smtplib checks a certificate against the name given to its constructor; that would connect before ``abort``
        # has something to end.
        connection._host = smtp.server  # type: ignore[attr-defined]
        self._connection = connection
        code, answer = connection.connect(smtp.server or "", smtp.port)
        if code != _READY:
            connection.close()
            raise smtplib.SMTPConnectError(code, answer)
        return connection

    def abort(self) -> None:
        connection = self._connection
        held = connection.sock if connection is not None else None
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


def _trust(smtp: Smtp) -> ssl.SSLContext:
    """The certificate and its name are always checked: against ``ca_file``, or what this host trusts."""
    return ssl.create_default_context(cafile=smtp.ca_file)


def _password(smtp: Smtp) -> str:
    if smtp.password_file is None:
        return ""
    with open(smtp.password_file, encoding="utf-8") as file:
        return file.read(_PASSWORD_LIMIT).rstrip("\r\n")


def _what(error: Exception) -> str:
    """One line for people; an SMTP answer without what it may repeat of our login."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses the login ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refuses {', '.join(sorted(error.recipients))}"
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        return one_line(f"it answers {error.smtp_code} {text}")[:200]
    return one_line(str(error) or type(error).__name__)[:200]


def _is_final(error: Exception) -> bool:
    """An answer of 5xx, a wrong certificate and an unreadable file stay what they are; the rest may pass."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, (ssl.SSLCertVerificationError, FileNotFoundError, PermissionError))
