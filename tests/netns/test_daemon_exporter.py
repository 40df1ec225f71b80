# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipctl exporter as a process of its own beside a real daemon: what it shows, and that neither disturbs the other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.agent.metrics.page import value
from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.daemon import ENVIRONMENT, Vipd
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

# A program whose name begins with vipctl is vipctl.
PROGRAM = "import sys; sys.argv[0] = 'vipctl'; from vipd.__main__ import main; raise SystemExit(main())"
SCRAPE_LIMIT_S = 30.0


@contextmanager
def exporter(daemon: Vipd) -> Iterator[str]:
    """Where it listens."""
    command = [
        sys.executable,
        "-c",
        PROGRAM,
        "--socket",
        str(daemon.control_socket),
        "exporter",
        "--listen",
        "127.0.0.1:0",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found is not None
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=SCRAPE_LIMIT_S)


def scrape(url: str) -> str:
    with urllib.request.urlopen(url, timeout=SCRAPE_LIMIT_S) as answer:
        return str(answer.read().decode())


def wait_until(url: str, name: str, wanted: float, **labels: str) -> None:
    """Until the metric has that value. A daemon that is slow to answer on a busy machine has none for a moment."""

    def is_so() -> bool:
        try:
            return value(scrape(url), name, **labels) == wanted
        except LookupError:
            return False

    wait_for(is_so, f"{name} to be {wanted:g}", SCRAPE_LIMIT_S)


def test_it_shows_the_daemon_it_stands_beside(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    with exporter(a) as url:
        wait_until(url, "vipd_up", 1)
        wait_until(url, "keepalived_vrrp_state", 2, ip_address=VIP)
        wait_until(url, "vipd_vip_held", 1, ip_address=VIP)
        wait_until(url, "vipd_config_last_reload_successful", 1)
        a.reload("vrrp_instance V {\n")
        wait_until(url, "vipd_config_last_reload_successful", 0)
        a.reload(instance(OWNER))
        wait_until(url, "vipd_config_last_reload_successful", 1)


def test_a_daemon_that_stands_still_or_is_gone_is_down(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER))
    a.start()
    with exporter(a) as url:
        os.kill(a.worker, signal.SIGSTOP)
        try:
            wait_until(url, "vipd_up", 0)
        finally:
            os.kill(a.worker, signal.SIGCONT)
        wait_until(url, "vipd_up", 1)
        a.stop()
        wait_until(url, "vipd_up", 0)
