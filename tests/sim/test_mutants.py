# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every broken core is caught, by the right checker, within a few seeds: what nothing trips proves nothing."""

from __future__ import annotations

import pytest

from tests.sim import mutants, mutants_beyond_v2, mutants_of_giving
from tests.sim.checkers import NAMES
from tests.sim.mutant import MUTANTS, Mutant
from tests.sim.world import BreachError, World

# The slowest to be found needs a rare course of events; it is found well within this.
SEEDS = 150
ROUNDS = 2


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, attribute, value in mutant.replacements:
        monkeypatch.setattr(owner, attribute, value)
    breach = first_breach()
    assert breach is not None, f"{SEEDS} seeds found nothing wrong with {mutant.name}"
    assert breach.checker in mutant.caught_by, str(breach)


def first_breach() -> BreachError | None:
    for seed in range(1, SEEDS + 1):
        try:
            World(seed).run(ROUNDS)
        except BreachError as breach:
            return breach
    return None


def test_all_mutants_are_known() -> None:
    files = {module.__name__ for module in (mutants, mutants_beyond_v2, mutants_of_giving)}
    assert {mutant.origin for mutant in MUTANTS} == files


def test_every_checker_has_a_mutant() -> None:
    assert {name for mutant in MUTANTS for name in mutant.caught_by} == NAMES
