# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at the daemon, as a page; and how often somebody may look.

However many servers scrape, the daemon is asked once in ``FRESH_S``, by one at a time, and for no longer than
``ANSWER_TIMEOUT_S``: its VRRP process answers within one turn of its loop, or it is not well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

from ..asking import NoAnswerError
from . import families as of
from .director import director_samples
from .exposition import Sample, text
from .node import node_samples

FRESH_S = 1.0
ANSWER_TIMEOUT_S = 2.5  # more than the worker gives the VRRP process

# Asks for the answer to "status" or "director", within so many seconds. Raises NoAnswerError.
Ask = Callable[[str, float], dict[str, Any]]


class Scrape:
    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._fresh_until = float("-inf")
        self._page = ""

    def page(self) -> str:
        """Not older than ``FRESH_S``."""
        with self._lock:
            if self._clock() >= self._fresh_until:
                self._page = text(self._samples())
                self._fresh_until = self._clock() + FRESH_S
            return self._page

    def _samples(self) -> Iterator[Sample]:
        began = self._clock()
        try:
            status = self._ask("status", ANSWER_TIMEOUT_S)
        except NoAnswerError:
            status = None
        for up in (of.UP, of.VIPD_UP):
            yield up.sample(status is not None)
        yield of.ANSWER_TIME.sample(round(self._clock() - began, 6))
        if status is not None:
            yield from node_samples(status)
            if status["director"]:
                yield from self._director()

    def _director(self) -> Iterator[Sample]:
        try:
            status = self._ask("director", ANSWER_TIMEOUT_S)
        except NoAnswerError:
            yield of.DIRECTOR_UP.sample(0)
            return
        yield of.DIRECTOR_UP.sample(1)
        yield from director_samples(status)
