# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The active director loses its power under load: how long nobody answers, and whose connections survive."""

from __future__ import annotations

import http.client
import time

import pytest

from tests.lvs.load import Load, ask
from tests.lvs.test_traffic import service
from tests.lvs.topology import VIP, Topology, instance
from tests.netns.waiting import wait_for

START_S = 60.0
SYNCED = "global_defs {\nlvs_sync_daemon eth0 V\n}\n"
MASTER_DOWN_S = 3 + (256 - 100) / 256  # of the standby: three adverts missed, and its skew
GAP_S = MASTER_DOWN_S + 11.0  # a request that was under way, and a machine that does something else
REQUEST_S = 1.0
PATIENCE_S = 30.0  # of the connection that is to survive
SYNC_PACKETS = 6  # the kernel tells of a connection after its third packet, and each fiftieth


@pytest.mark.parametrize("synced", [True, False])
def test_the_active_director_dies_under_load(synced: bool, topology: Topology) -> None:
    topology.direct_routing()
    topology.start_servers()
    common = (SYNCED if synced else "") + service("DR", "10.0.0")
    standby_host = topology.second_director()
    active = topology.vipd_with_vrrp(topology.director, common + instance(150))
    standby = topology.vipd_with_vrrp(standby_host, common + instance(100))
    with standby:
        active.start()
        active.wait_for_state("MASTER", START_S)
        standby.wait_for_state("BACKUP", START_S)
        for host in (topology.director, standby_host):
            wait_for(lambda host=host: len(topology.table(host)) == 3, "the table", START_S)
        if synced:
            wait_for(lambda: topology.syncing(topology.director) == {"master"}, "the sender", START_S)
            wait_for(lambda: topology.syncing(standby_host) == {"backup"}, "the listener", START_S)
        with topology.client.entered():
            long_lived = http.client.HTTPConnection(VIP, 80, timeout=PATIENCE_S)
            long_lived.connect()
        long_lived.auto_open = False  # a second connection would prove nothing
        served_by = {ask(long_lived) for _count in range(SYNC_PACKETS)}
        with Load(topology, REQUEST_S) as load:
            wait_for(lambda: len(load.successes) >= 10, "requests", START_S)
            if synced:
                wait_for(lambda: topology.remembers(standby_host, long_lived.sock.getsockname()), "the copy", START_S)
            lost_before = load.lost
            topology.cut("director")
            active.kill()
            standby.wait_for_state("MASTER", START_S)
            taken_over_s = time.monotonic()
            wait_for(lambda: load.successes[-1] > taken_over_s + REQUEST_S, "requests again", START_S)
        lost = load.lost - lost_before
        print(f"synced {synced}: {load.longest_gap_s():.2f} s without an answer, {lost} requests lost")
        assert load.longest_gap_s() < GAP_S
        assert 0 < lost <= GAP_S / REQUEST_S + 1
        if synced:
            wait_for(lambda: topology.syncing(standby_host) == {"master"}, "the new sender", START_S)
            assert {ask(long_lived)} == served_by
        else:
            with pytest.raises((OSError, http.client.HTTPException)):
                ask(long_lived)
        long_lived.close()
