# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our adverts and announcements are keepalived's, byte for byte, for the same configuration.

Both are captured at the far end of the same cable. Only the IPv4 identification differs (keepalived counts, we let the
kernel count), and the header checksum that covers it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from vipd.linux.frame_socket import FrameSocket
from vipd.linux.vrrp_socket import Outlet, VrrpSocket, datagram
from vipd.wire.arp import encode_gratuitous
from vipd.wire.checksum import is_valid
from vipd.wire.vrrp import AUTH_PASS, GROUP, TTL, Advert, Checksum

from tests.netns.capture import Capture
from tests.netns.daemon import Keepalived
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

# The owner's priority starts as MASTER at once: no election to wait for.
CONFIG = """
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority 255
    advert_int {advert_int}
    {authentication}
    virtual_ipaddress {{
        10.0.0.3/24
        10.0.0.4
        192.0.2.200/28
    }}
}}
"""
OUTLET = Outlet(IPv4Address("10.0.0.1"), GROUP, TTL, Checksum.MESSAGE_ONLY)
VIPS = tuple(map(IPv4Address, ("10.0.0.3", "10.0.0.4", "192.0.2.200")))


def password_block(password: str) -> str:
    return f"authentication {{\n auth_type PASS\n auth_pass {password}\n }}"


NO_AUTH = Advert(2, 51, 255, 100, VIPS)
CASES = {
    "no authentication": ("", NO_AUTH),
    "short password": (password_block("1111"), replace(NO_AUTH, auth_type=AUTH_PASS, auth_data=b"1111\0\0\0\0")),
    "password of eight": (password_block("pA55w0rd"), replace(NO_AUTH, auth_type=AUTH_PASS, auth_data=b"pA55w0rd")),
    "other interval": ("", replace(NO_AUTH, advert_int_cs=300)),
}


def comparable(frame: bytes) -> bytes:
    """An advert's frame without identification and header checksum, after a look at the latter."""
    assert is_valid(frame[14:34])
    return frame[:18] + bytes(2) + frame[20:24] + bytes(2) + frame[26:]


@pytest.mark.parametrize("case", CASES)
def test_adverts_and_announcements(left: Namespace, right: Namespace, tmp_path: Path, case: str) -> None:
    authentication, advert = CASES[case]
    config = CONFIG.format(authentication=authentication, advert_int=advert.advert_int_cs // 100)
    with Capture(right) as capture:
        with Keepalived(left, config, tmp_path):
            wait_for(lambda: len(capture.announcements()) >= len(VIPS), "keepalived's announcements")
        wait_for(lambda: comparable(capture.adverts()[-1])[36] == 0, "keepalived's goodbye")
        theirs = capture.adverts()
        their_announcements = capture.announcements()

    with Capture(right) as capture, left.entered():
        with closing(VrrpSocket("eth0")) as vrrp, closing(FrameSocket("eth0")) as frames:
            vrrp.send(datagram(advert, OUTLET))
            vrrp.send(datagram(replace(advert, priority=0), OUTLET))
            for vip in VIPS:
                frames.send(encode_gratuitous(left.mac(), vip))
        wait_for(lambda: len(capture.announcements()) >= len(VIPS), "our announcements")
        ours = capture.adverts()
        our_announcements = capture.announcements()

    assert {comparable(frame) for frame in ours} == {comparable(frame) for frame in theirs}
    assert our_announcements == their_announcements[: len(VIPS)]
