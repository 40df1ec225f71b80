# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts across a real cable, over IPv4 and IPv6, and everything else kept away."""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from ipaddress import IPv4Address, IPv6Address

import pytest
from vipd.linux.vrrp_socket import Datagram, Outlet, VrrpSocket, datagram, vrrp_socket
from vipd.wire.address import Address
from vipd.wire.checksum import is_valid
from vipd.wire.errors import WireError
from vipd.wire.vrrp import GROUP, GROUP6, Advert, Checksum, ReceivedAdvert

from tests.netns.capture import Capture
from tests.netns.namespace import Namespace, connect, ip
from tests.netns.waiting import wait_for

SOURCE = IPv4Address("10.0.0.1")
SOURCE6 = IPv6Address("fe80::1")
ADVERT = Advert(2, 51, 150, 100, (IPv4Address("10.0.0.3"),))
ADVERT6 = Advert(3, 51, 150, 100, (IPv6Address("fe80::51"), IPv6Address("fd00::51")))
GROUPS: dict[int, Address] = {4: GROUP, 6: GROUP6}
EVERY_VRID = range(1, 256)


@contextmanager
def opened(
    namespace: Namespace, interface: str = "eth0", family: int = 4, vrids: Collection[int] = EVERY_VRID
) -> Iterator[VrrpSocket]:
    groups = (GROUPS[family],) if interface else ()
    with namespace.entered(), closing(vrrp_socket(family, interface, groups)) as vrrp:
        vrrp.listen_for(vrids)
        yield vrrp


def packet(vrid: int = 51, source: Address = SOURCE, destination: Address = GROUP, ttl: int = 255) -> Datagram:
    outlet = Outlet(source, destination, ttl, Checksum.MESSAGE_ONLY)
    if source.version == 4:
        return datagram(Advert(2, vrid, 150, 100, ADVERT.addresses), outlet)
    return datagram(Advert(3, vrid, 150, 100, ADVERT6.addresses), outlet)


def packet6(vrid: int = 51) -> Datagram:
    return packet(vrid, SOURCE6, GROUP6)


PACKETS = {4: packet, 6: packet6}


def received_vrid(vrrp: VrrpSocket) -> int:
    return wait_for(vrrp.receive, "an advert").advert.vrid


@pytest.fixture(autouse=True)
def link_local(left: Namespace, right: Namespace) -> None:
    left.ip("address add fe80::1/64 dev eth0 nodad")
    right.ip("address add fe80::2/64 dev eth0 nodad")


def test_an_advert_crosses_the_cable(left: Namespace, right: Namespace) -> None:
    with opened(left) as here, opened(right) as there:
        here.send(packet())
        received = wait_for(there.receive, "an advert")
        assert received == ReceivedAdvert(SOURCE, GROUP, 255, ADVERT, Checksum.MESSAGE_ONLY)
        assert there.receive() is None


def test_an_advert_crosses_the_cable_over_ipv6(left: Namespace, right: Namespace) -> None:
    """Source, destination and hop limit come with it; the checksum is the one that we made."""
    with opened(left, family=6) as here, opened(right, family=6) as there:
        here.send(packet6())
        received = wait_for(there.receive, "an advert")
        assert received == ReceivedAdvert(SOURCE6, GROUP6, 255, ADVERT6, Checksum.PSEUDO_HEADER)
        assert there.receive() is None


@pytest.mark.parametrize("family", [4, 6])
def test_our_own_advert_does_not_come_back(left: Namespace, right: Namespace, family: int) -> None:
    with opened(left, family=family) as here, opened(right, family=family) as there:
        here.send(PACKETS[family](1))
        assert received_vrid(there) == 1
        answer = packet(2, IPv4Address("10.0.0.2")) if family == 4 else packet(2, IPv6Address("fe80::2"), GROUP6)
        there.send(answer)
        assert received_vrid(here) == 2


