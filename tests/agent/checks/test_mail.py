# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts by mail, against a real server: keepalived's words, TLS that is checked, and servers that misbehave."""

from __future__ import annotations

import sys
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest
from vipd.checks import mail
from vipd.checks.alert import compose
from vipd.checks.mail import Mailer
from vipd.config.model import GlobalDefs, Smtp
from vipd.core.effects import RunNotify

from tests.agent.checks.smtp_sink import Sink, certificate
from tests.agent.checks.waiting import conversation, until

SMTP = Smtp(server="127.0.0.1", sender="vrrp@example.org", recipients=("ops@example.org", "dev@example.org"))
MASTER = RunNotify("VI_1", "MASTER", (), priority=100, mail=True)
STARTTLS_ON_SERVER = pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio's server side of it is not there")


def node(sink: Sink, **smtp: object) -> GlobalDefs:
    settings = {"connect_timeout_s": 5.0, **vars(SMTP), "port": sink.port, **smtp}
    return GlobalDefs(router_id="LVS_ONE", smtp=Smtp(**settings))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "RETRY_AFTER_S", (0.05, 0.05))


def composed(notify: RunNotify, smtp: Smtp = SMTP, router_id: str = "LVS_ONE") -> Message:
    return message_from_string(compose(notify, router_id, smtp, "lb01").as_string())


@pytest.mark.parametrize(
    ("notify", "subject", "body"),
    [
        (
            MASTER,
            "[LVS_ONE] VRRP Instance VI_1 - Entering MASTER state",
            "=> VRRP Instance is now owning VRRP VIPs <=",
        ),
        (
            RunNotify("VI_1", "BACKUP", ()),
            "[LVS_ONE] VRRP Instance VI_1 - Entering BACKUP state",
            "=> VRRP Instance is no longer owning VRRP VIPs <=",
        ),
        (
            RunNotify("VI_1", "FAULT", ()),
            "[LVS_ONE] VRRP Instance VI_1 - Entering FAULT state",
            "=> VRRP Instance is no longer owning VRRP VIPs <=",
        ),
        (
            RunNotify("G", "MASTER", (), kind="GROUP"),
            "[LVS_ONE] VRRP Group G - Entering MASTER state",
            "=> All VRRP group instances are now in MASTER state <=",
        ),
    ],
)
def test_the_words_are_keepaliveds(notify: RunNotify, subject: str, body: str) -> None:
    """As a keepalived 2.2.7 sent them to a server of ours."""
    message = composed(notify)
    assert message["Subject"] == subject
    assert message.get_payload().split("\n")[0].strip() == body
    assert message["From"] == "vrrp@example.org"
    assert message["To"] == "ops@example.org, dev@example.org"


@pytest.mark.parametrize("bad", ["a\r\nBcc: spy@example.org", "a\nBcc: spy@example.org", "a\u2028Bcc: spy@x", "a\x00b"])
def test_no_name_can_add_a_header(bad: str) -> None:
    for message in (
        composed(RunNotify(bad, "MASTER", ())),
        composed(MASTER, router_id=bad),
        composed(MASTER, Smtp(sender=bad, recipients=(f"{bad}@example.org",))),
    ):
        assert message["Bcc"] is None
        assert len(message.get_all("To", [])) == 1


def test_a_mail_goes_to_everybody() -> None:
    async def main() -> None:
        async with Sink() as sink:
            mailer = Mailer(pytest.fail)
            mailer.configure(node(sink, helo_name="lb01.example.org"))
            mailer.send(MASTER)
            await until(lambda: sink.mails)
            assert sink.mails[0].sender == "<vrrp@example.org>"
            assert sink.mails[0].recipients == ["<ops@example.org>", "<dev@example.org>"]
            assert "Entering MASTER state" in sink.mails[0].text
            await mailer.finish(5)
            assert mailer.status() == {"sent": 1, "failed": 0, "dropped": 0, "waiting": 0, "last_error": None}

    conversation(main())


def test_nothing_is_sent_without_a_server_or_a_recipient_or_for_what_is_no_state() -> None:
    async def main() -> None:
        async with Sink() as sink:
            mailer = Mailer(pytest.fail)
            for settings in (GlobalDefs(), node(sink, recipients=())):
                mailer.configure(settings)
                mailer.send(MASTER)
            mailer.configure(GlobalDefs(smtp=node(sink).smtp, no_email_faults=True))
            mailer.send(RunNotify("VI_1", "MASTER_PRIORITY", ()))
            mailer.send(RunNotify("VI_1", "FAULT", ()))
            await mailer.finish(5)
            assert sink.connections == 0

    conversation(main())


def test_implicit_tls_and_a_login_from_a_file(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, "127.0.0.1")
    password = tmp_path / "password"
    password.write_text("s3cret\n")

    async def main() -> None:
        async with Sink(tls, implicit=True) as sink:
            mailer = Mailer(pytest.fail)
            mailer.configure(node(sink, tls="implicit", ca_file=trusted, user="vipd", password_file=str(password)))
            mailer.send(MASTER)
            await until(lambda: sink.mails)
            assert sink.mails[0].encrypted
            assert sink.mails[0].login == ("vipd", "s3cret")
            await mailer.finish(5)

    conversation(main())


