# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The agenda knows the earliest of many deadlines, however they move, and whom they belong to."""

from __future__ import annotations

from typing import Optional

from hypothesis import given
from hypothesis import strategies as st
from vipd.core.deadline import Agenda, earliest


class Clerk:
    """An owner with one deadline."""

    def __init__(self) -> None:
        self.at: Optional[float] = None
        self.told = 0

    def next(self) -> Optional[float]:
        self.told += 1
        return self.at


moves = st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 20)))


@given(st.lists(moves, max_size=60), st.lists(st.integers(0, 20), max_size=60))
def test_it_is_the_minimum(steps: list[tuple[int, Optional[int]]], looks: list[int]) -> None:
    """Later without a word, earlier with ``update``; sometimes somebody looks."""
    agenda, clerks = Agenda(), [Clerk(), Clerk(), Clerk(), Clerk(), Clerk()]
    for number, (who, at) in enumerate(steps):
        clerk = clerks[who]
        moved_to_earlier = clerk.at is None or (at is not None and at < clerk.at)
        clerk.at = at
        if moved_to_earlier:
            agenda.update(clerk)
        if number < len(looks):
            assert agenda.next() == earliest(*(one.at for one in clerks))
    assert agenda.next() == earliest(*(one.at for one in clerks))


def test_who_is_due_comes_in_the_order_of_time_and_then_of_joining() -> None:
    agenda, clerks = Agenda(), [Clerk(), Clerk(), Clerk(), Clerk()]
    for clerk, at in zip(clerks, (2.0, 1.0, 2.0, 3.0)):
        clerk.at = at
        agenda.update(clerk)
    assert agenda.take_due(2.0) == [clerks[1], clerks[0], clerks[2]]
    assert agenda.next() == 3.0


def test_who_left_is_not_asked() -> None:
    agenda, clerk = Agenda(), Clerk()
    clerk.at = 1.0
    agenda.update(clerk)
    agenda.leave(clerk)
    clerk.told = 0
    assert (agenda.next(), clerk.told) == (None, 0)


def test_deadlines_that_move_to_later_cost_one_look_each() -> None:
    """255 backups, each of which hears its master once in a while: nobody asks all of them each time."""
    agenda, clerks = Agenda(), [Clerk() for _number in range(255)]
    for number, clerk in enumerate(clerks):
        clerk.at = 3.0 + number / 255
        agenda.update(clerk)
    before = sum(clerk.told for clerk in clerks)
    for clerk in clerks:
        assert clerk.at is not None
        clerk.at += 1.0
        agenda.next()
    assert sum(clerk.told for clerk in clerks) - before <= 4 * len(clerks)
