# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node of ``rfc/node.py`` speaking version 3, over IPv4 or IPv6, and what the tests of version 3 share.

Over IPv4 it is 10.0.0.5 with the address 10.0.0.3, over IPv6 fe80::5 with fe80::3. RFC 9568 says Active where these
tests, like the users, say Master.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Optional

import pytest
from vipd.wire.address import Address
from vipd.wire.vrrp import GROUP, GROUP6, Advert, Reason, WireError, decode, encode, encode_packet

from tests.agent.rfc.node import Node

ADVERT = Advert(3, 51, 150, 100, (IPv4Address("10.0.0.3"), IPv4Address("10.0.0.4")))
ADVERT6 = Advert(3, 51, 150, 100, (IPv6Address("fe80::3"), IPv6Address("2001:db8::3")))
ENDS = (IPv4Address("10.0.0.6"), GROUP)
ENDS6 = (IPv6Address("fe80::6"), GROUP6)
MESSAGE = encode(ADVERT, *ENDS)
MESSAGE6 = encode(ADVERT6, *ENDS6)
HEADER = encode_packet(ENDS[0], ADVERT)[:20]

VIPS = {4: ("10.0.0.3/24",), 6: ("fe80::3/64",)}
PEER = {4: "10.0.0.6", 6: "fe80::6"}
FAMILIES = pytest.mark.parametrize("family", [4, 6])


class Node3(Node):
    def __init__(
        self,
        *lines: str,
        family: int = 4,
        priority: int | None = 100,
        link: str = "up 10.0.0.5 fe80::5",
        vips: Sequence[str] = (),
    ) -> None:
        self.family = family
        super().__init__("version 3", *lines, priority=priority, link=link, vips=vips or VIPS[family])

    def hears(self, priority: int, said: str = "", source: str = "") -> list[str]:
        """An advert of the other node, unless ``source`` is given; ``said`` is as after the verb hear."""
        return self.does(f"hear {source or PEER[self.family]} {priority} version=3 {said}")


def master3(*lines: str, family: int = 4, priority: int = 100) -> Node3:
    """A node that nobody disputed the address with; the second set of announcements is behind it, too."""
    node = Node3(*lines, family=family, priority=priority)
    node.does("wait 20")
    return node


def reason_to_refuse(message: bytes, ends: tuple[Address, Address] = ENDS) -> Reason:
    with pytest.raises(WireError) as caught:
        decode(message, *ends)
    return caught.value.reason


def with_octet(position: int, value: int) -> bytes:
    """``MESSAGE`` with one octet changed and its checksum, over the message alone, made right again."""
    changed = bytearray(MESSAGE)
    changed[position] = value
    changed[6:8] = bytes(2)
    changed[6:8] = internet_checksum(bytes(changed)).to_bytes(2, "big")
    return bytes(changed)


def internet_checksum(octets: bytes) -> int:
    """RFC 1071, one word after the other."""
    total = 0
    for at in range(0, len(octets), 2):
        total += int.from_bytes(octets[at : at + 2], "big")
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def checksum_of(message: bytes) -> int:
    return int.from_bytes(message[6:8], "big")


def without_checksum(message: bytes) -> bytes:
    return message[:6] + bytes(2) + message[8:]


def waits(node: Node) -> Optional[float]:
    """Seconds until Active_Down_Timer fires, to the microsecond: intervals of centiseconds are no binary fractions."""
    timer = node.master_down_timer
    return None if timer is None else round(timer, 6)
