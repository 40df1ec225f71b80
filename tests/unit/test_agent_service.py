# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vipd needs beside its program is made when it is missing, and is then as it should be."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.lbha.pair.plugins.module_utils import agent_service
from ansible_collections.lbha.pair.plugins.module_utils.agent_service import AgentService
from ansible_collections.lbha.pair.plugins.modules.vipd_program import serve

UNIT = "[Service]\nUser=vipd\n"


class Host:
    """AnsibleModule, and the accounts of a node."""

    def __init__(self, group: int) -> None:
        self.group = group
        self.groups: list[str] = []
        self.users: list[str] = []
        self.refuses = False

    def run_command(self, args: list[str]) -> tuple[int, str, str]:
        if self.refuses:
            return 10, "", "cannot lock /etc/group"
        {"groupadd": self.groups, "useradd": self.users}[args[0]].append(args[-1])
        return 0, "", ""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host(os.getegid())
    monkeypatch.setattr(agent_service.grp, "getgrall", lambda: [SimpleNamespace(gr_name=name) for name in host.groups])
    monkeypatch.setattr(agent_service.grp, "getgrnam", lambda _name: SimpleNamespace(gr_gid=host.group))
    monkeypatch.setattr(agent_service.pwd, "getpwall", lambda: [SimpleNamespace(pw_name=name) for name in host.users])
    return host


def service(host: Host, place: Path, dry: bool = False) -> AgentService:
    return AgentService(host, str(place / "vipd.service"), str(place / "vipd"), dry)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")


@needs_root
def test_all_of_it_is_made_once(host: Host, tmp_path: Path) -> None:
    first = serve(service(host, tmp_path), UNIT)
    assert first == {"changed": True, "diff": {"before": "", "after": UNIT}}
    assert (host.groups, host.users) == (["vipd"], ["vipd"])
    assert stat.S_IMODE((tmp_path / "vipd").stat().st_mode) == 0o750
    assert (tmp_path / "vipd.service").read_text() == UNIT
    assert not serve(service(host, tmp_path), UNIT)["changed"]
    assert serve(service(host, tmp_path), "[Service]\n")["diff"] == {"before": UNIT, "after": "[Service]\n"}


@needs_root
def test_a_directory_that_others_can_read_is_closed(host: Host, tmp_path: Path) -> None:
    serve(service(host, tmp_path), UNIT)
    (tmp_path / "vipd").chmod(0o755)
    assert service(host, tmp_path, dry=True).make_directory()
    assert service(host, tmp_path).make_directory()
    assert stat.S_IMODE((tmp_path / "vipd").stat().st_mode) == 0o750


def test_check_mode_makes_nothing(host: Host, tmp_path: Path) -> None:
    assert serve(service(host, tmp_path, dry=True), UNIT)["changed"]
    assert (host.groups, host.users, os.listdir(tmp_path)) == ([], [], [])


def test_an_account_that_cannot_be_made_is_told(host: Host, tmp_path: Path) -> None:
    host.refuses = True
    with pytest.raises(OSError, match="groupadd --system vipd: cannot lock /etc/group"):
        serve(service(host, tmp_path), UNIT)
    assert os.listdir(tmp_path) == []
