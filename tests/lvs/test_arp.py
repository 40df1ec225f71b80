# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who answers for the VIP: the director alone, because real servers that carry it too keep quiet."""

from __future__ import annotations

import socket
import struct
import time
from collections import Counter
from ipaddress import IPv4Address

from tests.lvs.topology import VIP, Topology, sysctl

REQUESTS = 1000
ETH_P_ARP = 0x0806
REQUEST, REPLY = 1, 2
ANSWER_S = 5.0  # for all answers to one request; only the first is waited for that long
LINGER_S = 0.5  # for those that come after the last request's first answer


def arp(operation: int, sender: bytes, sender_ip: str, target: bytes, target_ip: str) -> bytes:
    head = struct.pack("!6s6sHHHBBH", b"\xff" * 6, sender, ETH_P_ARP, 1, 0x0800, 6, 4, operation)
    return head + sender + IPv4Address(sender_ip).packed + target + IPv4Address(target_ip).packed


def answers(topology: Topology, count: int) -> Counter[bytes]:
    """How many answers came from which MAC, to ``count`` requests from the client."""
    mac = topology.client.mac()
    found: Counter[bytes] = Counter()
    with topology.client.entered():
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
    with wire:
        wire.bind(("eth0", ETH_P_ARP))
        request = arp(REQUEST, mac, "10.0.0.1", b"\0" * 6, VIP)
        for _count in range(count):
            wire.send(request)
            wire.settimeout(ANSWER_S)
            hear(wire, found, 1)
        wire.settimeout(LINGER_S)
        hear(wire, found, 3 * count)
    return found


def hear(wire: socket.socket, found: Counter[bytes], most: int) -> None:
    deadline = time.monotonic() + ANSWER_S
    while most and time.monotonic() < deadline:
        try:
            frame = wire.recv(128)
        except TimeoutError:
            return
        if struct.unpack_from("!H", frame, 20)[0] == REPLY and frame[28:32] == IPv4Address(VIP).packed:
            found[frame[22:28]] += 1
            most -= 1


def test_every_answer_for_the_vip_is_the_director_s(topology: Topology) -> None:
    topology.direct_routing()
    assert answers(topology, REQUESTS) == {topology.director.mac(): REQUESTS}


def test_without_the_sysctls_real_servers_answer_too(topology: Topology) -> None:
    """What the test above would see on a host that was not prepared."""
    topology.direct_routing()
    chatty = topology.real_servers[0]
    sysctl(chatty, "conf/all/arp_ignore", 0)
    sysctl(chatty, "conf/all/arp_announce", 0)
    assert set(answers(topology, 20)) == {topology.director.mac(), chatty.mac()}
