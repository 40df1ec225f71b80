# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a director's status comes to as metrics."""

from __future__ import annotations

from vipd.director.events import AdminState
from vipd.metrics.director import director_samples
from vipd.metrics.exposition import text
from vipd.metrics.families import DIRECTOR

from tests.agent.director.stage import Site, servers, service
from tests.agent.metrics.page import value

SERVER = "10.0.0.250:80 TCP"


def page(site: Site) -> str:
    return text(director_samples(site.director.snapshot()))


def test_real_servers_and_their_virtual_server() -> None:
    site = Site(service(servers(2, "weight 3"), "sorry_server 10.0.0.99 80"))
    site.check("10.0.0.11", False)
    site.check("10.0.0.12", True)
    assert value(page(site), "vipd_real_server_up", real_server="10.0.0.11:80") == 0
    assert value(page(site), "vipd_real_server_up", real_server="10.0.0.12:80") == 1
    assert value(page(site), "vipd_real_server_weight", real_server="10.0.0.12:80") == 3
    assert value(page(site), "vipd_virtual_server_weight", virtual_server=SERVER) == 3
    assert value(page(site), "vipd_virtual_server_quorate") == 1
    assert value(page(site), "vipd_virtual_server_sorry") == 0
    for _try in range(4):
        site.check("10.0.0.12", False)
    assert value(page(site), "vipd_virtual_server_quorate") == 0
    assert value(page(site), "vipd_virtual_server_sorry") == 1


def test_what_an_operator_wants() -> None:
    site = Site(service(servers(1)))
    site.want("10.0.0.11", AdminState.DRAIN)
    assert value(page(site), "vipd_real_server_admin", admin="drain") == 1
    assert value(page(site), "vipd_real_server_admin", admin="up") == 0


def test_every_metric_of_a_director_is_made() -> None:
    shown = page(Site(service(servers(1))))
    made = {line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE")}
    assert {family.name for family in DIRECTOR} - made == {"vipd_director_up"}
