# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An errand leaves its answer behind, and nothing else."""

from __future__ import annotations

import gc
import os
import sys

import pytest
from vipd.runtime import errand


def test_the_answer_comes_back_from_another_process() -> None:
    assert errand.run(os.getpid, "asking") not in (0, os.getpid())


def test_what_it_loads_and_changes_ends_with_it() -> None:
    here: list[str] = []

    def work() -> list[str]:
        here.append("there")
        sys.modules["of_the_errand"] = sys
        return here

    assert errand.run(work, "working") == ["there"]
    assert here == []
    assert "of_the_errand" not in sys.modules


class Unpacked:
    """Says whether the collector ran while it was unpacked."""

    def __reduce__(self) -> tuple[object, tuple[()]]:
        return gc.isenabled, ()


def test_an_answer_is_unpacked_without_a_search_for_garbage() -> None:
    assert errand.run(Unpacked, "asking") is False
    assert gc.isenabled()


def test_it_searches_for_no_garbage_among_what_the_parent_has() -> None:
    assert errand.run(gc.isenabled, "asking") is False


def test_what_it_writes_is_written_once(capfd: pytest.CaptureFixture[str]) -> None:
    """Also what this process had not written yet when it began."""
    sys.stdout.write("before ")
    errand.run(lambda: sys.stdout.write("within "), "writing")
    sys.stdout.write("after")
    sys.stdout.flush()
    assert capfd.readouterr().out == "before within after"


def test_a_bug_is_told_where_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="dividing failed: the traceback"):
        errand.run(lambda: 1 / 0, "dividing")
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_it_leaves_no_process_and_no_descriptor() -> None:
    before = os.listdir("/proc/self/fd")
    pid = errand.run(os.getpid, "asking")
    assert set(os.listdir("/proc/self/fd")) <= set(before)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
