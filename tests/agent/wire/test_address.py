# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Octets to addresses and back, in both families."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vipd.wire.address import Address, unpack


@pytest.mark.parametrize(
    ("octets", "address"),
    [
        ("0a000003", IPv4Address("10.0.0.3")),
        ("20010db8000000000000000000000003", IPv6Address("2001:db8::3")),
        ("0000000000000000000000000a000003", IPv6Address("::10.0.0.3")),
    ],
)
def test_the_number_of_octets_is_the_family(octets: str, address: Address) -> None:
    assert unpack(bytes.fromhex(octets)) == address
    assert type(unpack(bytes.fromhex(octets))) is type(address)


@given(st.ip_addresses())
def test_every_address_survives(address: Address) -> None:
    assert unpack(address.packed) == address
