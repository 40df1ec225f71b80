# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the codec writes is what keepalived sends: in both versions and families, to the group and to a peer.

keepalived's frames are captured at the far end of a cable. The headers around version 2 adverts, and our sockets, are
compared in test_bytes_equal_keepalived.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from vipd.wire.address import Address, unpack
from vipd.wire.ndp import encode_unsolicited
from vipd.wire.vrrp import GROUP, GROUP6, Advert, Checksum, ReceivedAdvert, decode_message, decode_packet, encode

from tests.netns.capture import Capture
from tests.netns.daemon import Keepalived
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

# The owner's priority starts as MASTER at once: no election to wait for.
CONFIG = """
global_defs {{
    vrrp_version {version}
}}
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority 255
    advert_int {advert_int}
    {lines}
    virtual_ipaddress {{
        {vips}
    }}
}}
"""
OURS, PEER = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
OURS6, PEER6 = IPv6Address("fe80::1"), IPv6Address("fe80::2")
UNICAST = f"unicast_src_ip {OURS}\n unicast_peer {{\n {PEER}\n }}"
UNICAST6 = f"unicast_src_ip {OURS6}\n unicast_peer {{\n {PEER6}\n }}"

VIPS6 = (IPv6Address("fe80::3"), IPv6Address("2001:db8::3"))
VERSION_2 = Advert(2, 51, 255, 100, (IPv4Address("10.0.0.3"), IPv4Address("10.0.0.4")))
VERSION_3 = replace(VERSION_2, version=3, advert_int_cs=25)
OVER_IPV6 = replace(VERSION_3, addresses=VIPS6)


@dataclass(frozen=True)
class Case:
    lines: str
    advert: Advert
    source: Address
    destination: Address
    form: Checksum
    hop_limit: int = 255

    def config(self) -> str:
        return CONFIG.format(
            version=self.advert.version,
            advert_int=self.advert.advert_int_cs / 100,
            lines=self.lines,
            vips="\n".join(map(str, self.advert.addresses)),
        )


CASES = {
    "version 2, unicast": Case(UNICAST, VERSION_2, OURS, PEER, Checksum.MESSAGE_ONLY),
    "version 3": Case("", VERSION_3, OURS, GROUP, Checksum.PSEUDO_HEADER),
    "version 3, unicast": Case(UNICAST, VERSION_3, OURS, PEER, Checksum.PSEUDO_HEADER),
    "version 3, unicast, old checksum": Case(
        f"{UNICAST}\n old_unicast_checksum", VERSION_3, OURS, PEER, Checksum.PSEUDO_HEADER_GROUP
    ),
    "version 3 over IPv6": Case("", OVER_IPV6, OURS6, GROUP6, Checksum.PSEUDO_HEADER),
    # Not 255, as to every other destination: a receiver that demands 255 does not hear keepalived.
    "version 3 over IPv6, unicast": Case(UNICAST6, OVER_IPV6, OURS6, PEER6, Checksum.PSEUDO_HEADER, hop_limit=64),
}


@pytest.fixture(autouse=True)
def link_local_addresses(left: Namespace, right: Namespace) -> None:
    left.ip(f"address add {OURS6}/64 dev eth0 nodad")
    right.ip(f"address add {PEER6}/64 dev eth0 nodad")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_adverts(left: Namespace, right: Namespace, tmp_path: Path, case: Case) -> None:
    with Capture(right) as capture:
        with Keepalived(left, case.config(), tmp_path):
            wait_for(lambda: messages(capture), "keepalived's advert")
        wait_for(lambda: read(capture)[-1].advert.priority == 0, "keepalived's goodbye")
        theirs, understood = messages(capture), read(capture)

    adverts = (case.advert, replace(case.advert, priority=0))
    assert set(theirs) == {encode(advert, case.source, case.destination, case.form) for advert in adverts}
    assert set(understood) == {
        ReceivedAdvert(case.source, case.destination, case.hop_limit, advert, case.form) for advert in adverts
    }


@pytest.mark.parametrize("router", [False, True], ids=["host", "router"])
def test_announcements_of_ipv6_addresses(left: Namespace, right: Namespace, tmp_path: Path, router: bool) -> None:
    forwarding = left.start("sysctl", "-qw", f"net.ipv6.conf.eth0.forwarding={int(router)}")
    assert forwarding.wait(5) == 0
    expected = {encode_unsolicited(left.mac(), vip, router) for vip in VIPS6}
    with Capture(right) as capture:
        with Keepalived(left, CASES["version 3 over IPv6"].config(), tmp_path):
            wait_for(lambda: expected <= set(capture.neighbour_advertisements()), "keepalived's announcements as ours")
        assert {frame for frame in capture.neighbour_advertisements() if frame[:6].hex() == "333300000001"} == expected


def messages(capture: Capture) -> list[bytes]:
    return [frame[54 if is_ipv6(frame) else 34 :] for frame in capture.adverts()]


def read(capture: Capture) -> list[ReceivedAdvert]:
    return [
        decode_message(frame[54:], unpack(frame[22:38]), unpack(frame[38:54]), frame[21])
        if is_ipv6(frame)
        else decode_packet(frame[14:])
        for frame in capture.adverts()
    ]


def is_ipv6(frame: bytes) -> bool:
    return frame[12:14] == b"\x86\xdd"
