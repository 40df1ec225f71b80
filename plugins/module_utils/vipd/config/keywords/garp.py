# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When gratuitous ARP is sent: the same keywords in global_defs and, without their prefix, in an instance."""

from __future__ import annotations

from ..number_values import SECONDS_MAX, Integer, Seconds
from ..table import Keyword, acts

REPEAT_MAX = 1000  # more gratuitous ARPs in one go are a flood, not an announcement

_WHOLE = " (keepalived takes no decimals here)"
_DELAY = Seconds(0, SECONDS_MAX, whole=_WHOLE)
_REFRESH = Seconds(0, 2**32 - 1, whole=_WHOLE)
_REPEAT = Integer(1, REPEAT_MAX)


def garp(prefix: str) -> tuple[Keyword, ...]:
    return (
        acts(f"{prefix}garp_master_delay", _DELAY, "garp.master_delay_s"),
        acts(f"{prefix}garp_master_repeat", _REPEAT, "garp.master_repeat"),
        acts(f"{prefix}garp_master_refresh", _REFRESH, "garp.master_refresh_s"),
        acts(f"{prefix}garp_master_refresh_repeat", _REPEAT, "garp.master_refresh_repeat"),
        acts(f"{prefix}garp_lower_prio_delay", _DELAY, "garp.lower_prio_delay_s"),
        acts(f"{prefix}garp_lower_prio_repeat", Integer(0, REPEAT_MAX), "garp.lower_prio_repeat"),
    )