@STARTTLS_ON_SERVER
def test_starttls_comes_before_the_login(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, "127.0.0.1")
    (tmp_path / "password").write_text("s3cret")

    async def main() -> None:
        async with Sink(tls) as sink:
            mailer = Mailer(pytest.fail)
            mailer.configure(
                node(sink, tls="starttls", ca_file=trusted, user="vipd", password_file=str(tmp_path / "password"))
            )
            mailer.send(MASTER)
            await until(lambda: sink.mails)
            assert sink.mails[0].encrypted
            assert sink.verbs.index("STARTTLS") < sink.verbs.index("AUTH")
            await mailer.finish(5)

    conversation(main())


def test_without_starttls_nothing_is_said_in_the_clear(tmp_path: Path) -> None:
    """A man in the middle takes the word STARTTLS out of the answer: that must not make a login readable."""
    (tmp_path / "password").write_text("s3cret")
    refusal(Sink(), tls="starttls", user="vipd", password_file=str(tmp_path / "password"), says="STARTTLS")


def test_a_certificate_of_nobody_we_trust(tmp_path: Path) -> None:
    tls, _trusted = certificate(tmp_path, "127.0.0.1")
    refusal(Sink(tls, implicit=True), tls="implicit", says="certificate verify failed")


def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, "mail.example.org")
    refusal(Sink(tls, implicit=True), tls="implicit", ca_file=trusted, says="certificate is not valid for")


def refusal(sink: Sink, says: str, **smtp: object) -> None:
    """No mail, no verb after the greeting that shows anything, and the reason told once."""
    told: list[str] = []

    async def main() -> None:
        async with sink:
            mailer = Mailer(told.append)
            mailer.configure(node(sink, **smtp))
            mailer.send(MASTER)
            await until(lambda: told)
            await mailer.finish(5)

    conversation(main())
    assert not {"AUTH", "MAIL", "DATA"} & set(sink.verbs)
    assert says.lower() in told[0].lower()


@pytest.mark.parametrize(
    ("manners", "connections", "says"),
    [
        ({"connect": "554 go away"}, 1, "answers 554"),
        ({"connect": "421 busy"}, 3, "answers 421"),
        ({"connect": "close"}, 3, "closed"),
        ({"mail": "451 later"}, 3, "answers 451"),
        ({"rcpt": "550 unknown"}, 1, "refuses dev@example.org, ops@example.org"),
        ({"data": "close"}, 3, "closed"),
        ({"text": "close"}, 3, "closed"),
        ({"auth": "535 wrong s3cret"}, 1, "refuses the login"),
        ({"ehlo": "stall"}, 3, "timed out"),
        ({"connect": "stall"}, 3, "timed out"),
    ],
)
def test_a_server_that_misbehaves(manners: dict[str, str], connections: int, says: str, tmp_path: Path) -> None:
    """What may pass is tried again, a few times; what will not is told at once. The password stands nowhere."""
    told: list[str] = []
    (tmp_path / "password").write_text("s3cret")

    async def main() -> None:
        async with Sink(**manners) as sink:
            mailer = Mailer(told.append)
            login = {"user": "vipd", "password_file": str(tmp_path / "password")} if "auth" in manners else {}
            mailer.configure(node(sink, connect_timeout_s=0.3, **login))
            mailer.send(MASTER)
            await until(lambda: told)
            assert sink.mails == []
            assert sink.connections == connections
            sink.manners.clear()
            mailer.send(MASTER)
            await until(lambda: sink.mails)
            await mailer.finish(5)
            assert mailer.status()["failed"] == 1

    conversation(main())
    assert len(told) == 1
    assert told[0].startswith("(VI_1) mail for MASTER was not sent: mail server 127.0.0.1 port ")
    assert says in told[0]
    assert "s3cret" not in told[0]


def test_a_server_that_never_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers in time, line after line of one answer: a limit of its own ends that."""
    monkeypatch.setattr(mail, "SESSION_LIMIT_S", 0.3)
    told: list[str] = []

    async def main() -> None:
        async with Sink(connect="220-" + "and\r\n220-" * 200_000 + "so on") as sink:
            mailer = Mailer(told.append)
            mailer.configure(node(sink))
            mailer.send(MASTER)
            await until(lambda: told)
            await mailer.finish(5)

    conversation(main())
    assert "did not take it within 0.3 s" in told[0]


def test_nobody_there() -> None:
    told: list[str] = []

    async def main() -> None:
        async with Sink() as sink:
            closed = node(sink)
        mailer = Mailer(told.append)
        mailer.configure(closed)
        mailer.send(MASTER)
        await until(lambda: told)
        await mailer.finish(5)

    conversation(main())
    assert "refused" in told[0]


def test_beyond_the_bound_the_oldest_mails_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "QUEUE_LIMIT", 2)
    told: list[str] = []

    async def main() -> None:
        async with Sink(connect="stall") as sink:
            mailer = Mailer(told.append)
            mailer.configure(node(sink))
            for state in ("MASTER", "BACKUP", "FAULT", "STOP"):
                mailer.send(RunNotify("VI_1", state, ()))
            assert mailer.status()["waiting"] == 2
            assert mailer.status()["dropped"] == 2
            await mailer.finish(0.2)

    conversation(main())
    assert "(VI_1) mail for MASTER dropped" in told[0]
    assert told[-1] == "2 alerts by mail were not sent before the stop"
