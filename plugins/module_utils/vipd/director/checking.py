# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""THE STATE MACHINE of one checker: up or down, how many failures are forgiven, and when to look again.

Without ``alpha`` a checker begins up, with its retries used up: the first failure counts at once. A checker of several
urls looks at one of them each time; a failed one is tried again first, and all have to pass for it to come up.
A reload that changes its times, or a weight, changes nothing of what it found. Times are the caller's clock.
Source: keepalived.conf(5), and keepalived's behaviour.
"""

from __future__ import annotations

from typing import Optional

from ..config.checkers import HttpGet, MiscCheck, question
from ..config.lvs_defaults import Timing
from .effects import Probe

START_S = 1.0  # between the start and the first checks, besides warmup


class Checking:
    """``due`` is None while a check runs."""

    def __init__(self, number: int, probe: Probe, now: float, jitter: float) -> None:
        """``jitter``: from 0 to 1, which part of the warmup passes before the first check."""
        self.number = number
        self.probe = probe
        self.up = not probe.timing.alpha
        self.due: Optional[float] = now + START_S + jitter * probe.timing.warmup_s
        self.step = 0
        self._answered = False
        self._asked = probe
        self.detail = "not checked yet"
        self.weight: Optional[int] = None
        self._failures = probe.timing.retry
        self._passed = 0

    @property
    def _timing(self) -> Timing:
        return self.probe.timing

    @property
    def steps(self) -> int:
        return len(self.probe.checker.urls) if isinstance(self.probe.checker, HttpGet) else 1

    def begins(self) -> Probe:
        """What is to be asked now."""
        self.due, self._asked = None, self.probe
        return self.probe

    def finished(self, success: bool, detail: str, weight: Optional[int], now: float) -> None:
        """Take in the answer to one check, and settle when the next one is due."""
        self.detail = detail
        delay_s = self._passes() if success else self._fails()
        if success:
            self.weight = _rebased(weight, self._asked, self.probe)
        self._answered = True
        self.due = now + delay_s

    def _passes(self) -> float:
        self._failures = 0
        self.step = (self.step + 1) % self.steps
        if self.up:
            return self._timing.delay_loop_s
        self._passed += 1
        if self._passed >= self.steps:
            self.up = True
            return self._timing.delay_loop_s
        return 0.0 if self._recovers_fast else self._timing.delay_loop_s

    def _fails(self) -> float:
        self._passed = 0
        if self.up and self._failures < self._timing.retry:
            self._failures += 1
            return self._timing.delay_before_retry_s
        self.up = False
        return self._timing.delay_loop_s

    @property
    def _recovers_fast(self) -> bool:
        return isinstance(self.probe.checker, HttpGet) and bool(self.probe.checker.fast_recovery)

    # A reload

    def asks(self, probe: Probe) -> bool:
        """Whether ``probe`` is the same question to the same server; a program does not connect."""
        own = self.probe
        connects = not isinstance(probe.checker, MiscCheck)
        return (
            own.endpoint == probe.endpoint
            and (not connects or own.timing.connect_timeout_s == probe.timing.connect_timeout_s)
            and question(own.checker) == question(probe.checker)
        )

    def goes_on(self, probe: Probe, now: float, jitter: float) -> None:
        """What was found holds, and so does what a check that runs now will find; ``probe`` says when to look again."""
        timing = probe.timing
        if timing != self._timing:
            self._failures = min(self._failures, timing.retry)
            if self.due is not None and self.due > now + timing.delay_loop_s:
                self.due = now + jitter * timing.delay_loop_s  # not all of them at once
        if not self._answered:
            self.up = self.up or not timing.alpha
        self.weight = _rebased(self.weight, self.probe, probe)
        self.probe = probe


def _rebased(weight: Optional[int], asked: Probe, now: Probe) -> Optional[int]:
    """A program names the weight itself, which is kept as a change of the configured one."""
    if weight is None or not isinstance(now.checker, MiscCheck):
        return weight
    return weight + asked.weight - now.weight
