# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair while a playbook works on it: what a client got, and the kernel's word on who had which address when.

The instruments are the drill's: a probe in the client's network, a hundred requests a second (``probe.py``), and the
nodes' own notifications (``addresses.py``).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .addresses import AddressWatch
from .drill import ProbeLog
from .holders import Crowd, HolderLog, crowd
from .lab import Lab
from .probe import GIVE_UP_AFTER_S, gaps
from .record import Probe

SETTLED_S = 60.0
PLAYBOOK_LIMIT_S = 600.0

# How a client of the real world asks: an attempt that is refused, reset or not answered is repeated, for this long.
PATIENCE_S = 3.0


@dataclass(frozen=True)
class Watched:
    """What was seen while something was done."""

    output: str
    probes: tuple[Probe, ...]
    crowd: Crowd

    @property
    def failed(self) -> int:
        """Single attempts."""
        return sum(probe.error is not None for probe in self.probes)

    @property
    def lost(self) -> int:
        """Requests that no attempt within the client's patience got an answer to."""
        return lost(self.probes)

    def longest_gap_s(self) -> float:
        last_s = self.probes[-1].sent_s
        return max((gap.seconds(last_s) for gap in gaps(self.probes)), default=0.0)

    def __str__(self) -> str:
        longest_ms = self.longest_gap_s() * 1000
        return (
            f"{len(self.probes)} requests, {self.lost} lost, {self.failed} attempts failed, longest gap"
            f" {longest_ms:.0f} ms, at most {self.crowd.most} holders at once ({self.crowd.shared_s * 1000:.1f} ms)"
        )


def lost(probes: Sequence[Probe]) -> int:
    """A failed probe stands for a client's first attempt, the answered ones after it for its next."""
    answered = sorted(probe.sent_s for probe in probes if probe.error is None)
    count = 0
    for probe in probes:
        if probe.error is None:
            continue
        again = bisect_left(answered, probe.sent_s + GIVE_UP_AFTER_S)
        count += again == len(answered) or answered[again] > probe.sent_s + PATIENCE_S - GIVE_UP_AFTER_S
    return count


class Pair:
    """``lb01`` and ``lb02`` of a lab, watched from the beginning of a ``with`` to its end."""

    def __init__(self, lab: Lab, vips: Sequence[str], nodes: Sequence[str] = ("lb01", "lb02")) -> None:
        self.lab = lab
        self._vips = vips
        self._start_s = time.monotonic()
        self._log = HolderLog()
        self._watch = AddressWatch(self._log, {name: lab[name].netns for name in nodes}, vips, self._start_s)

    def __enter__(self) -> Pair:
        self._watch.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.__exit__(kind, error, trace)

    @property
    def now_s(self) -> float:
        return time.monotonic() - self._start_s

    def holders(self) -> dict[str, list[str]]:
        return {vip: sorted(self._log.holders(vip)) for vip in self._vips}

    def await_holder(self, node: str = "lb01", for_s: float = 2.0) -> None:
        """``node`` alone has had all VIPs for a while."""
        until_s = self.now_s + SETTLED_S
        while min(self._log.alone_for(node, vip, self.now_s) for vip in self._vips) < for_s:
            assert self.now_s < until_s, f"expected {node} to hold all, held by: {self.holders()}"
            time.sleep(0.05)

    def watched(self, act: Callable[[], str], node: str = "lb01") -> Watched:
        """Until ``act`` is over and ``node`` has had everything for a while."""
        began_s = self.now_s
        with ProbeLog(self.lab["client"], self._vips[0], self._start_s) as probe:
            output = act()
            self.await_holder(node)
        ended_s = self.now_s
        return Watched(output, probe.in_order(), crowd(self._log.intervals(ended_s), began_s, ended_s))


def playbook(*words: str, status: int = 0, **environment: str) -> str:
    """Its output; AssertionError with it when it ends otherwise than expected."""
    name = Path(sys.executable).parent / "ansible-playbook"
    plain = {"ANSIBLE_NOCOLOR": "1", **environment}
    done = subprocess.run(
        [name, *words],
        capture_output=True, text=True, check=False, timeout=PLAYBOOK_LIMIT_S, env={**os.environ, **plain},
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr
