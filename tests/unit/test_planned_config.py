# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan says of a host is kept for the tasks after it, and never shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

PLAN = {"hosts": {"localhost": {"text": "auth_pass s3cret"}, "other": {"text": ""}}}


def run(place: Path, plan: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    tasks = [
        {"lbha.pair.planned_config": {"plan": plan}, "register": "planned"},
        {"ansible.builtin.debug": {"msg": "{{ planned.text | length }} of {{ planned.hosts | join('+') }}"}},
    ]
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]
    (place / "play.yml").write_text(yaml.safe_dump(play))
    return subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-vvv", "play.yml"],
        cwd=place,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_kept_and_not_shown(tmp_path: Path) -> None:
    done = run(tmp_path, PLAN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 of localhost+other" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_a_plan_without_the_host_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, {"hosts": {"other": {"text": ""}}})
    assert done.returncode == 2
    assert "with localhost among its hosts" in done.stdout
