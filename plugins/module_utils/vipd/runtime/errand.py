# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that is done in a process of its own, which takes with it what it loaded and allocated.

For what processes that live for years need once: the command line, the grammar. Only the answer comes back, pickled.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import sys
from typing import Any, Callable, NoReturn, TypeVar

from .collector import without_collector

Answer = TypeVar("Answer")


def run(work: Callable[[], Answer], what: str) -> Answer:
    """The answer of ``work``. Raises RuntimeError when a bug ended it; ``what`` begins that sentence."""
    child, reading = begin(work)
    with open(reading, "rb") as pipe:
        packed = pipe.read()
    answer: Answer = answered(child, packed, what)
    return answer


def begin(work: Callable[[], Answer]) -> tuple[int, int]:
    """The process that does ``work``, and the pipe whose whole content is for :func:`answered`."""
    _flush()  # what waits would otherwise be written by both
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _do_and_end(work, writing)
    os.close(writing)
    return child, reading


def answered(child: int, packed: bytes, what: str) -> Any:
    """What ``child`` said, which has ended or is about to. Raises as :func:`run`."""
    os.waitpid(child, 0)
    if not packed:
        raise RuntimeError(f"{what} failed: the traceback of the process that did it is above")
    with without_collector():
        return pickle.loads(packed)


def _do_and_end(work: Callable[[], Answer], writing: int) -> NoReturn:
    gc.disable()  # it would touch, and so copy, what the parent has; and the end of the process frees everything
    try:
        answer = pickle.dumps(work())
        _flush()
        with open(writing, "wb") as pipe:
            pipe.write(answer)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _flush() -> None:
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError):  # nobody reads it any more
            stream.flush()
