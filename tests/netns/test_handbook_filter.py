# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packet filter's rules that docs/lvs.md shows, put into a filter that lets nothing else in.

Each packet is sent as it is on a director or a real server; of a connection to the VIP a director sees one half.
"""

from __future__ import annotations

import re
import shlex
import socket
import struct
from pathlib import Path

from tests.netns.namespace import Namespace
from tests.netns.waiting import wait_for

HANDBOOK = Path(__file__).resolve().parents[2] / "docs" / "lvs.md"
CLOSED = """
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        iifname lo accept
        ct state established,related accept
        ct state invalid drop
    }
    chain half {
        type filter hook output priority -300; policy accept;
        tcp flags & rst == rst drop
    }
    chain let_in {
        type filter hook input priority 1; policy accept;
        meta l4proto 112 counter
        udp dport 8848 counter
        tcp dport 80 tcp flags syn / syn,ack counter
        tcp dport 80 tcp flags ack / syn,ack counter
    }
}
"""
VIP, WEB, CLIENT = "10.0.0.250", "10.0.0.7", "10.0.0.2"
SYN, ACK = 0x02, 0x10
VRRP = 112
SEEN_S = 30.0


def nft(host: Namespace, *words: str) -> str:
    process = host.start("nft", *words, stdout=-1)
    said, _error = process.communicate()
    assert process.returncode == 0, words
    return str(said.decode())


def counted(host: Namespace) -> list[int]:
    return [int(number) for number in re.findall(r"counter packets (\d+)", nft(host, "list", "chain", *LET_IN.split()))]


LET_IN = "inet filter let_in"


def segment_of_tcp(flags: int) -> bytes:
    """With its checksum, which connection tracking looks at."""
    header = struct.pack("!HHIIBBHHH", 40000, 80, 1, 1, 5 << 4, flags, 1024, 0, 0)
    pseudo = socket.inet_aton(CLIENT) + socket.inet_aton(VIP) + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(header))
    total = sum(struct.unpack("!16H", pseudo + header))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return header[:16] + struct.pack("!H", checksum) + header[18:]


def send(host: Namespace) -> None:
    with host.entered():
        raw = {number: socket.socket(socket.AF_INET, socket.SOCK_RAW, number) for number in (VRRP, socket.IPPROTO_TCP)}
        sync = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sync, raw[VRRP], raw[socket.IPPROTO_TCP]:
        for one in (sync, raw[VRRP]):
            one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(CLIENT))
        raw[VRRP].sendto(b"x" * 20, ("224.0.0.18", 0))
        sync.sendto(b"x", ("224.0.0.81", 8848))
        for flags in (SYN, ACK):
            raw[socket.IPPROTO_TCP].sendto(segment_of_tcp(flags), (VIP, 0))


def test_the_rules_of_the_handbook_let_in_what_lvs_needs(pair: tuple[Namespace, Namespace], tmp_path: Path) -> None:
    director, client = pair
    director.ip(f"address add {VIP}/32 dev eth0")
    (tmp_path / "closed.nft").write_text(CLOSED)
    nft(director, "-f", str(tmp_path / "closed.nft"))
    with director.entered():
        joined = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with joined:
        for group in ("224.0.0.18", "224.0.0.81"):
            member = socket.inet_aton(group) + socket.inet_aton("10.0.0.1")
            joined.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        send(client)
        assert counted(director) == [0, 0, 0, 0]
        shown = re.findall("^nft (.*)$", HANDBOOK.read_text(), re.MULTILINE)
        assert len(shown) == 3
        for rule in shown:
            nft(director, *shlex.split(rule))
        send(client)
        wait_for(lambda: counted(director) == [1, 1, 1, 1], "one packet of each kind", SEEN_S)
