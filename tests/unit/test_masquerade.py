# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the rules of directors that masquerade are brought into force, also where an aborted run had written them.

The role's own tasks on files of this machine, with a systemctl that only notes what it is asked for.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml

from tests.unit.role_play import play_role

TASKS = Path(__file__).resolve().parents[2] / "roles" / "lvs_director" / "tasks" / "masquerade.yml"
RULES, UNIT = "lbha-lvs-masquerade.nft", "lbha-lvs-masquerade.service"
WRITTEN_AGO_S = 60
SHOWN = (
    "LoadState=loaded ActiveState=active UnitFileState=enabled"
    " ExecMainStartTimestampMonotonic={us} StateChangeTimestampMonotonic={us}"
)
# Each with the rules before, and how long ago the unit was started.
HOSTS = {"in_force": ("new\n", 30), "changed": ("old\n", 30), "aborted": ("new\n", 90)}


def host(directory: Path, rules: str, started_ago_s: int) -> dict[str, str]:
    directory.mkdir()
    written_at = time.time() - WRITTEN_AGO_S
    for name, text in ((RULES, rules), (UNIT, "new\n")):
        (directory / name).write_text(text)
        os.utime(directory / name, (written_at, written_at))
    shown = SHOWN.format(us=int((time.monotonic() - started_ago_s) * 1e6))
    systemctl = directory / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$*" >>{directory}/notes\n[ "$1" != show ] || printf \'%s\\n\' {shown}\n')
    systemctl.chmod(0o755)
    return {
        "__lvs_director_masquerade_rules": str(directory / RULES),
        "__lvs_director_masquerade_unit": str(directory / UNIT),
        "directory": str(directory),
    }


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What systemctl was asked for on each host."""
    place = tmp_path_factory.mktemp("masquerade")
    role = place / "roles" / "lvs_director"
    for part in ("tasks", "templates"):
        (role / part).mkdir(parents=True)
    # No package is installed here, and who tests may not be root.
    tasks = [task for task in yaml.safe_load(TASKS.read_text()) if "nft" not in task["name"] + str(task.get("when"))]
    for task in tasks:
        for key in ("owner", "group"):
            task.get("ansible.builtin.template", {}).pop(key, None)
    (role / "tasks" / "main.yml").write_text(yaml.safe_dump(tasks))
    for name in (RULES, UNIT):
        (role / "templates" / f"{name}.j2").write_text("new\n")
    hosts = {name: host(place / name, *before) for name, before in HOSTS.items()}
    own = {"PATH": f"{{{{ directory }}}}:{os.environ['PATH']}"}
    done = play_role(place, "lvs_director", hosts, {}, environment=own)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: (place / name / "notes").read_text().splitlines() for name in HOSTS}


@pytest.mark.parametrize(("name", "restarted"), [("in_force", False), ("changed", True), ("aborted", True)])
def test_rules_that_are_not_in_force_are_brought_there(asked: dict[str, list[str]], name: str, restarted: bool) -> None:
    assert ("restart lbha-lvs-masquerade" in asked[name]) is restarted, asked[name]
