# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A core that is wrong in one way, and the checkers that may say so: the tests of the simulator itself.

A mutant stands in front of one function of the agent and gets the healthy one as its first argument, so that it stays
wrong in that one way only when the core changes. They are in ``mutants.py`` and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vipd.core.effects import Effect

Healthy = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """``replacements`` are (owner, attribute, value); ``origin`` is the module that it is in."""

    name: str
    origin: str
    caught_by: tuple[str, ...]
    replacements: tuple[tuple[Any, str, Any], ...]


MUTANTS: list[Mutant] = []


def replaces(owner: type, method: str, *caught_by: str) -> Callable[[Healthy], Healthy]:
    healthy = getattr(owner, method)

    def register(broken: Healthy) -> Healthy:
        def method_of_mutant(self: Any, *arguments: Any, **options: Any) -> Any:
            return broken(healthy, self, *arguments, **options)

        MUTANTS.append(Mutant(broken.__name__, broken.__module__, caught_by, ((owner, method, method_of_mutant),)))
        return broken

    return register


def constant(origin: str, name: str, value: Any, attribute: str, *owners: Any, caught_by: tuple[str, ...]) -> None:
    MUTANTS.append(Mutant(name, origin, caught_by, tuple((owner, attribute, value) for owner in owners)))


def without(kind: type, effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if not isinstance(effect, kind)]
