# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gratuitous ARP across a real cable: the neighbour learns where the address is now."""

from __future__ import annotations

import errno
from contextlib import closing
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from vipd.linux.frame_socket import FrameSocket
from vipd.wire.arp import encode_gratuitous

from tests.netns.capture import Capture
from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

VIP = IPv4Address("10.0.0.3")


def test_the_frame_arrives_as_it_was(left: Namespace, right: Namespace) -> None:
    frame = encode_gratuitous(left.mac(), VIP)
    with Capture(right) as capture, left.entered(), closing(FrameSocket("eth0")) as frames:
        frames.send(frame)
        assert wait_for(capture.announcements, "an announcement") == [frame]


def test_a_neighbour_that_knew_the_old_place_learns_the_new_one(left: Namespace, right: Namespace) -> None:
    right.ip("neighbour replace 10.0.0.3 lladdr 02:00:00:00:00:99 nud stale dev eth0")
    with left.entered(), closing(FrameSocket("eth0")) as frames:
        frames.send(encode_gratuitous(left.mac(), VIP))
    mac = left.mac().hex(":")
    wait_for(lambda: mac in right.ip("neighbour show 10.0.0.3 dev eth0"), f"{mac} in the neighbour table")


def test_no_frame_is_received(left: Namespace) -> None:
    with left.entered(), closing(FrameSocket("eth0")):
        title, *sockets = Path("/proc/thread-self/net/packet").read_text().splitlines()
        assert [line.split()[title.split().index("Proto")] for line in sockets] == ["0000"]


def test_an_interface_that_is_down_refuses(left: Namespace) -> None:
    with left.entered(), closing(FrameSocket("eth0")) as frames:
        left.ip("link set eth0 down")
        with pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is checked
            frames.send(encode_gratuitous(left.mac(), VIP))
    assert caught.value.errno == errno.ENETDOWN


def test_an_interface_that_is_not_there_is_refused(left: Namespace) -> None:
    with left.entered(), pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is checked
        FrameSocket("eth7")
    assert caught.value.errno == errno.ENODEV
