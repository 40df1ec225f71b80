# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told of servers that come and go: pipes in keepalived's words, mailboxes where an alert is wanted."""

from __future__ import annotations

import os
from dataclasses import replace
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
from vipd.checks.fifo import NotifyFifo
from vipd.checks.security import Rules
from vipd.checks.service_notifications import ServiceNotifications
from vipd.config.model import Command, Config, Fifo, GlobalDefs, Smtp
from vipd.director.effects import Announce

from tests.agent.checks.smtp_sink import Sink
from tests.agent.checks.waiting import conversation, until

RS = Announce("RS", ("[10.0.0.11]:tcp:80", "[10.0.0.1]:tcp:80"), "DOWN", None)
VS = Announce("VS", ("[10.0.0.1]:tcp:80",), "UP", None)
LINES = b"RS [10.0.0.11]:tcp:80 [10.0.0.1]:tcp:80 DOWN\nVS [10.0.0.1]:tcp:80 UP\n"


def read(path: Path) -> bytes:
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(reader, 4096)
    finally:
        os.close(reader)


def test_both_pipes_get_the_lines_and_the_worker_s_stays_where_it_is(tmp_path: Path) -> None:
    shared, own = Fifo(str(tmp_path / "all")), Fifo(str(tmp_path / "lvs"))

    async def main() -> None:
        worker = NotifyFifo(shared, Rules(), pytest.fail)
        worker.open()
        told = ServiceNotifications(pytest.fail, guest=True)
        config = Config(GlobalDefs(notify_fifo=shared, lvs_notify_fifo=own))
        told.configure(config)
        told.tell(RS)
        told.configure(config)
        told.tell(VS)
        assert read(tmp_path / "all") == read(tmp_path / "lvs") == LINES
        await told.finish(1)
        assert (tmp_path / "all").exists()
        assert not (tmp_path / "lvs").exists()
        await worker.close(1)

    conversation(main())


def test_a_pipe_that_is_not_there_yet_is_told_and_a_reload_that_drops_one_removes_it(tmp_path: Path) -> None:
    complaints: list[str] = []

    async def main() -> None:
        told = ServiceNotifications(complaints.append, guest=True)
        told.configure(
            Config(GlobalDefs(notify_fifo=Fifo(str(tmp_path / "all")), lvs_notify_fifo=Fifo(str(tmp_path / "lvs"))))
        )
        assert (tmp_path / "lvs").exists()
        told.configure(Config())
        await until(lambda: not (tmp_path / "lvs").exists())
        await told.finish(1)

    conversation(main())
    assert complaints == [f"no event is written to the notify FIFO {tmp_path / 'all'}: No such file or directory"]


def test_a_reload_that_changes_the_script_makes_the_pipe_again(tmp_path: Path) -> None:
    """Also where the next reload comes before the first script has ended; and the end removes it."""
    pipe = tmp_path / "lvs"

    def config(seconds: int) -> Config:
        script = Command(("/bin/sh", "-c", f"exec sleep {seconds}"))
        return Config(GlobalDefs(lvs_notify_fifo=Fifo(str(pipe), script)))

    async def main() -> None:
        complaints: list[str] = []
        told = ServiceNotifications(complaints.append, guest=False)
        told.configure(config(1000))
        told.configure(config(1001))
        told.configure(config(1002))
        await until(lambda: pipe.exists() and not told._exchanges)
        await until(lambda: told._fifos["lvs_notify_fifo"].status()["open"])
        assert pipe.exists()
        told.tell(RS)
        assert read(pipe) == LINES.splitlines(keepends=True)[0]
        told.configure(config(1003))
        await told.finish(1)
        assert not pipe.exists()
        assert complaints == []

    conversation(main())


@pytest.mark.parametrize(
    ("announced", "node", "expected"),
    [
        (RS, {}, True),
        (VS, {}, False),
        (VS, {"smtp_alert": True}, True),
        (RS, {"smtp_alert": False}, False),
        (replace(RS, alert=False), {"smtp_alert": True}, False),
        (replace(VS, alert=True), {}, True),
    ],
)
def test_who_gets_mail(announced: Announce, node: dict[str, bool], expected: bool, tmp_path: Path) -> None:
    mails: list[str] = []

    async def main() -> None:
        async with Sink() as sink:
            smtp = Smtp(server="127.0.0.1", port=sink.port, recipients=("ops@example.org",))
            told = ServiceNotifications(pytest.fail, guest=False)
            told.configure(Config(GlobalDefs(router_id="L", smtp=smtp, **node)))
            told.tell(announced)
            told.tell(replace(RS, alert=True, state="UP"))
            await until(lambda: len(sink.mails) == 1 + expected)
            await told.finish(5)
            mails.extend(mail.text for mail in sink.mails)

    conversation(main())
    message = message_from_string(mails[-1], policy=default)  # unfolds its header
    assert message["Subject"] == "[L] Realserver [10.0.0.11]:tcp:80 of virtual server [10.0.0.1]:tcp:80 - UP"
    assert "=> CHECK succeed on service <=" in mails[-1]
