# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layout of ``ipvsadm -Ln``, column by column; tests/lvs compares it with ipvsadm's own."""

from __future__ import annotations

from typing import Any

from vipd.director.listing import figures, lines, real_server_rows

from tests.agent.director.stage import Site, servers
from tests.agent.director.stage import service as virtual_server


def service(name: str, **options: Any) -> dict[str, Any]:
    plain = {"family": 4, "scheduler": "wrr", "persistence_s": 0, "netmask": 32, "flags": [], "engine": ""}
    destination = {"address": "10.0.0.11:80", "forwarding": "DR", "weight": 3, "active": 1, "inactive": 20}
    return {"service": name, "destinations": [destination], **plain, **options}


def shown(*services: dict[str, Any]) -> list[str]:
    return list(lines({"version": "1.2.1", "size": 4096, "services": services}))


def test_a_service_and_its_destination() -> None:
    assert shown(service("TCP 10.0.0.1:80")) == [
        "IP Virtual Server version 1.2.1 (size=4096)",
        "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
        "TCP  10.0.0.1:80 wrr",
        "  -> 10.0.0.11:80                 Route   3      1          20        ",
    ]


def test_what_stands_behind_the_scheduler() -> None:
    persistent = service("TCP 10.0.0.1:80", persistence_s=50, netmask=24, engine="sip")
    assert shown(persistent)[3] == "TCP  10.0.0.1:80 wrr persistent 50 mask 255.255.255.0 pe sip"
    assert shown(service("UDP 10.0.0.1:53", flags=["ops", "flag-2", "flag-1"]))[3].endswith("wrr ops (flag-1,flag-2)")
    ipv6 = service("TCP [fd00::1]:80", family=6, netmask=64, persistence_s=60)
    assert shown(ipv6)[3] == "TCP  [fd00::1]:80 wrr persistent 60 mask 64"
    scattered = service("TCP 10.0.0.1:80", persistence_s=50, netmask="255.0.255.0")
    assert shown(scattered)[3] == "TCP  10.0.0.1:80 wrr persistent 50 mask 255.0.255.0"
    assert shown(service("FWM 7"))[3] == "FWM  7 wrr"


def counted(**counts: int) -> dict[str, Any]:
    answer = {"version": "1.2.1", "size": 4096, "services": [{**service("TCP 10.0.0.1:80"), **counts}]}
    answer["services"][0]["destinations"][0].update(counts)
    return answer


def test_what_was_counted() -> None:
    so_far = counted(connections=7, packets_in=42, bytes_in=123_456_789, bytes_out=2 * 10**12)
    assert list(figures(so_far, "stats"))[1:] == [
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
        "  -> RemoteAddress:Port",
        "TCP  10.0.0.1:80                         7       42        0  123456K    2000G",
        "  -> 10.0.0.11:80                        7       42        0  123456K    2000G",
    ]
    now = counted(connections_per_s=3, bytes_out_per_s=99_999_999)
    assert list(figures(now, "rate"))[1] == (
        "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS"
    )
    assert list(figures(now, "rate"))[3] == (
        "TCP  10.0.0.1:80                         3        0        0        0 99999999"
    )


def test_real_servers_and_why() -> None:
    site = Site(virtual_server(servers(2)))
    site.check("10.0.0.11", False)
    first = ("10.0.0.250:80 TCP", "10.0.0.11:80", "down", "1", "fails")
    assert list(real_server_rows(site.director.snapshot(), "10.0.0.11")) == [first]
    assert len(list(real_server_rows(site.director.snapshot(), None))) == 2
    assert next(real_server_rows(site.director.snapshot(), "10.0.0.12:80"))[4] == "every check passes"
