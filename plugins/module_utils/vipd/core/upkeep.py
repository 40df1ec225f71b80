# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often something that another program removed is put back: a few times, not for ever.

Two programs that each insist would fight at the speed of the kernel, and no client could keep a connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

# Each thing is put back this often ...
PUT_BACK_LIMIT = 3

# ... in this time. A network service that restarts removes what it does not know once or twice; one that removes it
# every time it looks must be seen by a person, and until then the other node serves.
PUT_BACK_WINDOW_S = 60.0


class Upkeep:
    """Remembers when what was put back."""

    def __init__(self) -> None:
        self._times: dict[Hashable, deque[float]] = {}

    def may_put_back(self, item: Hashable, now: float) -> bool:
        """Whether it is worth one more try; then it counts as done."""
        self._times = {one: times for one, times in self._times.items() if now - times[-1] < PUT_BACK_WINDOW_S}
        times = self._times.setdefault(item, deque(maxlen=PUT_BACK_LIMIT))
        if len(times) == PUT_BACK_LIMIT and now - times[0] < PUT_BACK_WINDOW_S:
            return False
        times.append(now)
        return True

    def may_again_at(self, item: Hashable) -> float:
        """When the next try is allowed, after one was refused."""
        return self._times[item][0] + PUT_BACK_WINDOW_S
