# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a seed draws before anything happens: how many nodes, how they speak, and what is configured.

Every feature is common enough to meet every other within a few hundred seeds.
"""

from __future__ import annotations

from random import Random

from vipd.config.model import GarpSettings, VirtualAddress

from .segment import Speech
from .site import OWNER, VRIDS, Site, Weights

SPEECHES = {
    Speech(2, 4, unicast=False): 45,
    Speech(3, 4, unicast=False): 20,
    Speech(3, 6, unicast=False): 15,
    Speech(2, 4, unicast=True): 6,
    Speech(3, 4, unicast=True): 7,
    Speech(3, 6, unicast=True): 7,
}

# VRRPv2 allows intervals of 1 to 255 s. Two in five sites use 1 s, as almost everybody does; the others range over
# all of it, and are where most of the simulated hours come from. Version 3 allows 0.01 to 40.95 s.
LONGEST_V2_S = 255
LONGEST_V3_CS = 4095


def draw(rng: Random) -> Site:
    """Pairs mostly; every other shape often enough."""
    names = [f"lb{n + 1}" for n in range(rng.choices((2, 3, 4, 5), (70, 18, 7, 5))[0])]
    speech = rng.choices(list(SPEECHES), list(SPEECHES.values()))[0]
    vrids = VRIDS[: rng.choices((1, 2), (3, 2))[0]]
    grouped = len(vrids) > 1 and rng.random() < 0.6
    intervals_s = _intervals_s(rng, names, speech)
    interval_s = max(intervals_s.values())
    nopreempt = rng.random() < 0.25
    site = Site(
        names=names,
        vrids=vrids,
        speech=speech,
        intervals_s=intervals_s,
        password=rng.choice((None, "1111")) if speech.version == 2 else None,
        nopreempt=nopreempt,
        preempt_delay_s=rng.choice((0.5, 3.0, 8.0)) * interval_s if rng.random() < 0.2 and not nopreempt else 0.0,
        startup_delay_s=rng.choice((0.5, 4.0)) * interval_s if rng.random() < 0.12 else 0.0,
        delays_s=(rng.choice((0.5, 4.0)) * interval_s, rng.choice((0.0, 2.0)) * interval_s)
        if rng.random() < 0.2
        else None,
        weights=_weights(rng, grouped),
        grouped=grouped,
        weights_count=rng.random() < 0.6,
        garp=rng.choice(
            (GarpSettings(), GarpSettings(master_delay_s=0.0), GarpSettings(master_refresh_s=5.0 * interval_s))
        ),
        present=set(vrids),
    )
    _fill(rng, site)
    return site


def _intervals_s(rng: Random, names: list[str], speech: Speech) -> dict[str, float]:
    """In version 3 they may differ between nodes: whoever is backup learns.

    Not by a factor of three: a node that starts counts with its own interval until it has heard a master (RFC 9568
    section 6.4.1), and would not wait long enough to hear one that adverts so seldom.
    """
    if speech.version == 2:
        interval_s = 1 if rng.random() < 0.4 else rng.randint(2, LONGEST_V2_S)
        return dict.fromkeys(names, float(interval_s))
    base_cs = rng.choice((100, rng.randint(5, 90), rng.randint(200, LONGEST_V3_CS)))
    if rng.random() < 0.6:
        return dict.fromkeys(names, base_cs / 100)
    return {name: min(LONGEST_V3_CS, round(base_cs * rng.choice((0.6, 1, 1.6)))) / 100 for name in names}


def _weights(rng: Random, grouped: bool) -> Weights:
    return Weights(
        script=rng.choice((None, 0, -60, 40)),
        link=rng.choice((None, None, 0, -30, 25)),
        file=rng.choice((None, None, None, 0, 1, -2)),
        process=rng.choice((None, None, None, 0, -40)),
        of_group=grouped and rng.random() < 0.4,
        of_first=rng.random() < 0.5,
    )


def _fill(rng: Random, site: Site) -> None:
    for vrid in site.vrids:
        site.vips[vrid] = draw_vips(rng, site.speech.pool(vrid))
        site.routes[vrid] = site.speech.routes(vrid)[: rng.choice((0, 0, 1, 2))]
    for name in site.names:
        draw_priority(rng, site, name, site.vrids[0])
        if not site.grouped:
            for vrid in site.vrids[1:]:
                draw_priority(rng, site, name, vrid)
    if not site.grouped and rng.random() < 0.05:
        site.priorities[rng.choice(site.names), site.vrids[0]] = OWNER


def draw_priority(rng: Random, site: Site, name: str, vrid: int) -> None:
    """Ties and neighbours are where elections go wrong, so they are common.

    Members of a sync group have one priority a node: opposite preferences in one group cannot be satisfied.
    """
    priority = rng.choice((100, 100, 101, 150, 151, 1, 254, rng.randint(2, 253)))
    for member in site.vrids if site.grouped else (vrid,):
        site.priorities[name, member] = priority


def draw_vips(
    rng: Random, pool: tuple[VirtualAddress, ...], taken: tuple[VirtualAddress, ...] = ()
) -> tuple[VirtualAddress, ...]:
    free = [vip for vip in pool if vip not in taken]
    return tuple(rng.sample(free, rng.randint(1, min(3, len(free)))))
