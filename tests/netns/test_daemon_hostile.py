# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A third host on the segment that sends adverts it has no right to send, and worse.

Each would win the election if one check were missing: priority 200, against 150 and 100.
"""

from __future__ import annotations

import random
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from vipd.core.receive import Refusal

from tests.netns.configuration import VIP, down_s, instance
from tests.netns.daemon import Vipd
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

GROUP, GROUP_MAC = "224.0.0.18", bytes.fromhex("01005e000012")
PASSWORD = b"secret\0\0"
AUTHENTICATION = "authentication {\n        auth_type PASS\n        auth_pass secret\n    }"

REFUSALS = {refusal.value for refusal in Refusal}

VRID = 51
TOTAL = 10_000
AT_ONCE = 50  # fewer than a receive buffer holds: everything sent must be counted
MEMORY_KB = 1024  # pages that an interpreter touches for the first time; a leak of 110 bytes a packet would exceed it


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def message(
    *,
    first: int = 0x21,
    vrid: int = VRID,
    count: int = 1,
    auth_type: int = 1,
    interval: int = 1,
    password: bytes = PASSWORD,
    wrong_by: int = 0,
) -> bytes:
    """A VRRP message; without arguments one that counts."""
    start = struct.pack("!BBBBBB", first, vrid, 200, count, auth_type, interval)
    end = socket.inet_aton(VIP) + password
    return start + struct.pack("!H", checksum(start + bytes(2) + end) ^ wrong_by) + end


def frame(source_mac: bytes, payload: bytes, ttl: int = 255, source: str = "10.0.0.3") -> bytes:
    header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(payload), 1, 0, ttl, 112, 0)
    addresses = socket.inet_aton(source) + socket.inet_aton(GROUP)
    header = header[:10] + struct.pack("!H", checksum(header + addresses)) + addresses
    return GROUP_MAC + source_mac + b"\x08\x00" + header + payload


def hostile_frames(mac: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """What it must be counted as, and the frame; without end. ``?`` is any reason."""
    while True:
        yield "auth_failure", frame(mac, message(password=b"Secret\0\0"))
        yield "auth_failure", frame(mac, message(password=chance.randbytes(8)), source="10.0.0.99")
        yield "auth_type_mismatch", frame(mac, message(auth_type=0, password=bytes(8)))
        yield "bad_auth_type", frame(mac, message(auth_type=2))
        yield "interval_mismatch", frame(mac, message(interval=chance.choice([2, 100, 255])))
        yield "bad_interval", frame(mac, message(interval=0))
        yield "ttl_not_255", frame(mac, message(), ttl=chance.choice([1, 64, 254]))
        yield "unknown_vrid", frame(mac, message(vrid=chance.randrange(52, 256)))
        yield "bad_vrid", frame(mac, message(vrid=0))
        yield "bad_version", frame(mac, message(first=chance.choice([0x11, 0x41, 0xF1])))
        yield "version_mismatch", frame(mac, message(first=0x31, auth_type=0, interval=100, password=b""))
        yield "bad_length", frame(mac, message(first=0x31))
        yield "bad_type", frame(mac, message(first=chance.choice([0x20, 0x22, 0x2F])))
        yield "bad_checksum", frame(mac, message(wrong_by=chance.randrange(1, 0xFFFF)))
        yield "no_addresses", frame(mac, message(count=0))
        yield "bad_length", frame(mac, message(count=chance.randrange(2, 256)))
        yield "bad_length", frame(mac, message() + bytes(4 * chance.randrange(1, 300)))
        yield "truncated", frame(mac, message()[: chance.randrange(8)])
        yield "?", frame(mac, chance.randbytes(2 * chance.randrange(600)))
        yield "?", frame(mac, mutated(message(), chance))


def mutated(payload: bytes, chance: random.Random) -> bytes:
    """Some octets replaced, the checksum left as it was."""
    octets = bytearray(payload)
    for _turn in range(chance.randrange(1, 6)):
        octets[chance.randrange(len(octets))] ^= chance.randrange(1, 256)
    return bytes(octets)


def gets_in(octets: bytes) -> bool:
    """The kernel drops what is for another VRID, and what is too short to have one: nobody is woken to count it."""
    return octets[35:36] == bytes([VRID])


def counted(daemon: Vipd) -> Counter[str]:
    """Refused packets by reason, whether an instance or the interface counted them."""
    status = daemon.status()
    counts = Counter({label.split()[-1]: number for label, number in status["rejected"].items()})
    ours = status["instances"][0]["counters"]
    counts.update({label: number for label, number in ours.items() if label in REFUSALS})
    return counts


def resident_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])


@pytest.fixture
def under_attack(tmp_path: Path) -> Iterator[Segment]:
    with Segment(tmp_path, "a", "b", "c") as three_hosts:
        yield three_hosts
    print(three_hosts.logs())


def test_ten_thousand_hostile_packets(under_attack: Segment) -> None:
    segment = under_attack
    a, b = segment.vipd("a", instance(150, AUTHENTICATION)), segment.vipd("b", instance(100, AUTHENTICATION))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(150))

    expected: Counter[str] = Counter()
    with segment.hosts["c"].entered():
        attacker = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with closing(attacker):
        attacker.bind(("eth0", 0))
        frames = hostile_frames(segment.hosts["c"].mac(), random.Random(2024))
        memory: dict[int, int] = {}
        for sent in range(1, TOTAL + 1):
            reason, octets = next(frames)
            attacker.send(octets)
            expected[reason] += gets_in(octets)
            if sent % AT_ONCE == 0:
                wait_for(
                    lambda: {counted(a).total(), counted(b).total()} == {expected.total()}, f"{sent} to be counted"
                )
            if sent == TOTAL // 10:
                memory = {daemon.pid: resident_kb(daemon.pid) for daemon in (a, b)}

    for daemon, role in ((a, "MASTER"), (b, "BACKUP")):
        found = counted(daemon)
        assert found["unknown_vrid"] == 0
        assert {
            reason: found[reason] for reason in expected if reason != "?" and found[reason] < expected[reason]
        } == {}
        assert daemon.instance()["state"] == role
        assert resident_kb(daemon.pid) - memory[daemon.pid] < MEMORY_KB
        assert len(daemon.log().splitlines()) < 20, "a flood of packets must not become a flood of log lines"
    assert [entry["after"] for entry in a.status()["history"]] == ["BACKUP", "MASTER"]
    assert [entry["after"] for entry in b.status()["history"]] == ["BACKUP"]
    assert "adverts_received" not in a.instance()["counters"]
    assert [change.host for change in segment.addresses.changes(VIP)] == ["a"]
