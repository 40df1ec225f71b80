# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses this node has, and after each change again: a node without the VIP checks nothing.

Loaded by a director whose configuration says so. What watches is ``linux/links.py``.
"""

from __future__ import annotations

from typing import Callable

from ..config.network import Address
from ..linux.links import LinkMonitor


async def watch_addresses(report: Callable[[frozenset[Address]], None]) -> None:
    """Never returns."""
    monitor = LinkMonitor()
    monitor.start()
    try:
        report(_all(monitor))
        async for _link in monitor.changes():
            report(_all(monitor))
    finally:
        monitor.close()


def _all(monitor: LinkMonitor) -> frozenset[Address]:
    return frozenset(address for link in monitor.links().values() for address in link.addresses)
