# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group of nodes lives through, whatever they run and however they speak.

Times are asserted in intervals, from what was on the wire: a busy machine is late, but never early.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.interop.cell import Cell
from tests.interop.group import CLIENT, Group
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for


@dataclass(frozen=True)
class Life:
    """The whole life of a group whose nodes are of the kinds ``mix``, the first with the highest priority."""

    cell: Cell
    mix: str
    events: Callable[[Group], None]

    def __str__(self) -> str:
        return f"{self.cell}-{self.mix}-{self.events.__name__}"

    def live(self, directory: Path) -> None:
        """Raises AssertionError, with the logs of all nodes, at the first event that ends otherwise than it must."""
        with Segment(directory, *"abc"[: len(self.mix)], CLIENT, ipv6=self.cell.family == 6) as segment:
            try:
                self.events(Group(segment, self.cell, self.mix))
            except AssertionError as error:
                error.add_note(segment.logs())
                raise


def two_nodes(group: Group) -> None:
    a, b = group.nodes.values()
    for node in (a, b):
        node.start()
    group.settle("both start", "a", group.after_silence_s("b"))

    a.stop()
    group.settle("a stops", "b", group.after_goodbye_s("b"))
    assert group.has_frr or takeover_intervals(group, "a", "b") < 3.5, "b did not count a's goodbye"
    a.start()
    group.settle("a comes back", "a", group.after_silence_s("a"))

    a.kill()
    group.wait_until_held("a is killed", "b", group.after_silence_s("b"))
    assert takeover_intervals(group, "a", "b") > 2.5, "b did not wait for a"
    group.clean("a")
    group.settle("what a left is removed", "b", group.after_goodbye_s("b"))
    a.start()
    group.settle("a comes back again", "a", group.after_silence_s("a"))

    b.kill()
    group.settle("the backup is killed", "a", group.after_goodbye_s("a"))


def three_nodes(group: Group) -> None:
    a, b, c = group.nodes.values()
    for node in (a, b, c):
        node.start()
    group.settle("all start", "a", group.after_silence_s("a"))
    a.stop()
    group.settle("a stops", "b", group.after_goodbye_s("b"))
    b.stop()
    group.settle("b stops", "c", group.after_goodbye_s("c"))
    a.start()
    group.settle("a comes back", "a", group.after_silence_s("a"))
    b.start()
    c.kill()
    a.kill()
    group.wait_until_held("a and c are killed", "b", group.after_silence_s("b"))
    group.clean("a")
    group.settle("what a left is removed", "b", group.after_goodbye_s("b"))


def takeover_intervals(group: Group, old: str, new: str) -> float:
    """From the last word of ``old`` to the first of ``new``."""
    last = group.adverts(old)[-1].at
    first = wait_for(lambda: group.adverts(new, since=last), f"an advert of {new}", group.after_silence_s(new))[0].at
    return (first - last) / group.cell.interval_s
