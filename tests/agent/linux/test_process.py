# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locked memory and real-time priority, in a process of its own each: granted, or refused with a sentence."""

from __future__ import annotations

import ctypes
import json
import os
import resource
from pathlib import Path
from typing import Any, Callable

import pytest
from vipd.linux.process import give_back_memory, lock_memory, set_realtime

NOBODY = 65534


def in_a_child(ask: Callable[[], Any]) -> Any:
    """What ``ask`` returns in a forked process, whose memory and priority end with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(ask()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        return json.load(answer)


def without_privilege(ask: Callable[[], Any]) -> Callable[[], Any]:
    def give_up_and_ask() -> Any:
        for limit in (resource.RLIMIT_MEMLOCK, resource.RLIMIT_RTPRIO):
            resource.setrlimit(limit, (0, 0))
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        return ask()

    return give_up_and_ask


def locked_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmLck:")[1].split()[0])


def test_memory_is_locked_where_it_may_be() -> None:
    refused, kib = in_a_child(lambda: (lock_memory(), locked_kib()))
    if refused:
        assert kib == 0
        pytest.skip(refused)
    assert kib > 0


def test_memory_that_may_not_be_locked_is_a_sentence_with_a_remedy() -> None:
    refused, kib = in_a_child(without_privilege(lambda: (lock_memory(), locked_kib())))
    assert refused.startswith("memory is not locked")
    assert "LimitMEMLOCK=infinity" in refused
    assert kib == 0


def resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def freed_and_given_back_kib() -> tuple[int, int]:
    """What is free lies below something that is not: the C library would keep it."""
    blocks = [bytearray(5000) for _block in range(4000)]
    uppermost = blocks.pop()
    del blocks
    before = resident_kib()
    give_back_memory()
    return len(uppermost), before - resident_kib()


def test_what_was_freed_goes_back_to_the_system() -> None:
    _kept, kib = in_a_child(freed_and_given_back_kib)
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library gives back by itself, or not at all")
    assert kib > 10_000


def policy_of_a_child() -> int:
    return int(in_a_child(lambda: os.sched_getscheduler(0)))


def test_the_priority_is_real_time_and_ends_with_this_process() -> None:
    refused, policy, policy_of_scripts = in_a_child(
        lambda: (set_realtime(10), os.sched_getscheduler(0), policy_of_a_child())
    )
    if refused:
        pytest.skip(refused)
    assert policy == os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    assert policy_of_scripts == os.SCHED_OTHER


def test_a_priority_that_is_refused_is_a_sentence_with_a_remedy() -> None:
    refused, policy = in_a_child(without_privilege(lambda: (set_realtime(10), os.sched_getscheduler(0))))
    assert refused.startswith("no real-time priority 10")
    assert "CAP_SYS_NICE" in refused
    assert policy == os.SCHED_OTHER
