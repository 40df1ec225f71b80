# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a file system says before anything is written to it; molecule/operations asks real ones."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.modules.node_room import WRITTEN, hindrance, hindrances, there

ROOMY = {"f_frsize": 4096, "f_blocks": 10000, "f_bfree": 5000, "f_files": 100, "f_ffree": 50, "f_flag": 0}


def said(monkeypatch: pytest.MonkeyPatch, **figures: Any) -> str:
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(**{**ROOMY, **figures}))
    return hindrance("/etc/vipd", 4096 * 100)


def test_each_hindrance_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch) == ""
    assert said(monkeypatch, f_bfree=99) == "/etc/vipd has 396 KiB left, and 400 are needed: make room"
    assert said(monkeypatch, f_bfree=100) == ""
    assert said(monkeypatch, f_ffree=0) == "/etc/vipd has no inode left: remove files"
    assert said(monkeypatch, f_flag=os.ST_RDONLY).startswith("/etc/vipd is read-only: mount it writable")


def test_a_file_system_that_counts_neither_blocks_nor_inodes_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, f_blocks=0, f_bfree=0, f_files=0, f_ffree=0) == ""


def test_a_directory_that_is_not_there_yet_counts_as_the_one_above(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert there(str(tmp_path / "a" / "b")) == str(tmp_path)
    assert there(str(tmp_path / "file" / "b")) == str(tmp_path)
    assert there("/nowhere/at/all") == "/"


def test_every_directory_that_stands_in_the_way_is_named(tmp_path: Path) -> None:
    more_than_any_disk = 1 << 62
    assert len(list(hindrances([str(tmp_path), "/etc"], more_than_any_disk))) == 2
    assert not list(hindrances([str(tmp_path)], 0))


def test_what_vipd_is_made_of_is_looked_at() -> None:
    assert {"/etc/vipd", "/usr/local/lib/vipd", "/etc/systemd/system"} <= set(WRITTEN["vipd"])
    assert "/etc/vipd" not in WRITTEN["keepalived"]
