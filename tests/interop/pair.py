# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes of either kind that live through the same events, and a record of who held what after each.

A record is what two mixes are compared by, so an event that ends otherwise than usual is written down, not raised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.netns.configuration import VIP
from tests.netns.daemon import Daemon, Vipd
from tests.netns.segment import Segment


@dataclass(frozen=True)
class Story:
    """Events, told once for each mix; a mix is the kinds of the nodes a, b, c: v is vipd, k is keepalived."""

    name: str
    tell: Callable[[Nodes], None]
    mixes: tuple[str, ...] = ("vv", "vk", "kv")

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return "k" * len(self.mixes[0])


@dataclass
class Record:
    """``holders`` after each event, such as ("a stops", "b"); ``logs`` are for a person whose comparison failed."""

    holders: list[tuple[str, str]] = field(default_factory=list)
    usual: list[tuple[str, str]] = field(default_factory=list)
    logs: str = ""


class Nodes:
    """A segment whose hosts run the kinds that ``mix`` says."""

    def __init__(self, segment: Segment, mix: str, directory: Path) -> None:
        self.segment = segment
        self.directory = directory
        self.record = Record()
        self._mix = mix

    def node(self, label: str, config: str) -> Daemon:
        """The daemon of host ``label``, not yet started."""
        kind = self._mix["abc".index(label)]
        return self.segment.vipd(label, config) if kind == "v" else self.segment.keepalived(label, config)

    def settle(self, event: str, usual: str, within_s: float, vip: str = VIP) -> None:
        """Wait for the usual holders of ``vip`` after ``event``, and write down those that there are."""
        with contextlib.suppress(AssertionError):  # the comparison will say so, with all the events before it
            self.segment.wait_for_holders(vip, usual, within_s)
        found = "".join(sorted(self.segment.holders(vip)))
        self.record.holders.append((f"{event}: {vip}", found))
        self.record.usual.append((f"{event}: {vip}", usual))

    def clean(self, label: str, daemon: Daemon, vip: str = VIP) -> None:
        """What a killed daemon left: vipd's unit releases it, keepalived's leaves it to the operator."""
        if isinstance(daemon, Vipd):
            daemon.release()
        else:
            self.segment.hosts[label].ip(f"address delete {vip}/32 dev eth0")