@pytest.mark.parametrize("family", [4, 6])
def test_vrids_of_others_stay_away(left: Namespace, right: Namespace, family: int) -> None:
    """And a reload changes which those are."""
    with opened(left, family=family) as here, opened(right, family=family, vrids={51, 52, 54}) as there:
        for vrid in range(50, 56):
            here.send(PACKETS[family](vrid))
        assert [received_vrid(there) for _vrid in range(3)] == [51, 52, 54]
        assert there.receive() is None
        there.listen_for({55})
        for vrid in (51, 55):
            here.send(PACKETS[family](vrid))
        assert received_vrid(there) == 55


def test_the_vrid_is_found_behind_ipv4_options(left: Namespace, right: Namespace) -> None:
    octets, _ancillary, _to = packet(51)
    with opened(right, vrids={51}) as there, left.entered(), raw_sender() as sender:
        for options in (0, 1, 10):
            head = bytes([0x45 + options]) + octets[1:2] + (len(octets) + 4 * options).to_bytes(2, "big") + octets[4:20]
            sender.sendto(head + b"\1" * 4 * options + octets[20:], ("224.0.0.18", 0))
            assert received_vrid(there) == 51


def test_a_packet_that_ends_too_early_does_not_get_in(left: Namespace, right: Namespace) -> None:
    octets, _ancillary, _to = packet(51)
    with opened(right) as there, left.entered(), raw_sender() as sender:
        sender.sendto(octets[:21], ("224.0.0.18", 0))
        sender.sendto(octets[:24], ("224.0.0.18", 0))
        with pytest.raises(WireError, match="4 octets"):
            wait_for(there.receive, "what is longer")


@pytest.mark.parametrize("family", [4, 6])
def test_a_socket_that_listens_for_nobody_only_sends(left: Namespace, right: Namespace, family: int) -> None:
    with opened(left, family=family, vrids=()) as here, opened(right, family=family) as there:
        there.send(packet(2, IPv4Address("10.0.0.2")) if family == 4 else packet(2, IPv6Address("fe80::2"), GROUP6))
        here.send(PACKETS[family](1))
        assert received_vrid(there) == 1
        assert here.receive() is None


def test_adverts_of_another_interface_stay_there(left: Namespace, right: Namespace) -> None:
    connect(left, right, "eth1")
    with (
        opened(left) as here,
        opened(left, "eth1") as other,
        opened(right) as at_eth0,
        opened(right, "eth1") as at_eth1,
    ):
        other.send(packet(2))
        here.send(packet(1))
        assert received_vrid(at_eth1) == 2
        assert received_vrid(at_eth0) == 1


def test_packets_to_a_group_that_another_program_joined_stay_away(left: Namespace, right: Namespace) -> None:
    with opened(right) as there, right.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other_program:
        membership = socket.inet_aton("224.0.0.99") + socket.inet_aton("10.0.0.2")
        other_program.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        with opened(left) as here:
            here.send(packet(9, destination=IPv4Address("224.0.0.99")))
            here.send(packet(1))
            assert received_vrid(there) == 1


def test_another_group_may_be_joined(left: Namespace, right: Namespace) -> None:
    with right.entered(), closing(VrrpSocket("eth0", (GROUP, IPv4Address("224.0.0.99")))) as there:
        there.listen_for(EVERY_VRID)
        with opened(left) as here:
            here.send(packet(9, destination=IPv4Address("224.0.0.99")))
            here.send(packet(1))
            assert [received_vrid(there), received_vrid(there)] == [9, 1]


@pytest.mark.parametrize("interface", ["eth0", ""])
def test_unicast_is_received_beside_multicast(left: Namespace, right: Namespace, interface: str) -> None:
    """By the interface's socket, and by one that belongs to no interface."""
    with opened(left, interface) as here, opened(right, interface) as there:
        here.send(packet(destination=IPv4Address("10.0.0.2"), ttl=64))
        received = wait_for(there.receive, "an advert")
        assert (received.source, received.destination, received.ttl) == (SOURCE, IPv4Address("10.0.0.2"), 64)


