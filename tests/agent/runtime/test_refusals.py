# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vipd refuses of a configuration that keepalived would take: each with its place, and what to do instead."""

from __future__ import annotations

import pytest
from vipd.config.parse import parse
from vipd.linux import nftables
from vipd.runtime.refusals import refusals

INSTANCE = "vrrp_instance V {{\n interface eth0\n virtual_router_id 51\n {}\n virtual_ipaddress {{\n  {}\n }}\n}}\n"
BESIDE = "10.0.0.3/32 is to be on a VMAC interface that is not the instance's"


def refused(line: str, vip: str = "10.0.0.3") -> list[str]:
    return [str(finding) for finding in refusals(parse(INSTANCE.format(line, vip), "f").config)]


def test_nothing_is_refused_that_vipd_does() -> None:
    assert refused("priority 100") == []
    assert refused("use_vmac") == refused("use_vmac", "10.0.0.3 dev eth0 use_vmac") == []
    assert refused("use_vmac", "10.0.0.3 dev eth1") == [], "beside the VMAC interface, with the MAC that eth1 has"


@pytest.mark.parametrize(
    ("line", "vip"),
    [
        ("use_vmac", "10.0.0.3 dev eth1 use_vmac"),
        ("use_vmac\n use_vmac_addr", "10.0.0.3 dev eth1"),
        ("use_vmac_addr", "10.0.0.3 dev eth1"),
        ("priority 100", "10.0.0.3 dev eth0 use_vmac"),
    ],
)
def test_a_vmac_interface_that_no_advert_crosses(line: str, vip: str) -> None:
    (finding,) = refused(line, vip)
    assert finding.startswith("f:")
    assert BESIDE in finding
    assert "put both into one vrrp_sync_group" in finding


def test_without_nft_nothing_can_be_kept_from_a_vip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nftables, "path", lambda: None)
    (finding,) = refused("no_accept")
    assert finding.startswith("f:1:")
    assert "vrrp_instance V does not accept traffic to its VIPs: that needs the program nft; install" in finding
    assert refused("accept") == refused("priority 255\n no_accept") == []


def test_words_that_mean_nothing_on_this_host() -> None:
    (finding,) = refused("virtual_routes {\n  10.1.0.0/16 dev eth0 table no-such-table\n }")
    assert finding.startswith("f:5:")
    assert "no-such-table" in finding
