# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration file judged while everything else goes on, beside the running one: what a reload does.

The process that reads inherits what runs, so it need not tell what stays as it is; and of thousands of virtual servers
most do. For processes with asyncio; ``loading.py`` is the same for one without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Optional

from ..config.model import Config
from . import errand
from .loading import Findings, read, readable


@dataclass(frozen=True)
class Reading:
    """``config`` lacks the virtual servers that are as before: ``as_before`` has their places, new to running."""

    config: Optional[Config]
    as_before: dict[int, int]
    findings: Findings


async def judge_beside(
    path: str, config_id: str, interfaces: Collection[str], running: Config
) -> tuple[Config, Findings]:
    """As ``loading.judge``; what is as in ``running`` is the same object. Raises ConfigError when it cannot be read."""
    child, reading = errand.begin(lambda: _beside(running, *read(path, config_id, interfaces)))
    stream = asyncio.StreamReader()
    with open(reading, "rb", buffering=0) as pipe:
        transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        try:
            answer = await stream.read()
        finally:
            transport.close()
    found: Reading = errand.answered(child, answer, f"reading {path}")
    config, findings = readable(found.config, found.findings)
    return _completed(config, found.as_before, running), findings


def _beside(running: Config, config: Optional[Config], findings: Findings) -> Reading:
    if config is None:
        return Reading(None, {}, findings)
    before = {(one.service, one.protocol): place for place, one in enumerate(running.lvs.virtual_servers)}
    as_before, others = {}, []
    for place, server in enumerate(config.lvs.virtual_servers):
        there = before.get((server.service, server.protocol))
        if there is not None and running.lvs.virtual_servers[there] == server:
            as_before[place] = there
        else:
            others.append(server)
    return Reading(replace(config, lvs=replace(config.lvs, virtual_servers=tuple(others))), as_before, findings)


def _completed(config: Config, as_before: dict[int, int], running: Config) -> Config:
    others = iter(config.lvs.virtual_servers)
    servers = tuple(
        running.lvs.virtual_servers[as_before[place]] if place in as_before else next(others)
        for place in range(len(as_before) + len(config.lvs.virtual_servers))
    )
    return replace(config, lvs=replace(config.lvs, virtual_servers=servers))