def test_unicast_over_ipv6(left: Namespace, right: Namespace) -> None:
    left.ip("address add fd00::1/64 dev eth0 nodad")
    right.ip("address add fd00::2/64 dev eth0 nodad")
    advert = packet(source=IPv6Address("fd00::1"), destination=IPv6Address("fd00::2"), ttl=64)
    with opened(left, "", 6) as here, opened(right, family=6) as there:

        def sent_again() -> Datagram | None:
            here.send(advert)  # the kernel may drop the first ones, while it looks for the neighbour
            return there.receive()

        received = wait_for(sent_again, "an advert")
        assert (received.source, received.destination, received.ttl) == (
            IPv6Address("fd00::1"),
            IPv6Address("fd00::2"),
            64,
        )


def test_a_vmac_interface_sends_from_its_base_interfaces_address(left: Namespace, right: Namespace) -> None:
    """With its own MAC, though it has no address at all."""
    ip("-n", left.name, "link add link eth0 name vrrp6.51 address 00:00:5e:00:02:33 type macvlan mode private")
    left.ip("link set vrrp6.51 addrgenmode none up")
    with Capture(right) as capture, opened(left, "vrrp6.51", 6, ()) as here, opened(right, family=6) as there:
        here.send(packet6())
        assert wait_for(there.receive, "an advert").source == SOURCE6
        (frame,) = capture.adverts()
    assert frame[6:12].hex(":") == "00:00:5e:00:02:33"
    assert int.from_bytes(frame[14:16], "big") >> 4 == 0x6C0, "version 6, internetwork control"


@pytest.mark.parametrize("family", [4, 6])
def test_the_longest_advert_fits(left: Namespace, right: Namespace, family: int) -> None:
    longest = Advert(2, 51, 150, 100, tuple(IPv4Address("10.1.0.0") + host for host in range(255)))
    outlet = Outlet(SOURCE, GROUP, 255, Checksum.MESSAGE_ONLY)
    if family == 6:
        longest = Advert(3, 51, 150, 100, tuple(IPv6Address("fd00::") + host for host in range(255)))
        outlet = Outlet(SOURCE6, GROUP6, 255, Checksum.PSEUDO_HEADER)
    with opened(left, family=family) as here, opened(right, family=family) as there:
        here.send(datagram(longest, outlet))
        assert wait_for(there.receive, "an advert").advert == longest


def test_a_stalled_process_finds_its_adverts_waiting(left: Namespace, right: Namespace) -> None:
    with opened(left) as here, opened(right) as there:
        sent = [*range(1, 256)] * 8
        for vrid in sent:
            here.send(packet(vrid))
        assert [received_vrid(there) for _sent in sent] == sent


def test_the_kernel_numbers_and_sums_what_is_sent(left: Namespace, right: Namespace) -> None:
    with Capture(right) as capture, opened(left) as here:
        here.send(packet())
        here.send(packet())
        wait_for(lambda: len(capture.adverts()) == 2, "two adverts")
        first, second = capture.adverts()
    assert first[18:20] != second[18:20]
    assert is_valid(first[14:34])


@pytest.mark.parametrize("family", [4, 6])
def test_an_interface_that_is_down_refuses(left: Namespace, family: int) -> None:
    with opened(left, family=family) as here:
        left.ip("link set eth0 down")
        with pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is checked
            here.send(PACKETS[family]())
    assert caught.value.errno == errno.ENETUNREACH


def test_no_carrier_is_no_error(left: Namespace, right: Namespace) -> None:
    with opened(left) as here:
        right.ip("link set eth0 down")
        here.send(packet())


def test_an_interface_that_is_not_there_is_refused(left: Namespace) -> None:
    with left.entered(), pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is checked
        VrrpSocket("eth7")
    assert caught.value.errno == errno.ENODEV


@contextmanager
def raw_sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 112) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        yield sender
