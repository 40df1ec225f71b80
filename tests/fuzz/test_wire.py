# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A million wrong packets: the codec refuses or reads each, raises nothing else, and keeps nothing of them.

``FUZZ_PACKETS`` says how many, ``FUZZ_SEED`` repeats a run: the seed is in the output of a failure.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random, SystemRandom

from vipd.wire.errors import Reason, WireError
from vipd.wire.vrrp import ReceivedAdvert, decode, encode

from tests.fuzz.packets import Packet, packets

PACKETS = int(os.environ.get("FUZZ_PACKETS", "1000000"))
SEED = int(os.environ.get("FUZZ_SEED", SystemRandom().getrandbits(32)))
WARM_UP = PACKETS // 10  # fills what the codec remembers
MEMORY_KB = 3072  # a leak of four octets a packet would exceed it

ACCEPTED = "accepted"
NEVER_OF_VRRP = {Reason.NOT_ARP, Reason.NOT_NDP}
ENOUGH_FOR_EVERY_REASON = 100_000


def test_every_packet_is_read_or_refused_and_forgotten() -> None:
    print(f"FUZZ_SEED={SEED} FUZZ_PACKETS={PACKETS}")
    source = packets(Random(SEED))
    outcomes = Counter(map(outcome, islice(source, WARM_UP)))
    before_kb = resident_kb()
    outcomes.update(map(outcome, islice(source, PACKETS - WARM_UP)))
    grown_kb = resident_kb() - before_kb
    print(f"{grown_kb} kB more; {dict(outcomes)}")
    assert grown_kb < MEMORY_KB
    if PACKETS >= ENOUGH_FOR_EVERY_REASON:
        assert set(outcomes) == {ACCEPTED, *(reason.value for reason in set(Reason) - NEVER_OF_VRRP)}


def outcome(packet: Packet) -> str:
    try:
        received = packet.decode()
    except WireError as error:
        return error.reason.value
    except Exception as error:
        raise AssertionError(f"FUZZ_SEED={SEED}: decoding {packet} raises {error!r}") from error
    assert survives(received), f"FUZZ_SEED={SEED}: {packet} is read as {received}, which is written otherwise"
    return ACCEPTED


def survives(received: ReceivedAdvert) -> bool:
    ends = (received.source, received.destination)
    message = encode(received.advert, *ends, received.checksum)
    return decode(message, *ends) == (received.advert, received.checksum)


def resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
