# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request is lost when no attempt within a client's patience is answered, and not sooner; every VIP counts."""

from __future__ import annotations

from .holders import Crowd
from .record import Probe
from .watching import Watched, lost


def probes(until_s: float, silent: tuple[float, float]) -> list[Probe]:
    sent = [round(n * 0.01, 2) for n in range(round(until_s * 100))]
    return [Probe(at, 1.0, "no answer" if silent[0] <= at < silent[1] else None, None) for at in sent]


def test_a_short_silence_loses_nothing() -> None:
    assert lost(probes(6.0, (1.0, 1.02))) == 0
    assert lost(probes(6.0, (1.0, 3.0))) == 0


def test_a_long_one_loses_those_whose_patience_ends_in_it() -> None:
    assert lost(probes(8.0, (1.0, 4.0))) == 30
    assert lost(probes(4.0, (1.0, 4.0))) == 300


def test_what_any_vip_suffers_counts() -> None:
    vips = {"10.0.0.3": tuple(probes(8.0, (1.0, 1.5))), "10.0.0.4": tuple(probes(8.0, (1.0, 4.0)))}
    seen = Watched("", vips, Crowd(1, 0.0))
    assert (seen.requests, seen.failed, seen.lost) == (1600, 350, 30)
    assert 3.0 <= seen.longest_gap_s() <= 3.1
