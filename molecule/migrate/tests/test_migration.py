# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair goes from keepalived to vipd and back while a client asks for a page a hundred times a second.

The tests run in their order, each on what the one before left. The instruments are the drill's: a probe in the
client's network, and the kernel's own word on who had which address when.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.lab.lab import Lab
from tests.lab.watching import Pair, Watched, playbook

VIPS = ("10.0.0.3", "10.0.0.4")
GAP_MAX_S = 1.0
FAILED_MAX = 0.01  # of all requests
# keepalived takes an address before the other one lets go; vipd waits for that.
OVERLAP_OF_KEEPALIVED_MAX_S = 0.1


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Iterator[Pair]:
    with Pair(lab, VIPS) as pair:
        pair.await_holder()
        yield pair


def migrate(*words: str) -> str:
    return playbook("lbha.pair.migrate_from_keepalived", *words)


def watched(pair: Pair, *words: str) -> Watched:
    seen = pair.watched(lambda: migrate(*words))
    sys.stdout.write(f"\n{' '.join(words) or 'to vipd'}: {seen}\n")
    return seen


def of_the_role(tmp_path: Path, variables: Path) -> str:
    """The output of an ordinary deploy with the variables that the migration wrote."""
    play = [{"hosts": "lb", "gather_facts": False, "become": True, "roles": ["lbha.pair.single_master"]}]
    (tmp_path / "deploy.yml").write_text(yaml.safe_dump(play))
    inventories = [*os.environ["ANSIBLE_INVENTORY"].split(","), str(variables)]
    return playbook(str(tmp_path / "deploy.yml"), *(word for path in inventories for word in ("-i", path)))


def changed(output: str) -> list[int]:
    return [int(found) for found in re.findall(r"^lb\d\d .*changed=(\d+)", output, re.MULTILINE)]


def running(lab: Lab, node: str) -> list[str]:
    return [
        name
        for name in ("keepalived", "vipd")
        if lab[node].run("systemctl", "is-active", name, check=False).stdout.strip() == "active"
    ]


@pytest.fixture(scope="module")
def before(lab: Lab) -> dict[str, str]:
    return {name: lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout for name in ("lb01", "lb02")}


def test_check_mode_says_what_it_found_and_touches_nothing(
    lab: Lab, pair: Pair, before: dict[str, str], tmp_path: Path
) -> None:
    variables = tmp_path / "variables.yml"
    output = migrate("--check", "--diff", "-e", f"migrate_variables_file={variables}")
    assert "lbha.pair.single_master" in output
    assert "vrrp_rlimit_rttime is not acted upon" in output
    assert "s3cret" not in output
    assert changed(output) == [1, 0]  # the file of variables, which is the controller's
    assert variables.stat().st_mode & 0o777 == 0o600
    found = yaml.safe_load(variables.read_text())["lb"]
    assert found["vars"]["single_master_password"] == "s3cret"
    assert found["vars"]["single_master_instances"] == [{"name": "VI_WEB"}]
    assert running(lab, "lb01") == running(lab, "lb02") == ["keepalived"]


def test_the_vip_answers_while_the_pair_goes_to_vipd(lab: Lab, pair: Pair, before: dict[str, str]) -> None:
    seen = watched(pair)
    assert running(lab, "lb01") == running(lab, "lb02") == ["vipd"]
    assert seen.failed <= FAILED_MAX * len(seen.probes), seen
    assert seen.longest_gap_s() <= GAP_MAX_S, seen
    assert seen.crowd.most == 1, seen
    assert "s3cret" not in seen.output
    for name, text in before.items():
        assert lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout == text


def test_a_second_run_has_nothing_to_do(pair: Pair, tmp_path: Path) -> None:
    variables = tmp_path / "variables.yml"
    assert changed(migrate("-e", f"migrate_variables_file={variables}")) == [1, 0]  # the variables
    assert changed(of_the_role(tmp_path, variables)) == [0, 0]


def test_scripts_of_the_operator_run_as_before(lab: Lab) -> None:
    for name, states in (("lb01", ["MASTER 110"]), ("lb02", ["BACKUP 100", "MASTER 100", "BACKUP 100"])):
        assert "fails with exit status" not in lab[name].run("journalctl", "-u", "vipd", "--no-pager").stdout
        lines = lab[name].run("cat", "/var/log/keepalived-states").stdout.splitlines()
        assert lines[-len(states) :] == [f"INSTANCE VI_WEB {state}" for state in states]


def test_the_vip_answers_while_the_pair_goes_back(lab: Lab, pair: Pair) -> None:
    as_vipd = {name: lab[name].run("cat", "/etc/vipd/keepalived.conf").stdout for name in ("lb01", "lb02")}
    seen = watched(pair, "-e", "migrate_to=keepalived")
    assert running(lab, "lb01") == running(lab, "lb02") == ["keepalived"]
    assert seen.failed <= FAILED_MAX * len(seen.probes), seen
    assert seen.longest_gap_s() <= GAP_MAX_S, seen
    assert seen.crowd.shared_s <= OVERLAP_OF_KEEPALIVED_MAX_S, seen
    for name, text in as_vipd.items():
        assert lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout == text
