# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The intervals of VRRP, in seconds; fractions are kept.

Pure arithmetic; who arms which timer is in ``instance.py``. Sources: RFC 3768 section 6.1, RFC 9568 section 6.1.
"""

from __future__ import annotations

# How many missed adverts make a master dead (RFC 3768 section 6.1, Master_Down_Interval).
DOWN_TIMER_ADVERTS = 3

# A preempting master waits this long between its first advert and its first address, so that the
# living master it replaces has dropped the address by then. Sized for a loser that wakes late on
# a busy machine (worst wake-ups seen: 8 ms); the price is one more 20 ms of silence, once.
HANDOVER_GAP_S = 0.020

# What the skew is a fraction of in version 2; in version 3 it is the master's interval.
SKEW_UNIT_V2_S = 1.0


def skew_s(priority: int, unit_s: float = SKEW_UNIT_V2_S) -> float:
    """How long a backup waits beyond the intervals: less for a higher priority (Skew_Time)."""
    return (256 - priority) * unit_s / 256


def master_down_s(
    priority: int, advert_int_s: float, unit_s: float = SKEW_UNIT_V2_S, adverts: int = DOWN_TIMER_ADVERTS
) -> float:
    """How long a backup waits for an advert before it takes over (Master_Down_Interval)."""
    return adverts * advert_int_s + skew_s(priority, unit_s)
