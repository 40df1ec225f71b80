# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole daemon: VRRP and director side by side, and what one's death is to the other."""

from __future__ import annotations

import os
import signal

from tests.lvs.test_table import CONFIGURATIONS
from tests.lvs.topology import Topology, instance
from tests.netns.waiting import wait_for

WITHIN_S = 25.0
INSTANCE = instance(100)


def test_the_director_runs_beside_vrrp_and_is_started_again(topology: Topology) -> None:
    daemon = topology.vipd_with_vrrp(topology.director, INSTANCE + CONFIGURATIONS["plain"])
    with daemon:
        wait_for(lambda: len(topology.table()) == 3, "the table", WITHIN_S)
        daemon.wait_for_state("MASTER", WITHIN_S)
        first = daemon.director_pid()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: "starting it again" in daemon.log(), "the worker to notice", WITHIN_S)
        assert len(topology.table()) == 3
        wait_for(lambda: daemon.director_pid() != first, "another director", WITHIN_S)
        assert daemon.instance()["state"] == "MASTER"
        daemon.reload(INSTANCE + CONFIGURATIONS["plain"].replace("10.0.0.12", "10.0.0.13"))
        wait_for(lambda: "10.0.0.13:80" in "".join(topology.table()), "the reload", WITHIN_S)
        daemon.reload(INSTANCE)
        wait_for(lambda: topology.table() == [], "no services without virtual servers", WITHIN_S)
        daemon.reload(INSTANCE + CONFIGURATIONS["plain"])
        wait_for(lambda: len(topology.table()) == 3, "services again", WITHIN_S)
    assert topology.table() == []
