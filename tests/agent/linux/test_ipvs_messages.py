# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPVS messages: what is written reads back as the same, in the bytes that the kernel's header asks for.

The kernel itself is asked in tests/lvs/.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vipd.config.lvs import Forwarding, Timeouts
from vipd.config.lvs_services import ServiceKey
from vipd.director.connection_sync import SyncThread
from vipd.director.table import Destination, DestinationKey, Service
from vipd.linux import ipvs_messages as messages

ADDRESSES = {4: IPv4Address("10.0.0.1"), 6: IPv6Address("fd00::1")}
KEYS = st.one_of(
    st.builds(ServiceKey, st.just(4), st.sampled_from(["TCP", "UDP"]), st.just(ADDRESSES[4]), st.integers(0, 65535)),
    st.builds(ServiceKey, st.just(6), st.just("SCTP"), st.just(ADDRESSES[6]), st.integers(0, 65535)),
    st.builds(ServiceKey, st.sampled_from([4, 6]), fwmark=st.integers(1, 2**32 - 1)),
)
FORWARDING = st.sampled_from(
    [Forwarding("NAT"), Forwarding("DR"), Forwarding("TUN", "gre", checksum="csum"), Forwarding("TUN", "gue", 5555)]
)
DESTINATIONS = st.builds(Destination, st.integers(0, 2**31 - 1), FORWARDING, st.integers(0, 9), st.integers(0, 9))


@given(KEYS, st.sampled_from([0, 50]), st.integers(0, 32), st.sets(st.sampled_from(["ops", "flag-1", "flag-3"])))
def test_a_service_reads_back(key: ServiceKey, persistence_s: int, netmask: int, flags: set[str]) -> None:
    service = Service("wrr", persistence_s, netmask, frozenset(flags), "sip" if persistence_s else "")
    assert messages.decode_service(messages.service_attributes(key, service)) == (key, service)


@given(st.sampled_from([4, 6]), st.integers(0, 65535), DESTINATIONS)
def test_a_destination_reads_back(family: int, port: int, destination: Destination) -> None:
    key = DestinationKey(ADDRESSES[family], port)
    counted = b"".join(struct.pack("=HHI", 8, kind, 5) for kind in (7, 8))  # ACTIVE_CONNS, INACT_CONNS
    body = messages.attributes(messages.destination_attributes(key, destination))[2] + counted
    payload = struct.pack("=HH", 4 + len(body), 2) + body
    assert messages.decode_destination(payload, family)[:2] == (key, destination)
    assert messages.decode_destination(payload, family)[2]["active"] == 5


@pytest.mark.parametrize(
    ("family", "netmask", "expected"), [(4, 24, b"\xff\xff\xff\0"), (6, 64, struct.pack("=I", 64))]
)
def test_a_netmask_is_an_address_for_ipv4_and_a_number_for_ipv6(family: int, netmask: int, expected: bytes) -> None:
    key = ServiceKey(family, "TCP", ADDRESSES[family], 80)
    body = messages.attributes(messages.service_attributes(key, Service("rr", 50, netmask)))[1]
    assert messages.attributes(body)[9] == expected


@given(st.integers(0, 2**32 - 1))
def test_any_mask_that_the_kernel_says_reads_and_writes_the_same(bits: int) -> None:
    key = ServiceKey(4, "TCP", ADDRESSES[4], 80)
    payload = messages.service_attributes(key, Service("rr", 300, 24))
    payload = payload.replace(b"\xff\xff\xff\0", struct.pack("!I", bits))
    assert messages.service_attributes(*messages.decode_service(payload)) == payload


def test_a_mask_that_is_no_prefix_is_kept_as_it_is() -> None:
    key = ServiceKey(4, "TCP", ADDRESSES[4], 80)
    service = Service("rr", 300, IPv4Address("255.0.255.0"))
    assert messages.decode_service(messages.service_attributes(key, service)) == (key, service)


def test_a_mark_has_no_address_and_a_port_is_in_network_order() -> None:
    by_mark = messages.attributes(messages.attributes(messages.service_attributes(ServiceKey(4, fwmark=7)))[1])
    assert set(by_mark) == {1, 5}
    by_port = messages.attributes(
        messages.attributes(messages.service_attributes(ServiceKey(4, "TCP", ADDRESSES[4], 80)))[1]
    )
    assert by_port[4] == b"\0\x50"


@given(st.binary(max_size=64))
def test_bytes_that_are_no_attributes_end_the_reading(garbage: bytes) -> None:
    messages.attributes(garbage)


def test_timeouts_read_back_and_what_is_not_given_is_0() -> None:
    assert messages.decode_timeouts(messages.timeouts_attributes(Timeouts(900, None, 300))) == Timeouts(900, 0, 300)


@pytest.mark.parametrize(
    "thread",
    [
        SyncThread("master", "eth0", 51),
        SyncThread("backup", "bond0.7", 255, 1400, 8848, 3, ADDRESSES[4]),
        SyncThread("backup", "eth0", 0, group=ADDRESSES[6]),
    ],
)
def test_a_synchronising_thread_reads_back(thread: SyncThread) -> None:
    assert messages.decode_sync(messages.sync_attributes(thread)) == thread


def test_a_port_of_synchronisation_is_in_host_order_and_its_group_in_network_order() -> None:
    thread = SyncThread("master", "eth0", 51, port=8848, group=ADDRESSES[4])
    found = messages.attributes(messages.attributes(messages.sync_attributes(thread))[3])
    assert found[1] == struct.pack("=I", 1)
    assert found[5] == b"\x0a\0\0\x01"
    assert found[7] == struct.pack("=H", 8848)
