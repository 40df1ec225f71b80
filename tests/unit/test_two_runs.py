# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at the same moment: the tasks that all playbooks share let one go on, and the other do nothing.

The hosts are this machine, each with a lock of its own. ``lock.yml`` is for a pair, ``lock_here.yml`` for several in
one play. molecule/operations shows it on nodes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
PAIRS = {"one": ["a1", "a2"], "two": ["b1", "b2"]}
HOSTS = ["a1", "a2", "b1", "b2"]
VARIANTS = ("lock", "lock_here")
LIMIT_S = 240.0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    pairs = {name: {"hosts": {host: {} for host in hosts}} for name, hosts in PAIRS.items()}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"lb": {"children": pairs, "vars": here}}))
    for beside in ("tasks", "vars"):
        (tmp_path / beside).symlink_to(PLAYBOOKS / beside)
    return tmp_path


def start(place: Path, variant: str, run: str) -> subprocess.Popen[str]:
    """Lock, note who works on what, until it is over, unlock."""
    own = {"path": f"{place}/{{{{ item | default(inventory_hostname) }}}}.lock"}
    note = f"echo {run} >>{{{{ inventory_hostname }}}}.notes; until [ -e over ]; do sleep 0.1; done"
    notes = {"argv": ["sh", "-c", note], "chdir": str(place)}
    work = [{"ansible.builtin.include_tasks": f"tasks/{variant}.yml"}, {"ansible.builtin.command": notes}]
    always = [{"ansible.builtin.include_tasks": f"tasks/un{variant}.yml"}]
    play: dict[str, Any] = {
        "hosts": "lb",
        "gather_facts": False,
        "any_errors_fatal": True,
        "vars_files": ["vars/pair.yml"],
        "module_defaults": {"lbha.pair.pair_lock": own},
        "tasks": [{"block": work, "always": always}],
    }
    (place / f"{run}.yml").write_text(yaml.safe_dump([play]))
    return subprocess.Popen(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", f"{run}.yml"],
        cwd=place,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1", "USER": run},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_of_two_that_begin_together_one_goes_on(place: Path, variant: str) -> None:
    both = {run: start(place, variant, run) for run in ("alice", "bob")}
    deadline = time.monotonic() + LIMIT_S
    while all(process.poll() is None for process in both.values()) and time.monotonic() < deadline:
        time.sleep(0.1)
    (place / "over").touch()
    said = {run: process.communicate(timeout=LIMIT_S)[0] for run, process in both.items()}
    (winner,) = [run for run, process in both.items() if process.returncode == 0]
    (loser,) = both.keys() - {winner}
    assert f"{winner} on {os.uname().nodename} (" in said[loser]
    assert "works on this node since" in said[loser]
    assert "wait until it is over" in said[loser]
    assert [(place / f"{host}.notes").read_text().split() for host in HOSTS] == [[winner]] * len(HOSTS)
    assert list(place.glob("*.lock")) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_who_is_refused_has_taken_nothing_afterwards(place: Path, variant: str) -> None:
    (place / "a2.lock").write_text(json.dumps({"owner": "another", "since": 4000000000}))
    run = start(place, variant, "carol")
    said, _nothing = run.communicate(timeout=LIMIT_S)
    assert run.returncode != 0
    assert "another works on this node since" in said
    assert list(place.glob("*.lock")) == [place / "a2.lock"]
    assert list(place.glob("*.notes")) == []


def test_a_failing_real_server_gives_back_the_locks_of_the_directors_that_limit_left(place: Path) -> None:
    """The first director is not in the run: who runs it, another one knows."""
    inventory = yaml.safe_load((place / "hosts.yml").read_text())
    inventory["web"] = {"hosts": {"rs1": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}
    (place / "hosts.yml").write_text(yaml.safe_dump(inventory))
    own = {"lbha.pair.pair_lock": {"path": f"{place}/{{{{ item | default(inventory_hostname) }}}}.lock"}}
    lock = [
        {"ansible.builtin.include_tasks": "tasks/lock_here.yml"},
        {"ansible.builtin.command": f"cp {place}/a2.lock {place}/seen"},
    ]
    directors = {"hosts": "lb", "gather_facts": False, "module_defaults": own, "tasks": lock}
    real_servers = yaml.safe_load((PLAYBOOKS / "site.yml").read_text())[1]
    real_servers["tasks"][0]["block"] = [{"ansible.builtin.command": "false", "when": "inventory_hostname == 'rs1'"}]
    real_servers |= {"become": False, "module_defaults": own}
    (place / "site.yml").write_text(yaml.safe_dump([directors, real_servers]))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", "site.yml", "--limit", "a2,rs1"],
        cwd=place,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 2
    assert (place / "seen").exists(), done.stdout
    assert not (place / "a2.lock").exists(), done.stdout
