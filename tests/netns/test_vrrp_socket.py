# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts across a real cable, and everything else kept away."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import IPv4Address

import pytest
from vipd.linux.vrrp_socket import VrrpSocket
from vipd.wire.checksum import is_valid
from vipd.wire.vrrp import GROUP, Advert, Checksum, ReceivedAdvert, decode_packet, encode_packet

from tests.netns.capture import Capture
from tests.netns.namespace import Namespace, connect
from tests.netns.waiting import wait_for

SOURCE = IPv4Address("10.0.0.1")
ADVERT = Advert(2, 51, 150, 100, (IPv4Address("10.0.0.3"),))


@contextmanager
def opened(namespace: Namespace, interface: str = "eth0") -> Iterator[VrrpSocket]:
    with namespace.entered(), closing(VrrpSocket(interface)) as vrrp:
        yield vrrp


def packet(vrid: int = 51, source: IPv4Address = SOURCE, destination: IPv4Address = GROUP) -> bytes:
    return encode_packet(source, Advert(2, vrid, 150, 100, ADVERT.addresses), destination)


def received_vrid(vrrp: VrrpSocket) -> int:
    return decode_packet(wait_for(vrrp.receive, "an advert")).advert.vrid


def test_an_advert_crosses_the_cable(left: Namespace, right: Namespace) -> None:
    with opened(left) as here, opened(right) as there:
        here.send(packet())
        received = decode_packet(wait_for(there.receive, "an advert"))
        assert received == ReceivedAdvert(SOURCE, GROUP, 255, ADVERT, Checksum.MESSAGE_ONLY)
        assert there.receive() is None


def test_our_own_advert_does_not_come_back(left: Namespace, right: Namespace) -> None:
    with opened(left) as here, opened(right) as there:
        here.send(packet(1))
        assert received_vrid(there) == 1
        there.send(packet(2, source=IPv4Address("10.0.0.2")))
        assert received_vrid(here) == 2


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
        with opened(left) as here, left.entered(), raw_sender() as sender:
            sender.sendto(packet(9, destination=IPv4Address("224.0.0.99")), ("224.0.0.99", 0))
            here.send(packet(1))
            assert received_vrid(there) == 1


def test_a_unicast_advert_is_received_for_the_core_to_judge(left: Namespace, right: Namespace) -> None:
    with opened(right) as there, left.entered(), raw_sender() as sender:
        sender.sendto(packet(destination=IPv4Address("10.0.0.2")), ("10.0.0.2", 0))
        received = decode_packet(wait_for(there.receive, "an advert"))
        assert received.destination == IPv4Address("10.0.0.2")


def test_the_longest_advert_fits(left: Namespace, right: Namespace) -> None:
    longest = Advert(2, 51, 150, 100, tuple(IPv4Address("10.1.0.0") + host for host in range(255)))
    with opened(left) as here, opened(right) as there:
        here.send(encode_packet(SOURCE, longest))
        assert decode_packet(wait_for(there.receive, "an advert")).advert == longest


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


def test_an_interface_that_is_down_refuses(left: Namespace) -> None:
    with opened(left) as here:
        left.ip("link set eth0 down")
        with pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is checked
            here.send(packet())
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
