# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Track files, in a real directory: what counts as a number, and that every way of writing one is noticed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from vipd.checks import file
from vipd.checks.file import FileTracker, number, read
from vipd.config.model import Config, TrackFile, Tracks, VrrpInstance, VrrpSyncGroup, VrrpTrackFile
from vipd.core.events import FileRead

from tests.agent.checks.waiting import conversation, until


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"7", 7),
        (b" \t-12\n", -12),
        (b"+3 apples", 3),
        (b"0x1f", 31),
        (b"-0X10\n", -16),
        (b"010", 8),
        (b"08", 0),
        (b"0x", 0),
        (b"", 0),
        (b"yes", 0),
        (b"--1", 0),
        (b"9" * 30, 2**63 - 1),
        (b"-" + b"9" * 30, -(2**63)),
        (b"\xff\xfe1", 0),
    ],
)
def test_a_number_is_what_strtol_reads(content: bytes, value: int) -> None:
    assert number(content) == value


def test_what_is_no_file_counts_as_0(tmp_path: Path) -> None:
    assert read(str(tmp_path / "missing")) == 0
    assert read(str(tmp_path)) == 0
    os.mkfifo(tmp_path / "pipe")
    assert read(str(tmp_path / "pipe")) == 0, "and nobody waits for a writer"


def tracking(*files: VrrpTrackFile) -> Config:
    tracks = Tracks(files=tuple(TrackFile(one.name) for one in files))
    return Config(files=files, instances=(VrrpInstance("VI_1", "eth0", 51, tracks=tracks),))


WRITERS: dict[str, Callable[[Path], object]] = {
    "written in place": lambda path: path.write_text("5"),
    "moved there": lambda path: (path.parent / "new").write_text("5") and (path.parent / "new").rename(path),
    "linked there": lambda path: (path.parent / "new").write_text("5") and os.link(path.parent / "new", path),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_change_is_reported_at_once_and_a_removal_as_0(tmp_path: Path, writer: str) -> None:
    path, seen = tmp_path / "number", list[FileRead]()

    async def main() -> None:
        tracker = FileTracker(seen.append, pytest.fail)
        tracker.configure(tracking(VrrpTrackFile("load", str(path))))
        assert seen == [FileRead("load", 0)], "the first look is at once"
        WRITERS[writer](path)
        await until(lambda: seen[-1] == FileRead("load", 5))
        path.unlink()
        await until(lambda: seen[-1] == FileRead("load", 0))
        tracker.stop()

    conversation(main())
    assert len(seen) == 3


def test_a_file_that_is_being_written_is_not_read_because_of_its_neighbour(tmp_path: Path) -> None:
    one, other, seen = tmp_path / "one", tmp_path / "other", list[FileRead]()
    one.write_text("5")

    async def main() -> None:
        tracker = FileTracker(seen.append, pytest.fail)
        tracker.configure(tracking(VrrpTrackFile("one", str(one)), VrrpTrackFile("other", str(other))))
        with one.open("w") as half_written:
            other.write_text("1")
            await until(lambda: FileRead("other", 1) in seen)
            half_written.write("5")
        one.write_text("6")
        await until(lambda: FileRead("one", 6) in seen)
        tracker.stop()

    conversation(main())
    assert FileRead("one", 0) not in seen


def test_a_directory_that_comes_later_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "POLL_S", 0.02)
    path, seen, told = tmp_path / "later" / "number", list[FileRead](), list[str]()

    async def main() -> None:
        tracker = FileTracker(seen.append, told.append)
        tracker.configure(tracking(VrrpTrackFile("load", str(path))))
        path.parent.mkdir()
        path.write_text("5")
        await until(lambda: seen[-1] == FileRead("load", 5))
        tracker.stop()

    conversation(main())
    assert "track files are read every 0.02 s" in told[0]
    assert str(path.parent) in told[0]


def test_a_directory_that_is_made_anew_is_watched_anew(tmp_path: Path) -> None:
    path, seen, told = tmp_path / "state" / "number", list[FileRead](), list[str]()
    path.parent.mkdir()

    async def main() -> None:
        tracker = FileTracker(seen.append, told.append)
        tracker.configure(tracking(VrrpTrackFile("load", str(path))))
        path.parent.rename(tmp_path / "old")
        path.parent.mkdir()
        path.write_text("5")
        await until(lambda: seen[-1] == FileRead("load", 5))
        tracker.stop()

    conversation(main())


def test_init_file_writes_where_nothing_is_and_over_it_only_when_told(tmp_path: Path) -> None:
    fresh, kept, over = (tmp_path / name for name in ("fresh", "kept", "over"))
    kept.write_text("3")
    over.write_text("3")
    config = tracking(
        VrrpTrackFile("fresh", str(fresh), init_file=7),
        VrrpTrackFile("kept", str(kept), init_file=7),
        VrrpTrackFile("over", str(over), init_file=7, overwrite=True),
    )
    seen: list[FileRead] = []

    async def main() -> None:
        tracker = FileTracker(seen.append, pytest.fail)
        tracker.configure(config)
        over.write_text("1")
        tracker.configure(config)  # a reload: what is the same is not written again
        tracker.stop()

    conversation(main())
    assert seen[:3] == [FileRead("fresh", 7), FileRead("kept", 3), FileRead("over", 7)]
    assert seen[-1] == FileRead("over", 1)


def test_init_file_writes_through_no_link(tmp_path: Path) -> None:
    target, told = tmp_path / "target", list[str]()
    target.write_text("precious")
    (tmp_path / "link").symlink_to(target)

    async def main() -> None:
        tracker = FileTracker(lambda _read: None, told.append)
        tracker.configure(tracking(VrrpTrackFile("load", str(tmp_path / "link"), init_file=7, overwrite=True)))
        tracker.stop()

    conversation(main())
    assert target.read_text() == "precious"
    assert "cannot write 7" in told[0]


def test_what_a_group_tracks_is_read_and_what_nobody_tracks_is_not(tmp_path: Path) -> None:
    files = (VrrpTrackFile("group's", str(tmp_path / "a")), VrrpTrackFile("nobody's", str(tmp_path / "b")))
    group = VrrpSyncGroup("G", ("VI_1",), tracks=Tracks(files=(TrackFile("group's"),)))
    seen: list[FileRead] = []

    async def main() -> None:
        tracker = FileTracker(seen.append, pytest.fail)
        tracker.configure(Config(files=files, sync_groups=(group,)))
        tracker.stop()

    conversation(main())
    assert seen == [FileRead("group's", 0)]
