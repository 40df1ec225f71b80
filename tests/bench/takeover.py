# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How late a backup takes over: after a goodbye, after silence; and how soon it then announces the address.

One host speaks for the masters of sixteen VRIDs, eight of which vipd backs up and eight keepalived. It says "I am
master" twice, or once and goodbye. The VRIDs take turns, contenders alternating, so that no takeover falls on another
and both meet the same load. All times are the kernel's, at the switch between them. A second series gives keepalived
the real-time priority that vipd's VRRP process always has.
"""

from __future__ import annotations

import time
from contextlib import closing
from ipaddress import IPv4Address

from vipd.core.advert import RELEASE
from vipd.core.timers import master_down_s, skew_s
from vipd.linux.vrrp_socket import Datagram, Outlet, VrrpSocket, datagram
from vipd.wire.vrrp import GROUP, TTL, Advert, Checksum

from tests.bench.contenders import NAMES, Contenders
from tests.bench.measures import Measure
from tests.netns.configuration import instance
from tests.netns.segment import Segment

VRIDS = {"vipd": range(1, 16, 2), "keepalived": range(2, 17, 2)}
PRIORITY, MASTER_PRIORITY = 100, 200
LAST_PRIORITY = 201  # of the advert before silence, to tell it from the one before it
HEARD_S = 0.03  # between "I am master" and the last word: time to yield and be a backup again

# A round gives one sample for each VRID; the next begins when the last takeover of this one is over.
GOODBYE_ROUNDS, GOODBYE_TURN_S = 4, 0.055
SILENCE_ROUNDS, SILENCE_TURN_S = 3, 0.23
AFTERWARDS_S = 0.3

# Without the limit on top, keepalived kills itself after 10 ms of work at a stretch.
REALTIME = "global_defs {\n    vrrp_rt_priority 10\n    vrrp_rlimit_rttime 1000000\n}\n"


def measure(contenders: Contenders) -> list[Measure]:
    """keepalived as it comes, then with real-time priority."""
    return [*_series(contenders, "", ""), *_series(contenders, REALTIME, ", both real-time")]


def _series(contenders: Contenders, for_keepalived: str, remark: str) -> list[Measure]:
    with contenders.segment("master", *NAMES) as segment:
        for name in NAMES:
            config = "".join(instance(PRIORITY, name=f"V{n}", vrid=n, vips=[vip(n)]) for n in VRIDS[name])
            extra = for_keepalived if name == "keepalived" else ""
            contenders.daemon(name, segment.hosts[name], extra + config).start()
        with segment.hosts["master"].entered(), closing(VrrpSocket("eth0")) as socket:
            goodbyes = _rounds(socket, GOODBYE_ROUNDS, GOODBYE_TURN_S, goodbye=True)
            silences = _rounds(socket, SILENCE_ROUNDS, SILENCE_TURN_S, goodbye=False)
        after_goodbye = _figures(segment, goodbyes, goodbye=True, remark=remark)
        return [*after_goodbye, *_figures(segment, silences, goodbye=False, remark=remark)]


def vip(vrid: int) -> str:
    return f"10.0.1.{vrid}"


def advert(vrid: int, priority: int) -> Datagram:
    outlet = Outlet(IPv4Address("10.0.0.1"), GROUP, TTL, Checksum.MESSAGE_ONLY)
    return datagram(Advert(2, vrid, priority, 100, (IPv4Address(vip(vrid)),)), outlet)


def wait_s(goodbye: bool) -> float:
    """From the last word of a master to the takeover, exactly."""
    return skew_s(PRIORITY) if goodbye else master_down_s(PRIORITY, 1)


def _rounds(socket: VrrpSocket, rounds: int, turn_s: float, *, goodbye: bool) -> tuple[float, float]:
    """From when to when they lasted, on the clock of the packets."""
    began = time.time()
    for _round in range(rounds):
        start = time.monotonic()
        for turn in range(16):
            _sleep_until(start + turn * turn_s)
            socket.send(advert(turn + 1, MASTER_PRIORITY))
            time.sleep(HEARD_S)
            socket.send(advert(turn + 1, RELEASE if goodbye else LAST_PRIORITY))
        _sleep_until(start + 15 * turn_s + wait_s(goodbye) + AFTERWARDS_S)
    return began, time.time()


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))


def _figures(segment: Segment, within: tuple[float, float], *, goodbye: bool, remark: str) -> list[Measure]:
    seen = {
        name: [one for vrid in VRIDS[name] for one in _takeovers(segment, name, vrid, within, goodbye=goodbye)]
        for name in NAMES
    }
    late, announced = ({name: [one[column] for one in seen[name]] for name in NAMES} for column in (0, 1))
    word, exact = ("goodbye", "Skew_Time") if goodbye else ("silence", "Master_Down_Interval")
    return [
        Measure(f"{word} to advert, beyond {exact}{remark}", "ms", late["vipd"], late["keepalived"]),
        Measure(f"{word}: advert to gratuitous ARP{remark}", "ms", announced["vipd"], announced["keepalived"]),
    ]


def _takeovers(
    segment: Segment, name: str, vrid: int, within: tuple[float, float], *, goodbye: bool
) -> list[tuple[float, float]]:
    """For each last word of the master: how late the first advert was, and how long after it the first ARP; in ms."""
    last = RELEASE if goodbye else LAST_PRIORITY
    heard = [one for one in segment.packets.adverts("master", vrid) if one.priority == last]
    adverts = [one.at for one in segment.packets.adverts(name, vrid)]
    announcements = [one.at for one in segment.packets.announcements(name, vip(vrid))]
    takeovers = []
    for said in (one.at for one in heard if within[0] < one.at < within[1]):
        due = said + wait_s(goodbye)
        # A master that yields may say so, right after it was told: that is no takeover.
        advert_at = _first(adverts, said + wait_s(goodbye) / 2, f"{name} did not take over VRID {vrid}")
        announced_at = _first(announcements, advert_at, f"{name} did not announce {vip(vrid)}")
        takeovers.append(((advert_at - due) * 1e3, (announced_at - advert_at) * 1e3))
    return takeovers


def _first(times: list[float], after: float, otherwise: str) -> float:
    for at in times:
        if at > after:
            return at
    raise RuntimeError(otherwise)
