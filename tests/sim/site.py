# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a seed draws before anything happens: how many nodes, and what each one's configuration says.

The configurations of one site always agree in what must agree (VRID, interval, password); VIP lists and priorities
differ for as long as a reload has reached some nodes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from random import Random

from vipd.config.model import (
    Command,
    Config,
    GarpSettings,
    GlobalDefs,
    Notify,
    TrackInterface,
    Tracks,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)

PRIMARY = "eth0"
TRACKED = "eth1"
SCRIPT = "chk"

OWNER = 255
VRIDS = (51, 52)
POOL = {vrid: tuple(VirtualAddress(IPv4Address(f"10.0.{vrid}.{n}"), 24) for n in range(1, 5)) for vrid in VRIDS}
NOTIFY = Command(("/usr/local/bin/told",))

# VRRPv2 allows intervals of 1 to 255 s. Two in five sites use 1 s, as almost everybody does; the others range over
# all of it, and are where most of the simulated hours come from.
LONGEST_INTERVAL_S = 255


@dataclass
class Site:
    """``priorities`` and ``vips`` are what the operator wants now; nodes know it once they have reloaded."""

    names: list[str]
    vrids: tuple[int, ...]
    interval_s: int
    password: str | None
    nopreempt: bool
    script_weight: int | None  # None: no script is tracked
    link_weight: int | None  # None: the second interface is not tracked
    garp: GarpSettings
    priorities: dict[tuple[str, int], int] = field(default_factory=dict)
    vips: dict[int, tuple[VirtualAddress, ...]] = field(default_factory=dict)

    def config(self, name: str) -> Config:
        """The file that this node would read now."""
        scripts = () if self.script_weight is None else (VrrpScript(SCRIPT, NOTIFY, weight=self.script_weight),)
        return Config(
            GlobalDefs(garp=self.garp),
            scripts=scripts,
            instances=tuple(self._instance(name, vrid) for vrid in self.vrids),
        )

    def _instance(self, name: str, vrid: int) -> VrrpInstance:
        priority = self.priorities[name, vrid]
        return VrrpInstance(
            name=f"VI_{vrid}",
            interface=PRIMARY,
            virtual_router_id=vrid,
            priority=priority,
            advert_int_s=float(self.interval_s),
            auth_pass=self.password,
            virtual_ipaddress=self.vips[vrid],
            nopreempt=self.nopreempt and priority != OWNER,
            tracks=Tracks(
                scripts=() if self.script_weight is None else (TrackScript(SCRIPT),),
                interfaces=() if self.link_weight is None else (TrackInterface(TRACKED, self.link_weight),),
            ),
            notify=Notify(any=NOTIFY),
        )

    def describe(self) -> str:
        ranks = " ".join(f"{name}/{vrid}={priority}" for (name, vrid), priority in self.priorities.items())
        tracked = f"script weight {self.script_weight}, {TRACKED} weight {self.link_weight}"
        return f"interval {self.interval_s} s, {'nopreempt, ' if self.nopreempt else ''}{tracked}, priorities {ranks}"


def draw(rng: Random) -> Site:
    """Pairs mostly; every other shape often enough."""
    count = rng.choices((2, 3, 4, 5), (70, 18, 7, 5))[0]
    interval_s = 1 if rng.random() < 0.4 else rng.randint(2, LONGEST_INTERVAL_S)
    site = Site(
        names=[f"lb{n + 1}" for n in range(count)],
        vrids=VRIDS[: rng.choices((1, 2), (3, 1))[0]],
        interval_s=interval_s,
        password=rng.choice((None, "1111")),
        nopreempt=rng.random() < 0.25,
        script_weight=rng.choice((None, 0, -60, 40)),
        link_weight=rng.choice((None, None, 0, -30, 25)),
        garp=rng.choice(
            (GarpSettings(), GarpSettings(master_delay_s=0.0), GarpSettings(master_refresh_s=5.0 * interval_s))
        ),
    )
    for vrid in site.vrids:
        site.vips[vrid] = draw_vips(rng, vrid)
        for name in site.names:
            site.priorities[name, vrid] = draw_priority(rng)
    if rng.random() < 0.04:
        site.priorities[rng.choice(site.names), site.vrids[0]] = OWNER
    return site


def draw_priority(rng: Random) -> int:
    """Ties and neighbours are where elections go wrong, so they are common."""
    return rng.choice((100, 100, 101, 150, 151, 1, 254, rng.randint(2, 253)))


def draw_vips(rng: Random, vrid: int, taken: tuple[VirtualAddress, ...] = ()) -> tuple[VirtualAddress, ...]:
    free = [vip for vip in POOL[vrid] if vip not in taken]
    return tuple(rng.sample(free, rng.randint(1, min(3, len(free)))))
