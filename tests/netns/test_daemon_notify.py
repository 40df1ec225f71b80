# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When notify scripts run: in the order of the transitions, and never so long that a stop hangs.

What they are called with is compared with keepalived's calls in tests/interop/.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from vipd.runtime.engine import STOP_GRACE_S, WORKER_END_S

from tests.agent.checks.smtp_sink import Sink, certificate
from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.daemon import ENVIRONMENT
from tests.netns.namespace import Namespace
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

SECURITY = "global_defs {\n    script_user root\n    enable_script_security\n}\n"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_slow_scripts_keep_the_order_of_events(segment: Segment, tmp_path: Path) -> None:
    """The first takes longest; the VIP does not wait for any of them."""
    told = tmp_path / "told"
    slow = script(tmp_path / "slow", f"echo $1 begins >>{told}; sleep $2; echo $1 ends >>{told}")
    lines = (f'notify_backup "{slow} backup 1.5"', f'notify_master "{slow} master 0.1"', f'notify_stop "{slow} stop 0"')
    a = segment.vipd("a", SECURITY + instance(OWNER, *lines))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    assert told.read_text() == "backup begins\n"
    wait_for(lambda: told.read_text().endswith("master ends\n"), "both scripts to end", 4)
    assert a.stop() == 0
    assert told.read_text().splitlines() == [
        f"{state} {what}" for state in ("backup", "master", "stop") for what in ("begins", "ends")
    ]


def test_a_notify_script_that_hangs_does_not_hold_up_a_stop(segment: Segment, tmp_path: Path) -> None:
    hang = script(tmp_path / "hang", "exec sleep 1000")
    a = segment.vipd("a", SECURITY + instance(OWNER, f'notify_stop "{hang}"'))
    a.start()
    began = time.monotonic()
    assert a.stop() == 0
    assert time.monotonic() - began < 4
    assert "notify scripts still ran 1 s after the stop; ended them" in a.log()


