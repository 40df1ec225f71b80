# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the role vipd restarts several pairs in one play: those of a pair never at the same time, pairs side by side.

The role's own handlers, with a restart that only notes when it began and ended.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles" / "vipd"
PAIRS = {"a1": ["a1", "a2"], "a2": ["a1", "a2"], "b1": ["b1", "b2"], "b2": ["b1", "b2"]}
NOTE = "echo {{ inventory_hostname }} >>notes"
FAILURE = "vipd is not ready"


def restart(status: int) -> list[dict[str, Any]]:
    """The role's own task, which notes when it begins and ends instead."""
    (task,) = yaml.safe_load((ROLE / "tasks" / "restart.yml").read_text())
    del task["lbha.pair.vipd_service"]
    said = f"echo {FAILURE} >&2; " if status else ""
    return [{**task, "ansible.builtin.command": f"sh -c '{NOTE}; sleep 0.5; {NOTE}; {said}exit {status}'"}]


def run(place: Path, hosts: dict[str, list[str]], status: int = 0) -> tuple[list[str], str]:
    """The notes, and what Ansible said. ``hosts``: each with those of its pair; ``status``: of each restart."""
    role = place / "roles" / "vipd"
    (role / "tasks").mkdir(parents=True)
    shutil.copytree(ROLE / "handlers", role / "handlers")
    (role / "tasks" / "restart.yml").write_text(yaml.safe_dump(restart(status)))
    keep = next(task for task in yaml.safe_load((ROLE / "tasks" / "service.yml").read_text()) if "Keep" in task["name"])
    changed = {"ansible.builtin.debug": {}, "changed_when": True, "notify": "Restart vipd"}
    (role / "tasks" / "main.yml").write_text(yaml.safe_dump([keep, changed]))
    unit = {"vipd": {"running": True}}
    variables: dict[str, Any] = {"__vipd_host": {"units": unit}, "__vipd_vips": [], "ansible_connection": "local"}
    inventory = {"all": {"hosts": {name: {"vipd_hosts": pair} for name, pair in hosts.items()}, "vars": variables}}
    (place / "hosts.yml").write_text(yaml.safe_dump(inventory))
    play = [{"hosts": "all", "gather_facts": False, "roles": ["vipd"]}]
    (place / "play.yml").write_text(yaml.safe_dump(play))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", "play.yml"],
        cwd=place,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (2 if status else 0), done.stdout + done.stderr
    return (place / "notes").read_text().split(), done.stdout


def test_those_of_a_pair_restart_one_after_the_other_and_pairs_side_by_side(tmp_path: Path) -> None:
    notes, said = run(tmp_path, PAIRS)
    assert sorted(notes) == sorted([*PAIRS, *PAIRS])
    assert [sorted(notes[:4]), sorted(notes[4:])] in (
        [["a1", "a1", "b1", "b1"], ["a2", "a2", "b2", "b2"]],
        [["a2", "a2", "b2", "b2"], ["a1", "a1", "b1", "b1"]],
    )
    assert said.count("included:") == 2


def test_hosts_of_which_nobody_says_how_they_belong_together_restart_one_after_the_other(tmp_path: Path) -> None:
    notes, _said = run(tmp_path, {name: [] for name in ("a1", "a2", "a3")})
    assert notes[::2] == notes[1::2]
    assert sorted(set(notes)) == ["a1", "a2", "a3"]


def test_a_restart_that_fails_is_the_last_one(tmp_path: Path) -> None:
    """In a play that does not say any_errors_fatal: a program that does not start stays off the other node."""
    notes, said = run(tmp_path, {"a1": ["a1", "a2"], "a2": ["a1", "a2"]}, status=1)
    assert notes in (["a1", "a1"], ["a2", "a2"])
    assert FAILURE in said
