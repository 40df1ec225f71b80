# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When something went wrong, and for whom: the only excuses that checkers accept.

Three kinds are kept apart, because they excuse different things:

    a cause     anything that may lead to a transition: every fault, every recovery, every reload
    a change    of one node, after which its peers must hear it once before the pair agrees again
    deafness    of a pair of nodes: an advert between them was lost, late or cut off, or one of the two did not run
                or had no link. Only this may lead to two holders.
"""

from __future__ import annotations

NEVER = -1e18


class Trouble:
    def __init__(self) -> None:
        self.cause_at = NEVER
        self._changed_at: dict[str, float] = {}
        self._deaf_at: dict[tuple[str, str], float] = {}

    def caused(self, now: float) -> None:
        self.cause_at = now

    def changed(self, node: str, now: float) -> None:
        self.cause_at = now
        self._changed_at[node] = now

    def deaf(self, one: str, other: str, now: float) -> None:
        self.cause_at = now
        self._deaf_at[one, other] = self._deaf_at[other, one] = now

    def deaf_at(self, one: str, other: str) -> float:
        """When the two last failed to hear each other as they should."""
        return self._deaf_at.get((one, other), NEVER)

    def disturbed_at(self, one: str, other: str) -> float:
        """When the two last had something to settle anew."""
        return max(self.deaf_at(one, other), self._changed_at.get(one, NEVER), self._changed_at.get(other, NEVER))
