# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings that come with a way back, on a made-up /proc/sys."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.modules.sysctl_dropin import DropIn, apply

WANTED = {"net.ipv4.ip_nonlocal_bind": "1"}


@pytest.fixture
def live(tmp_path: Path) -> Path:
    path = tmp_path / "sys/net/ipv4/ip_nonlocal_bind"
    path.parent.mkdir(parents=True)
    path.write_text("0\n")
    return path


@pytest.fixture
def drop_in(tmp_path: Path, live: Path) -> DropIn:
    return DropIn(str(tmp_path / "90-test.conf"), str(tmp_path / "sys"))


def test_settings_are_in_force_at_once_and_at_boot(drop_in: DropIn, live: Path) -> None:
    assert apply(drop_in, WANTED, present=True, dry=False)["changed"]
    assert live.read_text() == "1\n"
    assert "net.ipv4.ip_nonlocal_bind = 1\n" in drop_in.text()
    assert not apply(drop_in, WANTED, present=True, dry=False)["changed"]


def test_a_setting_that_somebody_changed_is_set_again(drop_in: DropIn, live: Path) -> None:
    apply(drop_in, WANTED, present=True, dry=False)
    live.write_text("0\n")
    assert apply(drop_in, WANTED, present=True, dry=False)["changed"]
    assert live.read_text() == "1\n"


def test_removal_puts_the_value_before_back(drop_in: DropIn, live: Path) -> None:
    live.write_text("7\n")
    apply(drop_in, WANTED, present=True, dry=False)
    apply(drop_in, WANTED, present=True, dry=False)
    assert apply(drop_in, {}, present=False, dry=False)["changed"]
    assert live.read_text() == "7\n"
    assert drop_in.text() == ""
    assert not apply(drop_in, {}, present=False, dry=False)["changed"]


def test_removal_leaves_a_value_that_is_not_ours(drop_in: DropIn, live: Path) -> None:
    apply(drop_in, WANTED, present=True, dry=False)
    live.write_text("2\n")
    apply(drop_in, {}, present=False, dry=False)
    assert live.read_text() == "2\n"


@pytest.mark.parametrize("present", [True, False])
def test_check_mode_tells_and_does_nothing(drop_in: DropIn, live: Path, present: bool) -> None:
    if not present:
        apply(drop_in, WANTED, present=True, dry=False)
    before = (drop_in.text(), live.read_text())
    result = apply(drop_in, WANTED if present else {}, present, dry=True)
    assert result["changed"]
    assert result["diff"]["before"] != result["diff"]["after"]
    assert (drop_in.text(), live.read_text()) == before


def test_a_setting_of_a_link_that_is_not_there_yet(tmp_path: Path) -> None:
    """Check mode knows no link that another task would make; without it the link has to be there."""
    wanted = {"net.ipv4.conf.tunl0.rp_filter": "0"}
    path = str(tmp_path / "90-test.conf")
    assert apply(DropIn(path, str(tmp_path), dry=True), wanted, present=True, dry=True)["changed"]
    with pytest.raises(FileNotFoundError):
        apply(DropIn(path, str(tmp_path)), wanted, present=True, dry=False)


def test_a_setting_of_a_link_that_has_gone_needs_no_way_back(drop_in: DropIn, live: Path) -> None:
    apply(drop_in, WANTED, present=True, dry=False)
    live.unlink()
    assert apply(drop_in, {}, present=False, dry=False)["changed"]
    assert drop_in.text() == ""
