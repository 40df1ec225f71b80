# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may run what: accounts, permissions, and what root must not run because others can change it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from vipd.checks import security
from vipd.checks.security import Rules, account, objection, unrunnable
from vipd.config.model import (
    Command,
    Config,
    Fifo,
    GlobalDefs,
    Notify,
    Place,
    ScriptUser,
    VrrpInstance,
    VrrpScript,
    VrrpSyncGroup,
)

NO_RULES = Rules()
SECURE = Rules(secure=True)
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="the rule is about what root runs")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "check"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    for directory in (tmp_path, *list(tmp_path.parents)[:-1]):
        directory.chmod(directory.stat().st_mode & ~0o022 | 0o011 if directory != Path("/tmp") else 0o1777)
    return path


def why(path: Path | str, rules: Rules = NO_RULES, user: str | None = None) -> str:
    return objection(Command((str(path), "argument"), ScriptUser(user) if user else None), rules) or ""


def test_what_may_run() -> None:
    assert why("/bin/true") == ""
    assert why("true") == "", "a bare name is looked up in the PATH"


def test_what_is_missing_or_not_executable(script: Path) -> None:
    assert why("/nonexistent/check") == "cannot run /nonexistent/check: No such file or directory"
    assert "not in the PATH" in why("no-such-program-anywhere")
    assert why(script.parent) == f"cannot run {script.parent}: it is not a file"
    script.chmod(0o644)
    assert "may not execute it" in why(script)
    assert "nobody-of-that-name does not exist" in why(script, user="nobody-of-that-name")


@ROOT_ONLY
def test_the_user_must_be_able_to_get_there(script: Path) -> None:
    assert why(script, user="nobody") == ""
    script.chmod(0o750)
    assert why(script, user="nobody") == f"cannot run {script}: user nobody may not execute it"
    script.chmod(0o755)
    script.parent.chmod(0o700)
    assert why(script, user="nobody") == f"cannot run {script}: user nobody may not execute it"


@ROOT_ONLY
@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_security_refuses_a_file_that_others_may_write(script: Path, mode: int) -> None:
    os.chown(script, 0, 12345)
    script.chmod(mode)
    assert f"{script} can be changed by others than root" in why(script, SECURE)
    assert why(script) == "", "without enable_script_security it is the operator's own risk"
    assert why(script, SECURE, user="nobody") == "", "the rule is about root"


@ROOT_ONLY
def test_security_lets_the_group_root_write_and_sticky_directories_be(script: Path) -> None:
    script.chmod(0o775)
    assert why(script, SECURE) == ""
    script.parent.chmod(0o1777)
    assert why(script, SECURE) == ""


@ROOT_ONLY
def test_security_looks_at_every_directory(script: Path) -> None:
    script.parent.chmod(0o777)
    assert f"{script.parent} can be changed" in why(script, SECURE)


@ROOT_ONLY
def test_security_looks_at_a_link_and_at_its_target(script: Path, tmp_path: Path) -> None:
    """Whoever may change the directory of either may have root run anything."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    link = elsewhere / "link"
    link.symlink_to(script)
    assert why(link, SECURE) == ""
    elsewhere.chmod(0o777)
    assert f"{elsewhere} can be changed" in why(link, SECURE)
    elsewhere.chmod(0o755)
    os.chown(script, 12345, 0)
    assert f"{script} can be changed" in why(link, SECURE)
    os.chown(script, 0, 0)
    os.lchown(link, 12345, 0)
    assert f"{link} can be changed" in why(link, SECURE)


@ROOT_ONLY
def test_the_default_user_is_keepaliveds_where_it_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(("/bin/true",))
    monkeypatch.setattr(security, "DEFAULT_USER", "nobody-of-that-name")
    assert account(command, NO_RULES).is_ours
    monkeypatch.setattr(security, "DEFAULT_USER", "nobody")
    assert account(command, NO_RULES) == account(Command(("/bin/true",), ScriptUser("nobody")), NO_RULES)
    assert account(command, Rules(user=ScriptUser("root"))).uid == 0
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert account(command, NO_RULES).is_ours, "without privileges nobody becomes another user unasked"


def test_every_program_of_a_configuration_is_looked_at() -> None:
    def missing(name: str) -> Command:
        return Command((f"/nonexistent/{name}",))

    config = Config(
        GlobalDefs(
            startup_script=missing("startup"),
            shutdown_script=missing("shutdown"),
            notify_fifo=Fifo("/run/fifo", missing("fifo")),
            vrrp_notify_fifo=Fifo("/run/vrrp", missing("vrrp_fifo")),
        ),
        scripts=(VrrpScript("web", missing("web"), place=Place("k.conf", 3)), VrrpScript("good", Command(("true",)))),
        instances=(VrrpInstance("VI_1", "eth0", 51, notify=Notify(master=missing("master"), any=missing("any"))),),
        sync_groups=(VrrpSyncGroup("G", ("VI_1",), notify=Notify(fault=missing("fault"))),),
    )
    findings = [str(finding) for finding in unrunnable(config)]
    named = {"startup", "shutdown", "fifo", "vrrp_fifo", "web", "master", "any", "fault"}
    assert {text.split("/nonexistent/")[1].split(":")[0] for text in findings} == named
    assert len(findings) == len(named)
    assert any(
        text.startswith("k.conf:3") and "error: vrrp_script web cannot run" in text and "install it" in text
        for text in findings
    )


def test_a_pipe_needs_an_owner_that_exists() -> None:
    nobody = ScriptUser("nobody-of-that-name")
    node = GlobalDefs(
        notify_fifo=Fifo("/run/fifo", Command(("/bin/true",)), nobody),
        vrrp_notify_fifo=Fifo("/run/vrrp", owner=ScriptUser("root", "nobody-of-that-name")),
        place=Place("k.conf", 3),
    )
    assert [str(finding) for finding in unrunnable(Config(node))] == [
        "k.conf:3: error: notify_fifo /run/fifo has no owner: user nobody-of-that-name does not exist; "
        "make the account, or name another",
        "k.conf:3: error: vrrp_notify_fifo /run/vrrp has no owner: user root or group nobody-of-that-name does not "
        "exist; make the account, or name another",
    ]
