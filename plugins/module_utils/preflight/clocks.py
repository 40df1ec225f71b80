# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clocks: VRRP itself counts no wall clock, but who looks for the order of events in two logs does."""

from __future__ import annotations

from collections.abc import Iterator

from .finding import WARNING, Finding, Run

CHECK = "clock"
APART_MAX_S = 5.0  # a login and the start of a module take up to a few seconds


def judge(run: Run, now_s: float, controller_s: float | None) -> Iterator[Finding]:
    """``controller_s``: the controller's time a moment ago; None when it did not say."""
    said = run("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if said is not None and said[0] == 0 and said[1].strip() == "no":
        yield Finding(CHECK, WARNING, "the clock is not synchronised", "turn NTP on: timedatectl set-ntp true")
    if controller_s is not None and abs(now_s - controller_s) > APART_MAX_S:
        message = f"the clock is {now_s - controller_s:+.0f} s off the controller's"
        yield Finding(CHECK, WARNING, message, "set it: the hosts' logs tell different stories")
