# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance says: its adverts, made once and sent for years, in the form of checksum that its peers understand.

When it speaks is decided in ``instance.py``; the advert itself is made in ``advert.py``.
"""

from __future__ import annotations

from collections import Counter

from ..config.model import Address
from ..wire.vrrp import Checksum
from .advert import RELEASE, message
from .effects import Effect, SendAdvert
from .settings import Settings


class Voice:
    """Of one instance; it counts what it says in the instance's ``counters``."""

    def __init__(self, settings: Settings, counters: Counter[str]) -> None:
        self.settings = settings
        self.checksum = settings.checksum
        self._counters = counters
        self._messages: dict[int, SendAdvert] = {}

    def advert(self, source: Address, priority: int) -> list[Effect]:
        """The same effect each time, so that the runtime encodes it once; nothing when there is nobody to tell."""
        if not self.settings.destinations:
            return []
        self._counters["adverts_sent"] += 1
        if priority == RELEASE:
            self._counters["priority_zero_sent"] += 1
        if priority not in self._messages:
            self._messages[priority] = message(self.settings, source, priority, self.checksum)
        return [self._messages[priority]]

    def forget(self) -> None:
        """The source address may have changed."""
        self._messages.clear()

    def reconfigure(self, settings: Settings) -> None:
        self.settings, self.checksum = settings, settings.checksum
        self.forget()

    def adapt(self, checksum: Checksum) -> None:
        """A peer understands only this form of checksum."""
        self.checksum = checksum
        self.forget()
