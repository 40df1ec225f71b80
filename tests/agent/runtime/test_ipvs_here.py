# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node lacks for its virtual servers, named before anything is changed; with a real table in tests/lvs/."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from vipd.cli import main
from vipd.config.lvs_services import ServiceKey, keys
from vipd.config.parse import parse
from vipd.director.services import service
from vipd.director.table import Destination, DestinationKey, Service
from vipd.linux.ipvs import NoIpvsError
from vipd.linux.way import Way
from vipd.runtime import ipvs_here
from vipd.start import EXIT_CONFIG, EXIT_OK

SERVICE = """virtual_server 10.0.0.250 80 {{
    lb_algo {algo}
    lb_kind {kind}
    protocol TCP
    real_server 10.0.0.11 80 {{
    }}
}}
"""


class Kernel:
    """A table, or the lack of one."""

    table: dict[ServiceKey, Service] | None = None

    def __init__(self) -> None:
        if self.table is None:
            raise NoIpvsError("this kernel has no IPVS: load it with modprobe ip_vs")

    def services(self) -> dict[ServiceKey, Service]:
        return self.table or {}

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(ipvs_here, "Ipvs", Kernel)
    monkeypatch.setattr(ipvs_here, "ways_to", lambda found: dict.fromkeys(found, Way.NEIGHBOUR))
    monkeypatch.setattr(ipvs_here, "MODULES", str(tmp_path / "modules"))
    monkeypatch.setattr(ipvs_here, "LOADED", str(tmp_path / "loaded"))
    Kernel.table = {}
    yield
    Kernel.table = None


def said(algo: str = "rr", kind: str = "DR", text: str = SERVICE) -> list[str]:
    return [str(found) for found in ipvs_here.ipvs_here(parse(text.format(algo=algo, kind=kind)).config)]


def test_a_node_that_has_everything() -> None:
    assert said() == []


@pytest.mark.parametrize(("flags", "status"), [((), EXIT_CONFIG), (("-C",), EXIT_CONFIG), (("-P",), EXIT_OK)])
def test_who_runs_vrrp_alone_needs_no_ipvs(
    flags: tuple[str, ...], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Kernel.table = None
    path = tmp_path / "keepalived.conf"
    path.write_text(SERVICE.format(algo="rr", kind="DR"))
    assert main(["-t", *flags, "-f", str(path)]) == status
    assert ("this kernel has no IPVS" in capsys.readouterr().err) == (status == EXIT_CONFIG)


def test_a_kernel_without_ipvs_is_one_error() -> None:
    Kernel.table = None
    (only,) = said()
    assert "error: virtual servers cannot be served: this kernel has no IPVS: load it with modprobe ip_vs" in only
    assert said(text="") == []


def test_a_scheduler_whose_module_is_missing(tmp_path: Path) -> None:
    modules = tmp_path / "modules" / os.uname().release
    modules.mkdir(parents=True)
    (modules / "modules.dep").write_text("kernel/net/netfilter/ipvs/ip_vs_rr.ko.xz: kernel/x.ko\n")
    (modules / "modules.builtin").write_text("kernel/net/netfilter/ipvs/ip_vs_sh.ko\n")
    assert said("rr") == said("sh") == []
    assert "this kernel has no scheduler wrr: there is no module ip_vs_wrr" in said("wrr")[0]
    (tmp_path / "loaded" / "ip_vs_wrr").mkdir(parents=True)
    assert said("wrr") == []


def test_a_service_of_somebody_else_s() -> None:
    (server,) = parse(SERVICE.format(algo="rr", kind="DR")).config.lvs.virtual_servers
    (key,) = keys(server, {})
    Kernel.table = {key: service(server, key, {})}
    assert said() == []
    Kernel.table = {key: Service("lc")}
    (foreign,) = said()
    assert "warning: the kernel has the service TCP 10.0.0.250:80 already, with scheduler lc" in foreign
    assert foreign.endswith("it is taken over and changed: stop what made it")
    places = {DestinationKey(IPv4Address(f"10.0.0.{last}"), 80): Destination() for last in (11, 77)}
    Kernel.table = {key: service(server, key, places)}
    assert "already, with real server 10.0.0.77:80" in said()[0]
    assert said(text=SERVICE.replace("    real_server", "    sorry_server 10.0.0.77 80\n    real_server")) == []


def test_what_the_director_of_this_node_serves_is_no_stranger_s() -> None:
    config = parse(SERVICE.format(algo="rr", kind="DR")).config
    (key,) = keys(config.lvs.virtual_servers[0], {})
    Kernel.table = {key: Service("lc")}
    found = [len(ipvs_here.ipvs_here(config, {served})) for served in ("10.0.0.250:80 TCP", "10.0.0.251:80 TCP")]
    assert found == [0, 1]


@pytest.mark.parametrize(
    ("kind", "way", "expected"),
    [
        ("DR", Way.ROUTER, "error: real server 10.0.0.11:80 is behind a router"),
        ("NAT", Way.ROUTER, None),
        ("TUN", Way.ROUTER, None),
        ("DR", Way.NONE, None),
        ("NAT", Way.OURSELVES, "warning: real server 10.0.0.11:80 is this node itself"),
    ],
)
def test_where_real_servers_are(kind: str, way: Way, expected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ipvs_here, "ways_to", lambda found: dict.fromkeys(found, way))
    found = said(kind=kind)
    assert [expected in one for one in found] == ([True] if expected else [])
