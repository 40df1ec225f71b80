# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that need no more than a datagram: DNS_CHECK, UDP_CHECK, PING_CHECK.

Source: keepalived.conf(5), RFC 1035 4.1, RFC 792, RFC 4443.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct

from ..config.checkers import DnsCheck, PingCheck, UdpCheck
from ..director.effects import Probe
from .answer import Answer, CheckFailedError
from .connection import connected, target

_DNS_TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "RRSIG": 46, "DNSKEY": 48}
_DNS_HEADER = struct.Struct("!HHHHHH")
_RECURSION_DESIRED = 0x0100
_RESPONSE = 0x8000
DATAGRAM_MAX = 65535
ECHO_DATA_BYTES = 32
STRANGERS_MAX = 100  # datagrams that are not for us; who sends more of them may not keep us from everything else


async def dns(probe: Probe, checker: DnsCheck) -> Answer:
    """A reply to our question, without an error."""
    timeout_s = probe.timing.connect_timeout_s
    number = secrets.randbelow(65536)
    async with connected(checker.connection, probe.endpoint, timeout_s, socket.SOCK_DGRAM) as opened:
        await asyncio.get_running_loop().sock_sendall(opened, dns_question(number, checker))
        return await asyncio.wait_for(_dns_reply(opened, number), timeout_s)


def dns_question(number: int, checker: DnsCheck) -> bytes:
    labels = [label.encode("idna") for label in checker.name.strip(".").split(".") if label]
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return (
        _DNS_HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0)
        + name
        + struct.pack("!HH", _DNS_TYPES[checker.type], 1)
    )


async def _dns_reply(opened: socket.socket, number: int) -> Answer:
    for _count in range(STRANGERS_MAX):
        reply = await asyncio.get_running_loop().sock_recv(opened, DATAGRAM_MAX)
        if len(reply) < _DNS_HEADER.size:
            raise CheckFailedError("gets a reply that is too short")
        replied, flags = struct.unpack_from("!HH", reply)
        if replied != number or not flags & _RESPONSE:
            continue  # somebody else's, or late
        if flags & 0xF:
            raise CheckFailedError(f"gets the error {flags & 0xF} from the name server")
        return Answer(True, "gets a reply from the name server")
    raise CheckFailedError("gets nothing but replies to others")


async def udp(probe: Probe, checker: UdpCheck) -> Answer:
    """No ICMP error while ``connect_timeout`` passes, or the reply that was asked for."""
    timeout_s = probe.timing.connect_timeout_s
    async with connected(checker.connection, probe.endpoint, timeout_s, socket.SOCK_DGRAM) as opened:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(opened, bytes.fromhex(checker.payload) if checker.payload else secrets.token_bytes(16))
        try:
            reply = await asyncio.wait_for(loop.sock_recv(opened, DATAGRAM_MAX), timeout_s)
        except asyncio.TimeoutError:
            if checker.require_reply is not None:
                raise
            return Answer(True, "gets no ICMP error")
    return _judged(checker, reply)


def _judged(checker: UdpCheck, reply: bytes) -> Answer:
    if checker.require_reply is None:
        return Answer(True, "gets a reply")
    if not checker.min_reply_length <= len(reply) <= checker.max_reply_length:
        raise CheckFailedError(f"gets a reply of {len(reply)} octets")
    if not all(want in ("x", have) for want, have in zip(checker.require_reply, reply.hex())):
        raise CheckFailedError("gets another reply than it should")
    return Answer(True, "gets the reply it should")


async def ping(probe: Probe, checker: PingCheck) -> Answer:
    peer = target(checker.connection, probe.endpoint)
    version, timeout_s = peer.address.version, probe.timing.connect_timeout_s
    protocol = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
    data = secrets.token_bytes(ECHO_DATA_BYTES)  # by which our reply is known among those of others
    kind = _icmp_kind(version, protocol)
    async with connected(checker.connection, probe.endpoint, timeout_s, kind, protocol) as opened:
        await asyncio.get_running_loop().sock_sendall(opened, echo_request(version, data))
        await asyncio.wait_for(_echo_reply(opened, data), timeout_s)
    return Answer(True, "gets an echo")


def _icmp_kind(version: int, protocol: int) -> socket.SocketKind:
    """A datagram socket where ping_group_range lets us; a raw one needs CAP_NET_RAW."""
    try:
        socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_DGRAM, protocol).close()
    except PermissionError:
        return socket.SOCK_RAW
    return socket.SOCK_DGRAM


def echo_request(version: int, data: bytes) -> bytes:
    kind = 8 if version == 4 else 128
    message = struct.pack("!BBHHH", kind, 0, 0, secrets.randbelow(65536), 1) + data
    checksum = _checksum(message) if version == 4 else 0  # the kernel's business for ICMPv6
    return message[:2] + struct.pack("!H", checksum) + message[4:]


async def _echo_reply(opened: socket.socket, data: bytes) -> None:
    for _count in range(STRANGERS_MAX):
        packet = await asyncio.get_running_loop().sock_recv(opened, DATAGRAM_MAX)
        start = (packet[0] & 0xF) * 4 if packet[:1] and packet[0] >> 4 == 4 and len(packet) > len(data) + 8 else 0
        if packet.endswith(data) and packet[start : start + 1] in (b"\x00", b"\x81"):  # not our own request
            return
    raise CheckFailedError("gets nothing but packets for others")


def _checksum(message: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
