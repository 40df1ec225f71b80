# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMAC interfaces beside keepalived's, and what neighbours learn of them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from vipd.config.model import VirtualAddress
from vipd.linux.addresses import encode_add
from vipd.linux.link import Link
from vipd.linux.rtnetlink import KernelSocket
from vipd.linux.sysctl import ChangedSettings
from vipd.linux.vmac import Vmac, VmacInterfaces, settings_below

from tests.netns.daemon import Keepalived
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

VMAC = Vmac("vrrp.51", "eth0", bytes.fromhex("00005e000133"), ipv4=True, ipv6=False)
VMAC6 = Vmac("vrrp6.52", "eth0", bytes.fromhex("00005e000234"), ipv4=False, ipv6=True)
VIP = IPv4Address("10.0.0.100")

KEEPALIVED = """
vrrp_instance V4 {
    interface eth0
    virtual_router_id 51
    use_vmac
    virtual_ipaddress {
        10.0.0.100/24
    }
}
vrrp_instance V6 {
    interface eth0
    virtual_router_id 52
    version 3
    use_vmac vrrp6.52
    virtual_ipaddress {
        fe80::52
    }
}
"""
# What we set beyond keepalived: the base interface never asks in a VIP's name, a VMAC interface never for a router.
OURS_ALONE = {"ipv4/eth0/arp_announce", "ipv6/vrrp6.52/accept_ra", "ipv6/vrrp6.52/router_solicitations"}


def base(host: Namespace) -> dict[str, Link]:
    with host.entered():
        return {"eth0": Link("eth0", socket.if_nametoindex("eth0"), host.mac(), up=True, address=None)}


@contextmanager
def interfaces(host: Namespace) -> Iterator[tuple[VmacInterfaces, list[str]]]:
    warnings: list[str] = []
    with host.entered():
        yield VmacInterfaces(warnings.append), warnings


def changed_below(vmac: Vmac) -> ChangedSettings:
    changed = ChangedSettings()
    changed.ensure(settings_below(vmac))
    return changed


def described(host: Namespace, name: str) -> Any:
    (link,) = json.loads(host.ip(f"-d -j link show dev {name}"))
    told = ("ifname", "link", "flags", "operstate", "address", "linkinfo", "inet6_addr_gen_mode", "mtu")
    return {key: link[key] for key in told}


def settings(host: Namespace) -> dict[str, str]:
    """Every setting of every interface of the host."""
    found = {}
    with host.entered():
        for family in ("ipv4", "ipv6"):
            for path in Path(f"/proc/sys/net/{family}/conf").glob("*/*"):
                if path.name not in ("stable_secret", "secret"):
                    found[f"{family}/{path.parent.name}/{path.name}"] = path.read_text()
    return found


def test_it_is_keepaliveds_interface(left: Namespace, tmp_path: Path) -> None:
    """The same kind, MAC, base, flags and kernel settings, there and below; all gone and put back afterwards."""
    left.ip("address add fe80::1/64 dev eth0 nodad")
    before = settings(left)
    with interfaces(left) as (vmacs, warnings):
        vmacs.ensure([VMAC, VMAC6], base(left))
        changed = changed_below(VMAC)
        wait_for(lambda: described(left, "vrrp6.52")["operstate"] == "UP", "the interface to be up")
        ours = [described(left, name) for name in ("vrrp.51", "vrrp6.52")], settings(left)
        vmacs.remove()
        changed.retire(())
    assert warnings == []
    assert settings(left) == before
    with Keepalived(left, KEEPALIVED, tmp_path) as keepalived:
        wait_for(lambda: "VRRP sockpool" in keepalived.log(), "keepalived's interfaces")
        theirs = [described(left, name) for name in ("vrrp.51", "vrrp6.52")], settings(left)
    assert ours[0] == theirs[0]
    assert {key for key in ours[1] if ours[1][key] != theirs[1].get(key)} == OURS_ALONE


