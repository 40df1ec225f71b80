# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request is lost when no attempt within a client's patience is answered, and not sooner."""

from __future__ import annotations

from .record import Probe
from .watching import lost


def probes(until_s: float, silent: tuple[float, float]) -> list[Probe]:
    sent = [round(n * 0.01, 2) for n in range(round(until_s * 100))]
    return [Probe(at, 1.0, "no answer" if silent[0] <= at < silent[1] else None, None) for at in sent]


def test_a_short_silence_loses_nothing() -> None:
    assert lost(probes(6.0, (1.0, 1.02))) == 0
    assert lost(probes(6.0, (1.0, 3.0))) == 0


def test_a_long_one_loses_those_whose_patience_ends_in_it() -> None:
    assert lost(probes(8.0, (1.0, 4.0))) == 30
    assert lost(probes(4.0, (1.0, 4.0))) == 300
