# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The healthy core through many seeds; one seed is one history.

``SIM_SEED=123`` runs that seed alone, ``SIM_SEEDS=100000`` so many, from 1 on. Look next at ``world.py``.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict

import pytest

from tests.sim.site import OWNER, Site
from tests.sim.world import World

SEEDS = 2200
HOURS = 10_000
ROUNDS = 3


def seeds() -> range:
    if one := os.environ.get("SIM_SEED"):
        return range(int(one), int(one) + 1)
    return range(1, int(os.environ.get("SIM_SEEDS", SEEDS)) + 1)


class Tally:
    """What was simulated, told honestly: long intervals make cheap hours, so hours are told by kind of site.

    Faults and transitions are what finds bugs, and so they are told for each kind as well.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, Counter[str]] = {}
        self.hours: defaultdict[str, float] = defaultdict(float)
        self._began_s = time.process_time()

    def add(self, world: World) -> None:
        for kind in kinds(world.site):
            self.hours[kind] += world.schedule.now / 3600
            self.kinds.setdefault(kind, Counter()).update(
                sites=1,
                faults=world.faults.count,
                transitions=world.checkers.transitions,
                adverts=world.network.carried,
            )

    def __str__(self) -> str:
        cpu_s = time.process_time() - self._began_s
        lines = [f"{cpu_s:.1f} s of CPU, {self.hours[ALL] / cpu_s:.0f} simulated hours a second"]
        for kind, counts in sorted(self.kinds.items(), key=lambda item: -self.hours[item[0]]):
            told = ", ".join(f"{count} {what}" for what, count in counts.items())
            lines.append(f"  {kind:<24} {self.hours[kind]:8.1f} hours, {told}")
        return "\n".join(lines)


ALL = "all"


def kinds(site: Site) -> list[str]:
    """How it speaks, how often, and what else is configured."""
    pace = "below 1 s" if site.interval_s < 1 else "at 1 s" if site.interval_s == 1 else "above 1 s"
    features = {
        "different intervals": len(set(site.intervals_s.values())) > 1,
        "three to five nodes": len(site.names) > 2,
        "sync group": site.grouped,
        "preempt_delay": site.preempt_delay_s,
        "nopreempt": site.nopreempt,
        "startup delay": site.startup_delay_s,
        "link delays": site.delays_s,
        "routes": any(site.routes.values()),
        "owner": OWNER in site.priorities.values(),
    }
    return [ALL, str(site.speech), f"adverts {pace}", *(name for name, given in features.items() if given)]


def test_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    for seed in seeds():
        world = World(seed)
        world.run(ROUNDS)
        tally.add(world)
    with capsys.disabled():
        print(f"\nsim: seeds {seeds().start} to {seeds().stop - 1}, {ROUNDS} rounds each: {tally}")
    if len(seeds()) >= SEEDS:
        assert tally.hours[ALL] >= HOURS


def test_a_seed_is_one_history() -> None:
    first, second = (World(7) for _turn in range(2))
    first.run(ROUNDS)
    second.run(ROUNDS)
    assert first.transcript.text() == second.transcript.text()
    assert first.network.carried == second.network.carried
