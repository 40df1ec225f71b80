# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair while a playbook works on it: what a client got, and the kernel's word on who had which address when.

The instruments are the drill's: a probe in the client's network, a hundred requests a second (``probe.py``), and the
nodes' own notifications (``addresses.py``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
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

# Whoever preempts waits 20 ms until it puts the VIPs on (core/timers.py). Where a machine carries a lab the one before
# may get no processor for longer: two hold them for that blink. tests/netns bears none.
BLINK_S = 0.1


@dataclass(frozen=True)
class Watched:
    """What was seen while something was done."""

    output: str
    probes: Mapping[str, tuple[Probe, ...]]  # by VIP
    crowd: Crowd

    @property
    def requests(self) -> int:
        return sum(map(len, self.probes.values()))

    @property
    def failed(self) -> int:
        """Single attempts."""
        return sum(probe.error is not None for probes in self.probes.values() for probe in probes)

    @property
    def lost(self) -> int:
        """Requests that no attempt within the client's patience got an answer to."""
        return sum(map(lost, self.probes.values()))

    def longest_gap_s(self) -> float:
        """Of every VIP that was asked."""
        return max(
            (gap.seconds(probes[-1].sent_s) for probes in self.probes.values() for gap in gaps(probes)), default=0.0
        )

    def __str__(self) -> str:
        longest_ms = self.longest_gap_s() * 1000
        return (
            f"{self.requests} requests, {self.lost} lost, {self.failed} attempts failed, longest gap"
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
    """``lb01`` and ``lb02`` of a lab, watched from the beginning of a ``with`` to its end.

    Who is expected to hold the VIPs is one node for all of them, or a node for each.
    """

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

    def await_holder(self, expected: str | Mapping[str, str] = "lb01", for_s: float = 2.0) -> None:
        """Every VIP has been on its node alone for a while."""
        by_vip = self._by_vip(expected)
        until_s = self.now_s + SETTLED_S
        while min(self._log.alone_for(node, vip, self.now_s) for vip, node in by_vip.items()) < for_s:
            assert self.now_s < until_s, f"expected holders: {by_vip}, held by: {self.holders()}"
            time.sleep(0.05)

    def watched(self, act: Callable[[], str], expected: str | Mapping[str, str] = "lb01") -> Watched:
        """Until ``act`` is over and the VIPs have been where they are expected for a while."""
        began_s = self.now_s
        first_of_node = {node: vip for vip, node in reversed(self._by_vip(expected).items())}
        with ExitStack() as stack:
            logs = {
                vip: stack.enter_context(ProbeLog(self.lab["client"], vip, self._start_s))
                for vip in first_of_node.values()
            }
            output = act()
            self.await_holder(expected)
        ended_s = self.now_s
        probes = {vip: log.in_order() for vip, log in logs.items()}
        return Watched(output, probes, crowd(self._log.intervals(ended_s), began_s, ended_s))

    def _by_vip(self, expected: str | Mapping[str, str]) -> dict[str, str]:
        return dict.fromkeys(self._vips, expected) if isinstance(expected, str) else dict(expected)


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


def kill_when(happened: Callable[[], bool], command: Sequence[str], log: Path) -> None:
    """The command, and all that it started here, at once."""
    with log.open("w") as output:
        run = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + 300
        while not happened():
            assert run.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