def test_systemd_is_asked_to_wait_for_a_shutdown_script(
    segment: Segment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own limit for a stop is shorter than such a script may take."""
    done = tmp_path / "done"
    text = script(tmp_path / "shutdown", f"sleep 0.5; touch {done}")
    shutdown = f'    shutdown_script "{text}"\n    shutdown_script_timeout 20\n}}'
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        monkeypatch.setitem(ENVIRONMENT, "NOTIFY_SOCKET", str(tmp_path / "notify"))
        a = segment.vipd("a", SECURITY.replace("}", shutdown) + instance(OWNER))
        a.start()
        assert a.stop() == 0
        while not (told := systemd.recv(4096).decode()).startswith("STOPPING=1"):
            pass
    assert told == f"STOPPING=1\nEXTEND_TIMEOUT_USEC={round((STOP_GRACE_S + WORKER_END_S + 20) * 1e6)}"
    assert done.exists()


def test_a_script_that_is_missing_is_an_error_and_never_dropped(segment: Segment, tmp_path: Path) -> None:
    """A start is refused, and a reload changes nothing; keepalived would go on without the script."""
    missing = instance(OWNER, f'notify_master "{tmp_path}/missing"')
    a = segment.vipd("a", SECURITY + missing)
    a.launch()
    assert a.wait() == 5, a.log()
    assert f"{a.path}:5: error" in a.log().replace(":5:1:", ":5:")
    assert f"vrrp_instance V cannot run {tmp_path}/missing: No such file or directory" in a.log()

    a.path.write_text(instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    a.reload(SECURITY + missing)
    a.wait_for_log("was not loaded; the running configuration stays in force")
    assert segment.holders(VIP) == {"a"}


def test_a_fifo_gets_a_line_an_event_and_survives_a_reload(segment: Segment, tmp_path: Path) -> None:
    """Its script gets the path, and the last line of a stop; a reload may name another pipe."""
    told, path, other = tmp_path / "told", tmp_path / "fifo", tmp_path / "other"
    reader = script(tmp_path / "reader", f'exec cat "$1" >>{told}')
    node = (
        "global_defs {\n    script_user root\n"
        f'    vrrp_notify_fifo {path}\n    vrrp_notify_fifo_script "{reader}"\n}}\n'
    )
    a = segment.vipd("a", node + instance(OWNER))
    a.start()
    lines = ['INSTANCE "V" BACKUP 255', 'INSTANCE "V" MASTER 255']
    wait_for(lambda: told.exists() and told.read_text().splitlines() == lines, "both events", 3)
    assert [fifo["written"] for fifo in a.status()["notifications"]["fifos"]] == [2]

    a.reload(node.replace(str(path), str(other)) + instance(OWNER))
    wait_for(lambda: other.is_fifo() and not path.exists(), "the pipes to be exchanged", 6)
    assert a.stop() == 0
    assert told.read_text().splitlines() == [*lines, 'INSTANCE "V" STOP 255']
    assert not other.exists()


def test_nobody_reads_a_fifo(segment: Segment, tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    a = segment.vipd("a", f"global_defs {{\n    notify_fifo {path}\n}}\n" + instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    late = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    assert os.read(late, 1000).decode().splitlines() == ['INSTANCE "V" BACKUP 255', 'INSTANCE "V" MASTER 255']
    os.close(late)
    assert a.stop() == 0


def test_the_first_and_the_last_script(segment: Segment, tmp_path: Path) -> None:
    """Before the instances begin, and after they have ended; one that hangs has its time and no more."""
    told = tmp_path / "told"
    first = script(tmp_path / "first", f"ip -br address show dev eth0 >>{told}; echo first >>{told}")
    last = script(tmp_path / "last", f"ip -br address show dev eth0 >>{told}; echo last >>{told}; exec sleep 1000")
    node = (
        "global_defs {\n    script_user root\n"
        f'    startup_script "{first}"\n    shutdown_script "{last}"\n    shutdown_script_timeout 1\n}}\n'
    )
    a = segment.vipd("a", node + instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    began = time.monotonic()
    assert a.stop() == 0
    assert time.monotonic() - began < 6
    before, one, after, two = told.read_text().splitlines()
    assert (one, two) == ("first", "last")
    assert VIP not in before + after
    assert "shutdown_script" in a.log()
    assert "took longer than 1 s" in a.log()


@contextmanager
def mail_server(host: Namespace, tls: ssl.SSLContext) -> Iterator[Sink]:
    """On ``host``, in a thread of its own."""
    serving, sinks = threading.Event(), []
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        async with Sink(tls) as sink:
            sinks.append(sink)
            serving.set()
            await ended.wait()

    def inside() -> None:
        with host.entered():
            loop.run_until_complete(serve())

    thread = threading.Thread(target=inside)
    thread.start()
    try:
        assert serving.wait(5)
        yield sinks[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(5)
        loop.close()


def test_a_mail_goes_out_encrypted(segment: Segment, tmp_path: Path) -> None:
    """The worker starts without OpenSSL, and loads it when a reload makes it send mail; its certificate is checked."""
    tls, trusted = certificate(tmp_path, "127.0.0.1")
    host = segment.hosts["a"]
    host.ip("link set lo up")
    a = segment.vipd("a", instance(OWNER))
    a.start()
    assert not loads_openssl(a.worker)
    (a.path.parent / "vipd.conf").write_text(
        f"global_defs {{\n    smtp {{\n        tls starttls\n        ca_file {trusted}\n    }}\n}}\n"
    )
    with mail_server(host, tls) as sink:
        node = f"notification_email {{\n ops@example.org\n}}\nsmtp_server 127.0.0.1 {sink.port}\nsmtp_alert\n"
        a.reload(f"global_defs {{\n{node}}}\n" + instance(OWNER))
        a.wait_for_log("reload: ")
        host.ip("link set eth0 down")
        wait_for(lambda: sink.mails, f"a mail; {a.log()}", 5)
    assert sink.mails[0].encrypted
    assert "Entering FAULT state" in sink.mails[0].text
    assert loads_openssl(a.worker)


def loads_openssl(pid: int) -> bool:
    return "libssl" in Path(f"/proc/{pid}/maps").read_text()
