# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The signals of keepalived, by the names and numbers of its ``--signum``.

They are numbers in monitors' configurations: never change one.
"""

from __future__ import annotations

import signal

NUMBERS: dict[str, int] = {
    "STOP": signal.SIGTERM,
    "RELOAD": signal.SIGHUP,
    "DATA": signal.SIGUSR1,
    "STATS": signal.SIGUSR2,
    "STATS_CLEAR": signal.SIGRTMAX - 1,
    "JSON": signal.SIGRTMIN + 2,
}

# What asks for a dump, or for counters to begin anew.
DUMPS: dict[int, str] = {NUMBERS[name]: name for name in ("DATA", "STATS", "STATS_CLEAR", "JSON")}

# keepalived knows more of them than vipd has an answer to; a monitor that sends one must not end vipd.
HARMLESS: frozenset[int] = frozenset(range(signal.SIGRTMIN, signal.SIGRTMIN + 5)) - DUMPS.keys()
