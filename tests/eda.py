# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source as ansible-rulebook runs it: loaded by its path, ``main`` gets a queue and arguments."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

EDA = Path(__file__).resolve().parent.parent / "extensions" / "eda"


def source() -> ModuleType:
    path = EDA / "plugins" / "event_source" / "transitions.py"
    spec = importlib.util.spec_from_file_location("transitions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Rulebook:
    """``with`` it inside a running loop: the source runs, and ``next`` waits for its next event."""

    def __init__(self, **args: Any) -> None:
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._args = args

    async def __aenter__(self) -> Rulebook:
        self._running = asyncio.create_task(source().main(self._queue, self._args))
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def next(self, within_s: float = 30.0) -> dict[str, Any]:
        return await asyncio.wait_for(self._queue.get(), within_s)
