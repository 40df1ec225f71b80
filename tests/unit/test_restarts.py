# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the role vipd restarts several pairs in one play: those of a pair never at the same time, pairs side by side.

The role's own handlers, with a restart that only notes when it began and ended.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.unit.role_play import play_role

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


Task = dict[str, Any]


def run(place: Path, hosts: dict[str, list[str]], status: int = 0) -> tuple[list[str], str]:
    """The notes, and what Ansible said. ``hosts``: each with those of its pair; ``status``: of each restart."""
    keep = next(task for task in of_role("service") if "Keep" in task["name"])
    changed = {"ansible.builtin.debug": {}, "changed_when": True, "notify": "Restart vipd"}
    tasks = {"main": [keep, changed], "restart": restart(status)}
    variables = {name: {"vipd_hosts": pair} for name, pair in hosts.items()}
    return play(place, variables, tasks, fails=status != 0)


def of_role(name: str) -> list[Task]:
    return list(yaml.safe_load((ROLE / "tasks" / f"{name}.yml").read_text()))


def play(place: Path, hosts: dict[str, Task], tasks: dict[str, list[Task]], fails: bool) -> tuple[list[str], str]:
    """The notes, and what Ansible said. ``hosts``: each with its variables; ``tasks``: the role's files."""
    role = place / "roles" / "vipd"
    (role / "tasks").mkdir(parents=True)
    shutil.copytree(ROLE / "handlers", role / "handlers")
    for name, content in tasks.items():
        (role / "tasks" / f"{name}.yml").write_text(yaml.safe_dump(content))
    unit = {"vipd": {"running": True, "enabled": True}}
    variables: Task = {"__vipd_host": {"units": unit}, "__vipd_vips": [], "__vipd_pair": "{{ vipd_hosts }}"}
    done = play_role(place, "vipd", hosts, variables)
    assert done.returncode == (2 if fails else 0), done.stdout + done.stderr
    notes = place / "notes"
    return notes.read_text().split() if notes.exists() else [], done.stdout


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


def second_run(place: Path, unwell: str, changed: str) -> tuple[list[str], str]:
    """After one that failed at a restart: systemd says of both that vipd runs. ``changed``: where it is to restart."""
    program = {"ansible.builtin.debug": {}, "changed_when": "inventory_hostname in changed", "notify": "Restart vipd"}
    stopped = "Stop the other provider"
    service = [task for task in of_role("service") if stopped not in task["name"]]
    (start,) = of_role("start_vipd")
    del start["lbha.pair.vipd_service"]
    start["ansible.builtin.fail"] = {"msg": FAILURE}
    start["when"] = "inventory_hostname == unwell"
    tasks = {
        "main": [{**program, "register": "__vipd_program"}, *service],
        "start_vipd": [start],
        "restart": restart(0),
    }
    both = {"vipd_hosts": ["a1", "a2"], "vipd_provider": "vipd", "unwell": unwell, "changed": changed}
    return play(place, {"a1": both, "a2": both}, tasks, fails=bool(unwell))


def test_where_vipd_is_started_over_and_over_a_second_run_fails_and_restarts_no_other(tmp_path: Path) -> None:
    notes, said = second_run(tmp_path, unwell="a1", changed="a2")
    assert FAILURE in said
    assert notes == []


def test_what_is_well_and_what_restarted_are_left_alone(tmp_path: Path) -> None:
    notes, _said = second_run(tmp_path, unwell="", changed="a2")
    assert notes == ["a2", "a2"]
