# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings that come with a way back, on a made-up /proc/sys."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.modules.sysctl_dropin import DropIn, apply, plain, spelt

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


def test_a_setting_that_is_wanted_no_more_is_put_back(drop_in: DropIn, live: Path) -> None:
    other = live.with_name("ip_forward")
    other.write_text("0\n")
    apply(drop_in, {**WANTED, "net.ipv4.ip_forward": "1"}, present=True, dry=False)
    before = drop_in.text()
    seen = apply(drop_in, WANTED, present=True, dry=True)
    assert (seen["changed"], drop_in.text(), other.read_text()) == (True, before, "1\n")
    assert "in force: net.ipv4.ip_forward = 1\n" in seen["diff"]["before"]
    assert "in force: net.ipv4.ip_forward = 0\n" in seen["diff"]["after"]
    assert apply(drop_in, WANTED, present=True, dry=False)["diff"] == seen["diff"]
    assert (live.read_text(), other.read_text()) == ("1\n", "0\n")
    assert "ip_forward" not in drop_in.text()
    assert not apply(drop_in, WANTED, present=True, dry=False)["changed"]
    apply(drop_in, {}, present=False, dry=False)
    assert (live.read_text(), other.read_text()) == ("0\n", "0\n")


def test_a_setting_that_is_wanted_no_more_and_that_somebody_changed_stays(drop_in: DropIn, live: Path) -> None:
    other = live.with_name("ip_forward")
    other.write_text("0\n")
    apply(drop_in, {**WANTED, "net.ipv4.ip_forward": "1"}, present=True, dry=False)
    other.write_text("2\n")
    apply(drop_in, WANTED, present=True, dry=False)
    assert other.read_text() == "2\n"


class AbortedError(Exception):
    """The run ends in the middle."""


def abort(*_arguments: str) -> None:
    raise AbortedError


@pytest.mark.parametrize(
    ("present", "step"), [(True, "set_live"), (True, "write"), (False, "set_live"), (False, "remove")]
)
def test_an_aborted_run_has_forgotten_nothing(
    drop_in: DropIn, live: Path, present: bool, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it has not done yet can still be done, or put back."""
    other = live.with_name("ip_forward")
    other.write_text("0\n")
    apply(drop_in, {"net.ipv4.ip_forward": "1"}, present=True, dry=False)
    with monkeypatch.context() as patched:
        patched.setattr(drop_in, step, abort)
        with pytest.raises(AbortedError):
            apply(drop_in, WANTED, present, dry=False)
    assert "# before: net.ipv4.ip_forward = 0\n" in drop_in.text()
    apply(drop_in, WANTED, present, dry=False)
    assert (live.read_text(), other.read_text()) == ("1\n" if present else "0\n", "0\n")


def test_a_value_of_several_numbers_is_the_same_with_tabs(drop_in: DropIn, live: Path) -> None:
    memory = live.with_name("tcp_rmem")
    memory.write_text("4096\t87380\t6291456\n")
    wanted = {"net.ipv4.tcp_rmem": plain(" 4096  131072\t6291456")}
    apply(drop_in, wanted, present=True, dry=False)
    memory.write_text("4096\t131072\t6291456\n")
    assert not apply(drop_in, wanted, present=True, dry=False)["changed"]
    apply(drop_in, {}, present=False, dry=False)
    assert memory.read_text() == "4096 87380 6291456\n"


@pytest.mark.parametrize(
    ("name", "in_the_file"),
    [
        ("net.ipv4.conf.eth0.100.rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
        ("net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
        ("net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
    ],
)
def test_a_link_may_have_a_dot_in_its_name(tmp_path: Path, drop_in: DropIn, name: str, in_the_file: str) -> None:
    """The file has it as systemd-sysctl finds it at boot: sysctl.d(5)."""
    path = tmp_path / "sys/net/ipv4/conf/eth0.100/rp_filter"
    path.parent.mkdir(parents=True)
    path.write_text("1\n")
    apply(drop_in, {spelt(name): "0"}, present=True, dry=False)
    assert path.read_text() == "0\n"
    assert drop_in.text().endswith(f"\n{in_the_file} = 0\n")


def test_only_a_link_has_a_dot_in_its_name() -> None:
    for name in ("net.ipv4.ip_forward", "net.ipv4.conf.all.rp_filter", "net.ipv4.vs.conntrack"):
        assert spelt(name) == name
