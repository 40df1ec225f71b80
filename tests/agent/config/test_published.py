# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configurations that others published run as they are: those in tests/data/seeds, and keepalived's own samples."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from vipd.checks.security import unrunnable
from vipd.config.check import check
from vipd.config.diagnostics import Diagnostic, Severity
from vipd.config.parse import load, parse
from vipd.config.render import render
from vipd.ctl_check import status_as_keepalived

from tests.agent.config.test_keepalived import LINKS, judged

SEEDS = sorted((Path(__file__).parents[2] / "data" / "seeds").glob("*.conf"))
SAMPLES = Path("/usr/share/doc/keepalived/samples")
CORPUS = sorted(SAMPLES.glob("keepalived.conf.*")) + SEEDS
LVS = {"virtual_server", "virtual_server_group", "lvs_sync_daemon_interface", "nat_mask"}

# What vipd refuses in keepalived's samples, by file and line: the keyword that a later version will act upon. And two
# names of instances that keepalived refuses too: since 2004 they stand in a block of their own.
REFUSED = {
    "SSL_GET": ["19 auth_type AH"],
    "vrrp.lvs_syncd": ["4 unknown keyword 'VI_2'", "5 unknown keyword 'VI_3'"],
    "vrrp.rules": [
        "11 static_rules: '192.168.100./24'",
        "26 virtual_rules: '192.168.200./24'",
    ],
}
OLD_FORMS = {
    "'or' in a route is an old form",
    "nb_get_retry is an old form",
    "lvs_sync_daemon_interface is an old form",
}
EMPTY = {"notification_email is empty"}


def subject(found: Diagnostic) -> str:
    return found.message.partition(" is not ")[0]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_published_configuration_reads_without_error(path: Path) -> None:
    parsed = load(str(path))
    assert {subject(found) for found in parsed.diagnostics} <= LVS | OLD_FORMS | EMPTY
    assert all(found.severity is Severity.WARNING for found in parsed.diagnostics)
    assert parsed.config.instances
    assert [one for one in check(parsed.config, ["eth0", "ens33"]) if one.severity is not Severity.INFO] == []
    again = parse(render(parsed.config))
    assert again.config == parsed.config
    assert {subject(found) for found in again.diagnostics} <= LVS


def test_there_are_published_configurations() -> None:
    assert len(SEEDS) >= 18


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="keepalived's samples are not installed")
def test_of_keepalived_s_samples_only_what_vipd_does_not_do_yet_is_refused() -> None:
    refused = {}
    for path in sorted(SAMPLES.glob("keepalived.conf.*")):
        parsed = load(str(path))
        errors = [f"{found.place.line} {subject(found)}" for found in parsed.errors]
        warnings = {subject(found) for found in parsed.diagnostics if found.severity is Severity.WARNING}
        assert warnings <= LVS | OLD_FORMS
        if errors:
            refused[path.name[len("keepalived.conf.") :]] = errors
    assert refused == REFUSED


# keepalived -t says something in these lines and vipd does not, or elsewhere.
ELSEWHERE = {
    # Line 13 closes the script that has no command, line 25 tracks it: keepalived removed it in between.
    "conditional_conf": {13, 25},
    # A keyword that no keepalived has had for years, and vipd names as not acted upon.
    "lvs_nat": {37},
    # keepalived reads global_defs first, and tells the line that closes the block.
    "lvs_dr": {8},
    "mariadb": {7},
}


@pytest.mark.skipif(not SAMPLES.is_dir() or os.geteuid() != 0, reason="needs root and keepalived's samples")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name.replace("keepalived.conf.", ""))
def test_vipd_says_of_it_what_keepalived_says(path: Path, tmp_path: Path) -> None:
    """The exit status, and every line that keepalived names."""
    said = judged(path.read_text(), tmp_path)
    status = re.search(r"exit status (\d+)", said)
    parsed = load(str(path), "none")
    found = (*parsed.diagnostics, *check(parsed.config, LINKS), *unrunnable(parsed.config))
    assert status_as_keepalived(found, parsed.config) == (int(status[1]) if status else 0), said
    named = {int(line) for line in re.findall(r"Line (\d+)\)", said)}
    silent = named - {one.place.line for one in found if not one.ours}
    assert silent == ELSEWHERE.get(path.name.replace("keepalived.conf.", "").replace(".conf", ""), set()), said


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="keepalived's samples are not installed")
@pytest.mark.parametrize(("config_id", "priority", "script"), [("high", 170, "high"), ("low", 85, "low")])
def test_the_conditional_sample_depends_on_the_configuration_id(config_id: str, priority: int, script: str) -> None:
    parsed = load(str(SAMPLES / "keepalived.conf.conditional_conf"), config_id)
    assert parsed.config.instances[0].priority == priority
    assert parsed.config.scripts[0].command.argv == (f"/etc/keepalived/scripts/check_{script}_VI_0.sh",)
