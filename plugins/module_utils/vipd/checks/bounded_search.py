# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A search in a page that takes so long and no longer: an expression such as ``(a+)+$`` doubles its time an octet.

The search is the one thing that all checks wait for, since Python does nothing beside it. keepalived's PCRE2 counts
its steps; ``re`` looks at signals now and then, and one of them ends it here. To be used in the main thread alone.
"""

from __future__ import annotations

import re
import signal
from types import FrameType
from typing import Optional

from .answer import CheckFailedError

LIMIT_S = 0.5  # of the processor's time: a machine that stands still fails no check


class _TooLongError(Exception):
    """The alarm rang."""


class _Alarm:
    """Rings once for each search, and never beside one: its signal may come when the search has just ended."""

    def __init__(self) -> None:
        self.armed = False

    def ring(self, _number: int, _frame: Optional[FrameType]) -> None:
        if self.armed:
            self.armed = False
            raise _TooLongError


_alarm = _Alarm()


def search(pattern: re.Pattern[bytes], page: bytes, start: int) -> Optional[re.Match[bytes]]:
    """As ``pattern.search(page, start)``. Raises CheckFailedError when it takes too long."""
    signal.signal(signal.SIGVTALRM, _alarm.ring)
    try:
        _alarm.armed = True
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
        try:
            return pattern.search(page, start)
        finally:
            _alarm.armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooLongError:
        raise CheckFailedError(f"gets a page in which its regex searches longer than {LIMIT_S:g} s") from None