def test_neighbours_learn_the_virtual_mac_alone(left: Namespace, right: Namespace) -> None:
    """Whoever speaks first: the neighbour that asks for the VIP, or the VIP's host that asks for the neighbour."""
    with interfaces(left) as (vmacs, _warnings):
        index = vmacs.ensure([VMAC], base(left))["vrrp.51"].index
        changed_below(VMAC)
        with closing(KernelSocket()) as netlink:
            assert netlink.apply(encode_add(index, VirtualAddress(VIP, 24))) == [0]

        ping(right, str(VIP))
        assert VMAC.mac.hex(":") in right.ip(f"neighbour show {VIP}")
        for host in (left, right):
            host.ip("neighbour flush dev eth0")
        ping(left, "-I", str(VIP), "10.0.0.2")
        wait_for(lambda: "10.0.0.1 " in right.ip("neighbour show"), "the host's own address to be known")
        assert left.mac().hex(":") not in right.ip(f"neighbour show {VIP}")


def ping(host: Namespace, *arguments: str) -> None:
    assert host.start("ping", "-q", "-c", "1", "-W", "2", *arguments).wait(5) == 0


def test_no_address_comes_of_the_virtual_mac(left: Namespace) -> None:
    """Both nodes would have the same one: RFC 9568 section 7.4."""
    with interfaces(left) as (vmacs, _warnings):
        vmacs.ensure([VMAC6], base(left))
        wait_for(lambda: described(left, "vrrp6.52")["operstate"] == "UP", "the interface to be up")
        left.ip("address add fe80::52/64 dev vrrp6.52 nodad")  # IPv6 is there, and had time to make one of its own
        assert addresses(left, "vrrp6.52") == ["fe80::52"]


def addresses(host: Namespace, name: str) -> list[str]:
    (link,) = json.loads(host.ip(f"-j address show dev {name}"))
    return [address["local"] for address in link["addr_info"]]


def test_what_a_crash_left_is_adopted(left: Namespace) -> None:
    with interfaces(left) as (crashed, _warnings):
        made = crashed.ensure([VMAC], base(left))["vrrp.51"]
        before = changed_below(VMAC).before
    warnings: list[str] = []
    with left.entered():
        vmacs = VmacInterfaces(warnings.append)
        links = {**base(left), "vrrp.51": made}
        assert not vmacs.is_taken(VMAC, links)
        assert vmacs.ensure([VMAC], links)["vrrp.51"].index == made.index
        vmacs.remove()
        ChangedSettings(before).retire(())
    assert warnings == []
    assert "vrrp.51" not in left.ip("link")
    assert settings(left)["ipv4/eth0/arp_ignore"].strip() == "0"


def test_one_that_was_deleted_is_made_again(left: Namespace) -> None:
    with interfaces(left) as (vmacs, _warnings):
        first = vmacs.ensure([VMAC], base(left))["vrrp.51"]
        left.ip("link delete vrrp.51")
        again = vmacs.ensure([VMAC], base(left))["vrrp.51"]
        assert again.index != first.index
        assert described(left, "vrrp.51")["address"] == "00:00:5e:00:01:33"


def test_another_mac_makes_it_anew(left: Namespace) -> None:
    with interfaces(left) as (vmacs, _warnings):
        links = {**base(left), **vmacs.ensure([VMAC], base(left))}
        other = Vmac("vrrp.51", "eth0", bytes.fromhex("02005e000133"), ipv4=True, ipv6=False)
        assert not vmacs.is_taken(other, links)
        vmacs.ensure([other], links)
        assert described(left, "vrrp.51")["address"] == "02:00:5e:00:01:33"


@pytest.mark.parametrize("kind", ["bridge", "veth", "macvlan"])
def test_an_interface_of_that_name_that_is_something_else_is_left_alone(left: Namespace, kind: str) -> None:
    left.ip(f"link add {'link eth0 ' if kind == 'macvlan' else ''}name vrrp.51 type {kind}")
    with left.entered():
        other = Link("vrrp.51", socket.if_nametoindex("vrrp.51"), left.mac("vrrp.51"), True, None, kind=kind)
    with interfaces(left) as (vmacs, warnings):
        links = {**base(left), "vrrp.51": other}
        assert vmacs.is_taken(VMAC, links)
        assert vmacs.ensure([VMAC], links) == {}
        vmacs.remove()
    assert warnings == ["vrrp.51 is there and is no VMAC interface of ours: left alone"]
    assert "vrrp.51" in left.ip("link")


def test_a_base_that_is_not_there_yet_waits(left: Namespace) -> None:
    with interfaces(left) as (vmacs, warnings):
        assert vmacs.ensure([VMAC], {}) == {}
        assert warnings == []
