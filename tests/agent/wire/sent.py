# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adverts with the ends they travel between: what hypothesis chooses for the tests of the codec."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st
from vipd.wire.address import Address
from vipd.wire.vrrp import GROUP, GROUP6, Advert, Checksum, encode

ip, ip6 = IPv4Address, IPv6Address


@dataclass(frozen=True)
class Sent:
    advert: Advert
    source: Address
    destination: Address
    form: Checksum

    def message(self) -> bytes:
        return encode(self.advert, self.source, self.destination, self.form)


@st.composite
def any_sent(draw: st.DrawFn, max_addresses: int = 255) -> Sent:
    """Version 2, version 3 over IPv4 or over IPv6; to the group or to a peer; any form of checksum."""
    version, family = draw(st.sampled_from([(2, 4), (3, 4), (3, 6)]))
    address = st.ip_addresses(v=family)
    is_2 = version == 2
    advert = Advert(
        version=version,
        vrid=draw(st.integers(1, 255)),
        priority=draw(st.integers(0, 255)),
        advert_int_cs=draw(st.integers(1, 255).map(lambda seconds: 100 * seconds) if is_2 else st.integers(1, 4095)),
        addresses=tuple(draw(st.lists(address, min_size=1, max_size=max_addresses))),
        auth_type=draw(st.integers(0, 1)) if is_2 else 0,
        auth_data=draw(st.binary(min_size=8, max_size=8)) if is_2 else bytes(8),
    )
    group = GROUP if family == 4 else GROUP6
    return Sent(advert, draw(address), draw(st.one_of(st.just(group), address)), draw(st.sampled_from(Checksum)))
