# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's synchronisation threads, followed to what VRRP says; the kernel's own are in tests/lvs/."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from vipd.config.model import Config
from vipd.config.parse import parse
from vipd.director.connection_sync import SyncThread
from vipd.runtime import connection_sync
from vipd.runtime.connection_sync import ConnectionSync

CONFIG = parse(
    "global_defs {\nlvs_sync_daemon eth1 V\n}\n"
    "vrrp_instance V {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n 10.0.0.250\n }\n}\n"
).config


class Kernel:
    def __init__(self, *running: SyncThread) -> None:
        self.running = list(running)
        self.refusals = 0
        self.done: list[str] = []

    def sync_threads(self) -> list[SyncThread]:
        return list(self.running)

    def start_sync(self, thread: SyncThread) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError(19, "No such device")
        self.running.append(thread)
        self.done.append(f"start {thread.role}")

    def stop_sync(self, thread: SyncThread) -> None:
        self.running.remove(thread)
        self.done.append(f"stop {thread.role}")


def sync(kernel: Kernel, told: list[str]) -> ConnectionSync:
    return ConnectionSync(cast(Any, kernel), told.append)


def test_the_threads_follow_the_instance_and_end_with_the_director() -> None:
    kernel, told = Kernel(), list[str]()
    one = sync(kernel, told)
    one.adopt(CONFIG)
    one.entered("V", "MASTER")
    one.entered("V", "MASTER")
    one.entered("W", "BACKUP")
    one.entered("V", "FAULT")
    one.stop()
    assert kernel.done == ["start backup", "stop backup", "start master", "stop master", "start backup", "stop backup"]
    assert told == []


def test_one_that_runs_as_wanted_is_taken_over_and_another_is_replaced() -> None:
    kernel = Kernel(SyncThread("backup", "eth1", 51, 1472, 8848, 1))
    sync(kernel, []).adopt(CONFIG)
    assert kernel.done == []
    kernel = Kernel(SyncThread("backup", "eth1", 7, 1472, 8848, 1))
    sync(kernel, []).adopt(CONFIG)
    assert kernel.done == ["stop backup", "start backup"]


def test_a_stranger_s_is_left_alone_where_none_is_configured() -> None:
    kernel = Kernel(SyncThread("master", "eth9", 1))
    one = sync(kernel, [])
    one.adopt(Config())
    one.entered("V", "MASTER")
    one.stop()
    assert kernel.done == []


def test_what_the_kernel_refuses_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_sync, "RETRY_S", 0.01)
    kernel, told = Kernel(), list[str]()
    kernel.refusals = 1

    async def main() -> None:
        sync(kernel, told).adopt(CONFIG)
        while not kernel.running:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(main(), 10))
    assert told == ["IPVS refuses lvs_sync_daemon: No such device"]
