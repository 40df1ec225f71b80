# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses are a node's own, beside those that a VRRP daemon put there."""

from __future__ import annotations

import socket
from contextlib import closing
from ipaddress import ip_address

from vipd.config.model import VirtualAddress
from vipd.linux.addresses import encode_add
from vipd.linux.own_addresses import own_addresses
from vipd.linux.rtnetlink import KernelSocket

from tests.netns.namespace import Namespace

OWN = {ip_address("10.0.0.1"), ip_address("2001:db8::1"), ip_address("127.0.0.1"), ip_address("::1")}
VIP = ip_address("10.0.0.3")


def test_a_vip_that_a_daemon_holds_is_not_its_own() -> None:
    with Namespace("own") as namespace:
        namespace.batch(
            "link set lo up\n"
            "link add eth0 type bridge\n"
            "address add 10.0.0.1/24 dev eth0\n"
            "address add 2001:db8::1/64 dev eth0 nodad\n"
        )
        with namespace.entered(), closing(KernelSocket()) as kernel:
            vip = encode_add(socket.if_nametoindex("eth0"), VirtualAddress(VIP, 24))
            assert kernel.apply(vip) == [0]
            assert own_addresses([VIP]) == OWN
