# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time; a run that was killed does not lock everybody out for ever."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.modules.pair_lock import Lock, LockedError, run


def taken(path: Path, owner: str, present: bool = True, dry: bool = False) -> bool:
    changed: bool = run(Lock(str(path), owner, 60.0), owner, present, dry)["changed"]
    return changed


def test_one_has_it_until_it_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert taken(path, "a")
    assert not taken(path, "a")
    with pytest.raises(LockedError, match=r"a works on this node since \d+ s .*wait until it is over"):
        taken(path, "b")
    assert not taken(path, "b", present=False)
    assert taken(path, "a", present=False)
    assert not taken(path, "a", present=False)
    assert taken(path, "b")
    assert [one.name for one in tmp_path.iterdir()] == ["lock"]


def test_check_mode_sees_a_lock_and_takes_none(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert taken(path, "a", dry=True)
    assert not path.exists()
    taken(path, "b")
    with pytest.raises(LockedError):
        taken(path, "a", dry=True)


@pytest.mark.parametrize("left", [json.dumps({"owner": "b", "since": 5}), "", "{", "[]"])
def test_what_a_killed_run_left_is_taken(tmp_path: Path, left: str) -> None:
    (tmp_path / "lock").write_text(left)
    assert taken(tmp_path / "lock", "a")


def test_a_disk_that_takes_nothing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        taken(tmp_path / "file" / "lock", "a")


@pytest.mark.parametrize("left", [None, json.dumps({"owner": "killed", "since": 5})], ids=["none", "a killed run's"])
def test_of_many_at_the_same_moment_one_has_it(tmp_path: Path, left: str | None) -> None:
    path = tmp_path / "lock"
    many = [f"run {number}" for number in range(8)]
    for _turn in range(50):
        if left:
            path.write_text(left)
        together = threading.Barrier(len(many))

        def take(owner: str, together: threading.Barrier = together) -> str:
            together.wait()
            try:
                return owner if taken(path, owner) else ""
            except LockedError:
                return ""

        with ThreadPoolExecutor(len(many)) as threads:
            (winner,) = filter(None, threads.map(take, many))
        assert json.loads(path.read_text())["owner"] == winner
        assert taken(path, winner, present=False)


def test_the_earlier_of_two_runs_waits_until_the_later_one_has_given_up(tmp_path: Path) -> None:
    earlier, later = (Lock(str(tmp_path / "lock"), owner, 60.0, at) for owner, at in (("z", 100.0), ("a", 101.0)))
    run(later, "a", present=True, dry=False)
    with pytest.raises(LockedError, match="a works on this node"):
        run(earlier, "z", present=True, dry=False, wait_s=0.3)
    giving_up = threading.Timer(0.3, later.give_back)
    giving_up.start()
    assert run(earlier, "z", present=True, dry=False, wait_s=60.0)["changed"]
    giving_up.join()
    with pytest.raises(LockedError, match="z works on this node"):  # which waits for nobody, or the test would
        run(later, "a", present=True, dry=False, wait_s=1e6)
