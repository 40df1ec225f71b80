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
import time
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


def test_it_shows_the_daemon_it_stands_beside(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    with exporter(a) as url:
        page = scrape(url)
        assert value(page, "vipd_up") == 1
        assert value(page, "keepalived_vrrp_state", ip_address=VIP) == 2
        assert value(page, "vipd_vip_held", ip_address=VIP) == 1
        assert value(page, "vipd_config_last_reload_successful") == 1
        assert 0 < value(page, "vipd_start_time_seconds") <= time.time()
        a.reload("vrrp_instance V {\n")
        wait_for(lambda: value(scrape(url), "vipd_config_last_reload_successful") == 0, "the refused reload", 10)
        a.reload(instance(OWNER))
        wait_for(lambda: value(scrape(url), "vipd_config_last_reload_successful") == 1, "the good reload", 10)


def test_a_daemon_that_stands_still_or_is_gone_is_down(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER))
    a.start()
    with exporter(a) as url:
        os.kill(a.worker, signal.SIGSTOP)
        try:
            wait_for(lambda: value(scrape(url), "vipd_up") == 0, "it to be shown as down", SCRAPE_LIMIT_S)
        finally:
            os.kill(a.worker, signal.SIGCONT)
        wait_for(lambda: value(scrape(url), "vipd_up") == 1, "it to be shown as up again", SCRAPE_LIMIT_S)
        a.stop()
        wait_for(lambda: value(scrape(url), "vipd_up") == 0, "it to be shown as down", SCRAPE_LIMIT_S)
