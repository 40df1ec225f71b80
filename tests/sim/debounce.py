# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What links count as: a change counts when it has lasted as long as ``interface_up_down_delays`` says.

What is told cancels what was about to count: a flap that is over when the node reads of it never was. A link that goes
down counts at the latest when the peers are about to give the node up: after all but one of the intervals they wait.
Source: keepalived.conf(5).
"""

from __future__ import annotations

from vipd.config.model import Config

from .segment import PRIMARY

INTERVALS_WAITED = 3


class Debounce:
    """Times are those of the node's clock."""

    def __init__(self) -> None:
        self._up: dict[str, bool] = {}
        self._changing: dict[str, tuple[float, bool]] = {}
        self._delays_s: dict[str, tuple[float, float]] = {}

    def configure(self, config: Config) -> None:
        given_up_s = [(INTERVALS_WAITED - 1) * one.advert_int_s for one in config.instances]
        for delay in config.interface_delays:
            bounds = given_up_s if delay.interface == PRIMARY else []
            self._delays_s[delay.interface] = (min([delay.down_s, *bounds]), delay.up_s)

    def is_up(self, interface: str) -> bool:
        return self._up.get(interface, False)

    def told(self, interface: str, up: bool, now: float) -> None:
        if self._up.get(interface, up) == up:
            self._up[interface] = up
            self._changing.pop(interface, None)
            return
        delay_s = self._delays_s.get(interface, (0.0, 0.0))[up]
        if delay_s == 0.0:
            self._up[interface] = up
        else:
            self._changing.setdefault(interface, (now + delay_s, up))

    def elapse(self, now: float) -> bool:
        """Whether any change counts from now on."""
        over = {name: up for name, (at, up) in self._changing.items() if at <= now}
        self._up.update(over)
        for name in over:
            del self._changing[name]
        return bool(over)
