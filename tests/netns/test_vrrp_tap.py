# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts at a VMAC interface, from a peer that has a VMAC of the same MAC and from one that has none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from ipaddress import IPv4Address, IPv6Address

import pytest
from vipd.linux.link import Link
from vipd.linux.vmac import Vmac, VmacInterfaces
from vipd.linux.vrrp_socket import Outlet, VrrpSocket, datagram, vrrp_socket
from vipd.linux.vrrp_tap import VrrpTap
from vipd.wire.vrrp import GROUP, GROUP6, Advert, Checksum

from tests.netns.capture import Capture
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

VMACS = {4: ("vrrp.51", "00:00:5e:00:01:33"), 6: ("vrrp6.51", "00:00:5e:00:02:33")}
OUTLETS = {
    4: Outlet(IPv4Address("10.0.0.1"), GROUP, 255, Checksum.PSEUDO_HEADER),
    6: Outlet(IPv6Address("fe80::1"), GROUP6, 255, Checksum.PSEUDO_HEADER),
}
ADDRESSES = {4: IPv4Address("10.0.0.100"), 6: IPv6Address("fe80::100")}


@pytest.fixture(params=[4, 6])
def family(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def hosts(left: Namespace, right: Namespace, family: int) -> tuple[Namespace, Namespace]:
    for host in (left, right):
        make_vmac(host, family)
    return left, right


def make_vmac(host: Namespace, family: int) -> None:
    name, mac = VMACS[family]
    with host.entered():
        base = Link("eth0", socket.if_nametoindex("eth0"), host.mac(), up=True, address=None)
        vmac = Vmac(name, "eth0", bytes.fromhex(mac.replace(":", "")), ipv4=family == 4, ipv6=family == 6)
        assert VmacInterfaces(pytest.fail).ensure([vmac], {"eth0": base})


@pytest.fixture
def ends(hosts: tuple[Namespace, Namespace], family: int) -> Iterator[tuple[VrrpSocket, VrrpSocket, VrrpTap]]:
    """A sender with the VMAC, one with the MAC of eth0, and the tap at the other end; there, eth0 joins the group."""
    here, there = hosts
    name, _mac = VMACS[family]
    with ExitStack() as opened:
        with here.entered():
            senders = [opened.enter_context(closing(vrrp_socket(family, one))) for one in (name, "eth0")]
        with there.entered():
            group = OUTLETS[family].destination
            opened.enter_context(closing(vrrp_socket(family, "eth0", (group,))))
            tap = opened.enter_context(closing(VrrpTap(name, family, (group,))))
        yield senders[0], senders[1], tap


def send(sender: VrrpSocket, family: int, vrid: int = 51) -> None:
    sender.send(datagram(Advert(3, vrid, 150, 100, (ADDRESSES[family],)), OUTLETS[family]))


def test_both_are_heard_once_and_only_for_our_vrids(ends: tuple[VrrpSocket, VrrpSocket, VrrpTap], family: int) -> None:
    with_vmac, without, tap = ends
    tap.listen_for({51, 53})
    for vrid in (52, 51):
        send(with_vmac, family, vrid)
    for vrid in (52, 53):
        send(without, family, vrid)
    received = [wait_for(tap.receive, "an advert") for _advert in range(2)]
    assert sorted(one.advert.vrid for one in received) == [51, 53]
    for one in received:
        outlet = OUTLETS[family]
        assert (one.source, one.destination, one.ttl) == (outlet.source, outlet.destination, outlet.ttl)
    assert tap.receive() is None


def test_the_switch_is_told_nothing_in_the_vmacs_name(
    hosts: tuple[Namespace, Namespace], ends: tuple[VrrpSocket, VrrpSocket, VrrpTap], family: int
) -> None:
    """No report of a membership: the switch would take the backup's port for the master's."""
    here, there = hosts
    name, mac = VMACS[family]
    kind = "inet" if family == 4 else "inet6"
    assert str(OUTLETS[family].destination) in there.ip(f"-f {kind} maddress show dev eth0")
    assert str(OUTLETS[family].destination) not in there.ip(f"-f {kind} maddress show dev {name}")
    with Capture(here) as capture:
        there.ip(f"link set {name} down")
        there.ip(f"link set {name} up")
        assert [frame for frame in capture.frames() if frame[6:12].hex(":") == mac] == []
