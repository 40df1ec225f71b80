# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The release file: what a crash leaves behind can be read again, and by its owner only."""

from __future__ import annotations

from pathlib import Path

from vipd.linux.sysctl import Setting
from vipd.runtime.release import Footprint, ReleaseRecord, load, save

RECORDS = (
    ReleaseRecord("VI_1", "eth0", 4, b"\x00\xffnetlink", ((b"E\x00advert", [], "224.0.0.18"),)),
    ReleaseRecord("VI_2", "vrrp6.1", 6, b"", ((b"1", [(41, 50, b"\xfe\x80")], "ff02::12"), (b"2", [], "fd00::2"))),
    ReleaseRecord("VI_3", "", 4, b"", ()),
)
FOOTPRINT = Footprint(RECORDS, b"\x20\0delete", (Setting(4, "eth0", "arp_ignore", "0"),), "vipd")


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "release"
    save(str(path), FOOTPRINT)
    assert load(str(path)) == FOOTPRINT


def test_it_holds_the_password_and_so_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "release"
    save(str(path), FOOTPRINT)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_saved_is_nothing_to_release(tmp_path: Path) -> None:
    assert load(str(tmp_path / "absent")) == Footprint()
