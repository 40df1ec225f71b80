# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIPs that their master must not accept traffic to: what gets through, and that nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from vipd.linux.nftables import Firewall, NftablesError, Table, is_foreign, remove, run

from tests.netns.configuration import GRACE_S, OTHER_VIP, VIP, down_s, instance
from tests.netns.daemon import Vipd
from tests.netns.namespace import Namespace
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

LINK_LOCAL_VIP, VIP6 = "fe80::51", "2001:db8::100"
TABLE = Table("vipd", -1, frozenset({ip_address(VIP), ip_address(VIP6)}))


@pytest.fixture
def dual(tmp_path: Path) -> Iterator[Segment]:
    with Segment(tmp_path, "a", "b", ipv6=True) as two_hosts:
        yield two_hosts
    print(two_hosts.logs())


def master(segment: Segment, text: str, vip: str) -> Vipd:
    """Priority 255 accepts whatever is said: the owner's addresses are its own."""
    a = segment.vipd("a", text)
    a.start()
    segment.wait_for_holders(vip, "a", down_s(254))
    return a


def answers(host: Namespace, address: str) -> bool:
    return host.start("ping", "-q", "-c", "1", "-W", "1", address).wait(5) == 0


def ruleset(host: Namespace) -> str:
    with host.entered():
        return run("", "list", "ruleset")


def test_a_master_that_does_not_accept_is_a_router_alone(segment: Segment) -> None:
    """Its VIP answers for itself on the link and to nobody beyond; VIPs of others are left alone."""
    other = instance(254, name="W", vrid=52, vips=[OTHER_VIP])
    a = master(segment, instance(254, "version 3", "no_accept") + other, VIP)
    segment.wait_for_holders(OTHER_VIP, "a", GRACE_S)
    b = segment.hosts["b"]
    assert not answers(b, VIP)
    assert segment.hosts["a"].mac().hex(":") in b.ip(f"neighbour show {VIP}")
    assert answers(b, OTHER_VIP)
    a.reload(instance(254, "version 3") + other)
    wait_for(lambda: ruleset(segment.hosts["a"]) == "", "the table to go")
    assert answers(b, VIP)


def test_over_ipv6_neighbour_discovery_goes_on(dual: Segment) -> None:
    a = master(dual, instance(254, "version 3", "no_accept", vips=[LINK_LOCAL_VIP, f"{VIP6}/64"]), VIP6)
    b = dual.hosts["b"]
    for vip in (f"{LINK_LOCAL_VIP}%eth0", VIP6):
        assert not answers(b, vip)
        assert dual.hosts["a"].mac().hex(":") in b.ip(f"neighbour show {vip.partition('%')[0]} dev eth0")
    assert answers(b, "2001:db8::1")
    assert a.stop() == 0
    assert ruleset(dual.hosts["a"]) == ""


def test_the_table_is_there_before_the_address_and_gone_after_a_crash(segment: Segment) -> None:
    a = segment.vipd("a", "global_defs {\n    nftables mine\n}\n" + instance(254, "version 3", "no_accept"))
    a.start()
    assert "table inet mine" in ruleset(segment.hosts["a"])
    assert segment.holders(VIP) == set()
    a.kill()
    a.release()
    assert ruleset(segment.hosts["a"]) == ""


def test_nobody_needs_it_when_all_accept(segment: Segment) -> None:
    a = segment.vipd("a", instance(254))
    a.start()
    assert ruleset(segment.hosts["a"]) == ""


def test_a_table_of_others_is_left_alone(segment: Segment) -> None:
    with segment.hosts["a"].entered():
        run("table inet vipd {\nchain mine {\naccept\n}\n}")
        assert is_foreign("vipd")
    a = segment.vipd("a", instance(254, "version 3", "no_accept"))
    a.launch()
    assert a.wait() == 5
    assert "there is one that vipd did not make; give nftables another name" in a.log()
    assert "chain mine" in ruleset(segment.hosts["a"])


def test_a_change_is_one_transaction_and_twice_is_once(left: Namespace) -> None:
    with left.entered():
        firewall = Firewall()
        other = Table("vipd", -1, frozenset({ip_address(OTHER_VIP)}))
        firewall.ensure(TABLE)
        first = ruleset(left)
        firewall.ensure(TABLE)
        assert ruleset(left) == first
        assert not is_foreign("vipd")
        firewall.ensure(other)
        assert all(vip in ruleset(left) for vip in (VIP, VIP6, OTHER_VIP))
        firewall.retire(other)
        assert [vip in ruleset(left) for vip in (VIP, VIP6, OTHER_VIP)] == [False, False, True]
        firewall.remove()
        remove("vipd")
        assert ruleset(left) == ""


def test_what_nft_refuses_is_told(left: Namespace) -> None:
    with left.entered(), pytest.raises(NftablesError, match="syntax error"):
        run("no such thing")


def test_without_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NftablesError, match="no program nft"):
        run("list ruleset")
