# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules that are loaded now, at boot, and unloaded again; on a made-up kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.modules.modules_dropin import DropIn, NoModuleError, absent, present

WANTED = ["ip_vs", "ip_vs_wrr"]


class Kernel:
    def __init__(self, root: Path, *known: str) -> None:
        self.root = root
        self.known = known
        root.mkdir()

    def modprobe(self, *arguments: str) -> tuple[int, str, str]:
        *options, name = arguments
        if name == "built_in":
            return 0, "builtin built_in\n", ""
        if name not in self.known:
            return 1, "", f"modprobe: FATAL: Module {name} not found\n"
        if options == ["--remove"]:
            (self.root / name).rmdir()
        elif not options:
            (self.root / name).mkdir()
        return 0, f"insmod /lib/modules/{name}.ko\n" if options == ["--show-depends"] else "", ""

    def loaded(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir())


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path / "module", *WANTED)


@pytest.fixture
def drop_in(tmp_path: Path, kernel: Kernel) -> DropIn:
    return DropIn(str(tmp_path / "lvs.conf"), kernel.modprobe, str(kernel.root))


def test_modules_are_loaded_at_once_and_at_boot(drop_in: DropIn, kernel: Kernel) -> None:
    assert present(drop_in, WANTED, dry=False)["loaded"] == WANTED
    assert kernel.loaded() == WANTED
    assert drop_in.text().endswith("\nip_vs\nip_vs_wrr\n")
    assert not present(drop_in, WANTED, dry=False)["changed"]


def test_removal_unloads_only_what_was_loaded_for_it(drop_in: DropIn, kernel: Kernel) -> None:
    kernel.modprobe("ip_vs")
    present(drop_in, WANTED, dry=False)
    present(drop_in, WANTED, dry=False)
    assert absent(drop_in, dry=False)["changed"]
    assert kernel.loaded() == ["ip_vs"]
    assert drop_in.text() == ""
    assert not absent(drop_in, dry=False)["changed"]


def test_removal_unloads_what_was_loaded_once_and_is_not_needed_any_more(drop_in: DropIn, kernel: Kernel) -> None:
    present(drop_in, WANTED, dry=False)
    present(drop_in, WANTED[:1], dry=False)
    assert drop_in.text().endswith("\nip_vs\n"), "it is not loaded at boot"
    assert not present(drop_in, WANTED[:1], dry=False)["changed"]
    absent(drop_in, dry=False)
    assert kernel.loaded() == []


def test_a_module_that_is_missing_is_named_before_anything_changes(drop_in: DropIn, kernel: Kernel) -> None:
    for dry in (True, False):
        with pytest.raises(
            NoModuleError, match="kernel module ip_vs_mh is needed and cannot be loaded: modprobe: FATAL"
        ):
            present(drop_in, ["ip_vs_mh"], dry)
    assert (drop_in.text(), kernel.loaded()) == ("", [])


def test_a_container_needs_no_module_that_its_host_has_loaded(tmp_path: Path, kernel: Kernel) -> None:
    kernel.modprobe("ip_vs")
    nothing_to_load_with = DropIn(
        str(tmp_path / "lvs.conf"), lambda *_words: (1, "", "not permitted"), str(kernel.root)
    )
    assert present(nothing_to_load_with, ["ip_vs"], dry=False)["loaded"] == []


def test_check_mode_changes_nothing(drop_in: DropIn, kernel: Kernel) -> None:
    assert present(drop_in, WANTED, dry=True)["changed"]
    assert (drop_in.text(), kernel.loaded()) == ("", [])
    present(drop_in, WANTED, dry=False)
    assert absent(drop_in, dry=True)["changed"]
    assert kernel.loaded() == WANTED


def test_what_is_built_into_the_kernel_is_there(drop_in: DropIn, kernel: Kernel) -> None:
    assert present(drop_in, ["built_in"], dry=False)["loaded"] == []
    assert not present(drop_in, ["built_in"], dry=False)["changed"]
