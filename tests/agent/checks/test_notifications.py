# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told of a change: pipes, scripts and mailboxes, as the configuration says, and again after a reload."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import vipd
from vipd.checks.notifications import Notifications
from vipd.config.model import Command, Config, Fifo, GlobalDefs, Smtp
from vipd.core.effects import RunNotify

from tests.agent.checks.smtp_sink import Sink
from tests.agent.checks.waiting import conversation, until


def test_everybody_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = Command(("/bin/sh", "-c", f"echo ran >>{log}"))

    async def main() -> None:
        async with Sink() as sink:
            notifications = Notifications(pytest.fail)
            fifos = {"notify_fifo": Fifo(str(tmp_path / "all")), "vrrp_notify_fifo": Fifo(str(tmp_path / "vrrp"))}
            smtp = Smtp(server="127.0.0.1", port=sink.port, recipients=("ops@example.org",))
            await notifications.configure(Config(GlobalDefs(smtp=smtp, **fifos)))
            readers = [os.open(fifo.path, os.O_RDONLY | os.O_NONBLOCK) for fifo in fifos.values()]
            notifications.run(RunNotify("V", "MASTER", (command,), priority=9, mail=True))
            notifications.run(RunNotify("V", "MASTER_PRIORITY", (), priority=8))
            notifications.run(RunNotify("V", "BACKUP", (command,), priority=8, fifo=False))
            for reader in readers:
                assert os.read(reader, 100) == b'INSTANCE "V" MASTER 9\nINSTANCE "V" MASTER_PRIORITY 8\n'
                os.close(reader)
            await until(lambda: sink.mails)
            await notifications.finish(10)
            status = notifications.status()
            assert status["sequence"] == 3
            assert status["scripts"][0]["sequence"] == 3
            assert status["mail"]["sent"] == 1
            assert [fifo["written"] for fifo in status["fifos"]] == [2, 2]

    conversation(main())
    assert log.read_text() == "ran\nran\n"


def test_a_reload_keeps_a_pipe_that_stays_and_exchanges_one_that_does_not(tmp_path: Path) -> None:
    stays, goes, comes = (Fifo(str(tmp_path / name)) for name in ("stays", "goes", "comes"))

    async def main() -> None:
        notifications = Notifications(pytest.fail)
        await notifications.configure(Config(GlobalDefs(notify_fifo=stays, vrrp_notify_fifo=goes)))
        inode = Path(stays.path).stat().st_ino
        await notifications.configure(Config(GlobalDefs(notify_fifo=stays, vrrp_notify_fifo=comes)))
        assert Path(stays.path).stat().st_ino == inode
        assert not Path(goes.path).exists()
        assert Path(comes.path).is_fifo()
        await notifications.finish(0)
        assert not list(tmp_path.iterdir())

    conversation(main())


def test_what_sends_mail_is_loaded_only_by_a_node_that_does() -> None:
    program = "import sys, vipd.checks.notifications; print('smtplib' in sys.modules)"
    where = Path(vipd.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=where, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
