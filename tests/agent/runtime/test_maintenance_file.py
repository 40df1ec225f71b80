# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that keeps a node in maintenance: there as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from vipd.runtime.maintenance_file import REASON_LIMIT, MaintenanceFile


def test_it_is_there_once_it_was_committed(tmp_path: Path) -> None:
    file = MaintenanceFile(str(tmp_path / "state"))
    assert file.read() is None
    file.prepare("new disk")
    assert file.read() is None
    file.commit()
    kept = file.read()
    assert kept is not None
    assert (kept.reason, kept.since > 0) == ("new disk", True)
    file.remove()
    file.remove()
    assert file.read() is None
    assert not list((tmp_path / "state").iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"reason": "x"}', "\xff"])
def test_one_that_cannot_be_understood_still_keeps_the_node_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "maintenance").write_text(text, encoding="latin-1")
    kept = MaintenanceFile(str(tmp_path)).read()
    assert kept is not None
    assert "cannot be read" in kept.reason


def test_what_was_prepared_is_discarded(tmp_path: Path) -> None:
    file = MaintenanceFile(str(tmp_path))
    file.prepare("x" * (REASON_LIMIT + 1))
    file.discard()
    assert not list(tmp_path.iterdir())


def test_a_directory_that_cannot_be_written_to_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(OSError, match="state"):
        MaintenanceFile(str(tmp_path / "state")).prepare("")
