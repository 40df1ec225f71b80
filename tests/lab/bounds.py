# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the VIP may be gone, by the protocol's formulas and the deployed configuration: pure.

The backup's values count, because its timers end the gap. Source: RFC 3768 section 6.1 (Skew_Time,
Master_Down_Interval); keepalived.conf(5) for scripts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .record import Bound

if TYPE_CHECKING:
    from vipd.config.model import VrrpInstance, VrrpScript

ALLOWANCE_S = 0.100  # for the probe's interval, process start-up and a busy machine; stated in every report


def skew(backup: VrrpInstance) -> Bound:
    """The master says that it leaves (priority 0)."""
    seconds = (256 - backup.priority) / 256
    return Bound(seconds, f"skew = (256 - {backup.priority})/256 s = {seconds:.3f} s")


def master_down(backup: VrrpInstance) -> Bound:
    """The master falls silent."""
    skew_s = skew(backup).seconds
    advert_s = backup.advert_int_s
    seconds = 3 * advert_s + skew_s
    return Bound(seconds, f"3 × advert_int + skew = 3 × {advert_s:g} + {skew_s:.3f} s = {seconds:.3f} s")


def check_fails(backup: VrrpInstance, script: VrrpScript, weight: int) -> Bound:
    """What the script watches has died, one moment after a run that still saw it alive.

    The last of ``fall`` runs starts ``fall`` periods later at most and is given up after its timeout. Weight 0
    then is FAULT: priority 0 and the skew. Any other weight only lowers the priority: the backup ignores
    the adverts from then on, and its timer runs out.
    """
    timeout_s = script.interval_s if script.timeout_s is None else script.timeout_s
    # A run that outlasts the interval makes the next one wait for its turn.
    period_s = script.interval_s * max(1, math.ceil(timeout_s / script.interval_s))
    detected_s = script.fall * period_s + timeout_s
    yielded = skew(backup) if weight == 0 else master_down(backup)
    seconds = detected_s + yielded.seconds
    meaning = "skew" if weight == 0 else "3 × advert_int + skew"
    terms = f"{script.fall} × {period_s:g} + {timeout_s:g} + {yielded.seconds:.3f} s = {seconds:.3f} s"
    period = f"period = interval {script.interval_s:g} s, stretched by a run of up to {timeout_s:g} s"
    return Bound(seconds, f"fall × period + timeout + {meaning} = {terms}; {period}")


def check_script(master: VrrpInstance, backup: VrrpInstance, scripts: Sequence[VrrpScript]) -> Bound | None:
    """The slowest of the scripts that the instance tracks; None when it tracks none."""
    defined = {script.name: script for script in scripts}
    bounds = []
    for tracked in master.tracks.scripts:
        script = defined[tracked.name]
        weight = script.weight if tracked.weight is None else tracked.weight
        bounds.append(check_fails(backup, script, weight))
    return max(bounds, key=lambda bound: bound.seconds, default=None)
