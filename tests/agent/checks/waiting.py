# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting inside an event loop: polling with a deadline, never a sleep that hopes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Callable

LIMIT_S = 20.0


async def until(condition: Callable[[], object], what: str = "it") -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT_S:g} s"
        await asyncio.sleep(0.01)


def conversation(main: Coroutine[Any, Any, None]) -> None:
    """Run a test's coroutine, bounded."""
    asyncio.run(asyncio.wait_for(main, 3 * LIMIT_S))
