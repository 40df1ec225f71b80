# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What popular Ansible roles make of keepalived.conf is read without a complaint, and imported (tests/data/roles)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.filter.import_pair import import_pair
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.parse import parse
from vipd.config.render import render
from vipd.ctl_check import status_as_keepalived

from tests.agent.config.test_keepalived import LINKS, judged

DATA = Path(__file__).resolve().parents[1] / "data" / "roles"
FILES = sorted(DATA.glob("*.conf"))
ROLES = sorted({path.stem.rpartition("_")[0] for path in FILES})

# By file: what keepalived says of it, and vipd too.
KEEPALIVED_COMPLAINS = {"evrardjp_1": "preempt delay will not work with initial state MASTER"}

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def texts(role: str) -> dict[str, str]:
    return {f"lb0{number}": (DATA / f"{role}_{number}.conf").read_text() for number in (1, 2)}


@every_file
def test_it_reads_and_renders(path: Path) -> None:
    parsed = parse(path.read_text())
    assert [found.message for found in parsed.diagnostics if path.stem not in KEEPALIVED_COMPLAINS] == []
    assert [found for found in check(parsed.config, LINKS) if found.severity is Severity.ERROR] == []
    assert parse(render(parsed.config)).config == parsed.config


@every_file
@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived")
def test_keepalived_agrees_about_it_and_about_what_is_rendered(path: Path, tmp_path: Path) -> None:
    parsed = parse(path.read_text())
    ours = status_as_keepalived((*parsed.diagnostics, *check(parsed.config, LINKS)), parsed.config)
    said = judged(path.read_text(), tmp_path)
    assert KEEPALIVED_COMPLAINS.get(path.stem, "") in said
    assert int(said.rpartition("exit status ")[2] or 0) == ours
    assert judged(render(parsed.config), tmp_path) == ""


@pytest.mark.parametrize("role", ROLES)
def test_it_is_imported(role: str) -> None:
    found = import_pair(texts(role))
    assert (found["topology"], found["role"]) == ("single_master", "lbha.pair.single_master")


def test_every_role_has_both_hosts() -> None:
    assert len(FILES) == 2 * len(ROLES) == 8
