# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces as they count: a flap shorter than ``interface_up_down_delays`` did not happen.

Only up and down are delayed; an interface's addresses are what they are. Source: keepalived.conf(5),
interface_up_down_delays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Optional

from ..config.model import Config
from .deadline import earliest
from .events import LinkChanged
from .settings import Settings


class Links:
    """``counted`` is by name; what is not there was never told."""

    def __init__(self) -> None:
        self.counted: dict[str, LinkChanged] = {}
        self._pending: dict[str, tuple[float, bool]] = {}
        self._delays_s: dict[str, tuple[float, float]] = {}

    def next(self) -> Optional[float]:
        return earliest(*(at for at, _up in self._pending.values()))

    def configure(self, config: Config, settings: Mapping[str, list[Settings]]) -> None:
        """``settings`` are those of the instances on each interface.

        A link that is down must be noticed before the peers have given us up (keepalived reduces the delay alike).
        """
        self._delays_s = {}
        for delays in config.interface_delays:
            given_up_s = ((one.down_timer_adverts - 1) * one.advert_int_s for one in settings.get(delays.interface, ()))
            self._delays_s[delays.interface] = (min((delays.down_s, *given_up_s)), delays.up_s)

    def changed(self, link: LinkChanged, now: float) -> bool:
        """Whether anything that counts changed at once."""
        name, known = link.interface, self.counted.get(link.interface)
        if known is None or link.up == known.up:
            self._pending.pop(name, None)
        else:
            delay_s = self._delays_s.get(name, (0.0, 0.0))[link.up]
            if delay_s:
                due = self._pending[name][0] if name in self._pending else now + delay_s
                self._pending[name] = (due, link.up)
                link = replace(link, up=known.up)
        self.counted[name] = link
        return link != known

    def deadline_reached(self, now: float) -> list[str]:
        """The interfaces whose change has lasted long enough to count."""
        names = [name for name, (at, _up) in self._pending.items() if at <= now]
        for name in names:
            _at, up = self._pending.pop(name)
            self.counted[name] = replace(self.counted[name], up=up)
        return names
