# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The healthy core through many seeds; one seed is one history.

``SIM_SEED=123`` runs that seed alone, ``SIM_SEEDS=100000`` so many, from 1 on. Look next at ``world.py``.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from tests.sim.world import World

# Chosen for 10 000 simulated hours.
SEEDS = 1200
ROUNDS = 3


def seeds() -> range:
    if one := os.environ.get("SIM_SEED"):
        return range(int(one), int(one) + 1)
    return range(1, int(os.environ.get("SIM_SEEDS", SEEDS)) + 1)


class Tally:
    """What was simulated, told honestly: long intervals make cheap hours, so those at 1 s are told apart."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.hours = self.hours_at_1_s = 0.0
        self._began_s = time.process_time()

    def add(self, world: World) -> None:
        hours = world.schedule.now / 3600
        self.hours += hours
        self.hours_at_1_s += hours if world.site.interval_s == 1 else 0
        self.sums["faults"] += world.faults.count
        self.sums["transitions"] += world.checkers.transitions
        self.sums["adverts carried"] += world.network.carried

    def __str__(self) -> str:
        cpu_s = time.process_time() - self._began_s
        sums = ", ".join(f"{count} {what}" for what, count in self.sums.items())
        hours = f"{self.hours:.0f} simulated hours ({self.hours_at_1_s:.0f} of them at 1 s adverts)"
        return f"{hours}, {sums}; {cpu_s:.1f} s of CPU, {self.hours / cpu_s:.0f} hours a second"


def test_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    for seed in seeds():
        world = World(seed)
        world.run(ROUNDS)
        tally.add(world)
    with capsys.disabled():
        print(f"\nsim: seeds {seeds().start} to {seeds().stop - 1}, {ROUNDS} rounds each: {tally}")


def test_a_seed_is_one_history() -> None:
    first, second = (World(7) for _turn in range(2))
    first.run(ROUNDS)
    second.run(ROUNDS)
    assert first.transcript.text() == second.transcript.text()
    assert first.network.carried == second.network.carried
