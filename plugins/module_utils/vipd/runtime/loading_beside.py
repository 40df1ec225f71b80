# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration file judged while everything else goes on: thousands of virtual servers take seconds to read.

For processes with asyncio; ``loading.py`` is the same for one without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from ..config.model import Config
from . import errand
from .loading import Findings, read, readable


async def judge_beside(path: str, config_id: str, interfaces: Collection[str]) -> tuple[Config, Findings]:
    """As ``loading.judge``. Raises ConfigError when it cannot be read."""
    child, reading = errand.begin(lambda: read(path, config_id, interfaces))
    stream = asyncio.StreamReader()
    with open(reading, "rb", buffering=0) as pipe:
        transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        try:
            answer = await stream.read()
        finally:
            transport.close()
    return readable(*errand.answered(child, answer, f"reading {path}"))
