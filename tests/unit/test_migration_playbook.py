# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stops a migration, and what an interrupted one left; molecule/migrate shows the rest on nodes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
# lb01 is this machine; nothing leads to lb02.
HERE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
NOWHERE = {"ansible_host": "192.0.2.6", "ansible_ssh_common_args": "-F /dev/null -o ProxyCommand=false"}
CONFIGURATION = """\
! Made by hand.
vrrp_instance VI_1 {
    state MASTER
    interface lo
    virtual_router_id 51
    priority 110
    virtual_ipaddress {
        192.0.2.3/24
    }
}
"""
YIELDING = CONFIGURATION.replace("priority 110", "priority 1").replace("! Made by hand.\n", "")


def played(tmp_path: Path, playbook: str, *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"lb": {"hosts": {"lb01": HERE, "lb02": NOWHERE}}}))
    return subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", playbook, *words],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def of_tasks(tmp_path: Path, variables: dict[str, Any], *tasks: dict[str, Any]) -> str:
    """A playbook for lb01 that has the pair's variables."""
    play = {
        "hosts": "lb01",
        "gather_facts": False,
        "vars_files": [str(ROOT / "playbooks/vars/pair.yml")],
        "vars": variables,
        "tasks": tasks,
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    return "play.yml"


def included(name: str) -> dict[str, Any]:
    return {"ansible.builtin.include_tasks": str(ROOT / f"playbooks/tasks/{name}.yml")}


def test_without_every_node_nothing_begins(tmp_path: Path) -> None:
    done = played(tmp_path, "lbha.pair.migrate_from_keepalived")
    assert done.returncode != 0
    assert "lb02 cannot be reached: nothing was changed, and every VIP is where it was" in done.stdout
    assert "All nodes answer" in done.stdout
    assert "Look at services" not in done.stdout


def test_without_every_node_the_next_one_is_not_switched(tmp_path: Path) -> None:
    """lb02 answered when the run began."""
    variables = {"__migrate_to": "vipd", "__migrate_from": "keepalived", "__migrate_held": ["192.0.2.3"]}
    done = played(tmp_path, of_tasks(tmp_path, variables, included("switch_provider")))
    assert done.returncode != 0
    assert "lb02 cannot be reached any more: lb01 was not touched" in done.stdout
    assert "Hand over" not in done.stdout.replace("Hand over before the daemon stops", "")


def interrupted(tmp_path: Path, now: str) -> str:
    """A playbook that meets what a run left that was killed in ``hand_over.yml``, and says what it reads."""
    (tmp_path / "keepalived.conf").write_text(now)
    copy = tmp_path / ".keepalived.conf.lbha-pair"
    copy.write_text(CONFIGURATION)
    variables = {
        "__migrate_to": "vipd",
        "__migrate_from": "keepalived",
        "__migrate_done": False,
        "__migrate_path": str(tmp_path / "keepalived.conf"),
        "__migrate_copy": str(copy),
    }
    return of_tasks(
        tmp_path,
        variables,
        included("read_configuration"),
        {"ansible.builtin.stat": {"path": str(copy)}, "register": "__migrate_left_over"},
        included("take_back"),
        {"ansible.builtin.debug": {"msg": "{{ 'It says %s.' % __migrate_there.config.instances[0].priority }}"}},
    )


def test_check_mode_reads_what_was_there_before_an_interrupted_run(tmp_path: Path) -> None:
    done = played(tmp_path, interrupted(tmp_path, YIELDING), "--check")
    assert done.returncode == 0, done.stdout
    assert "It says 110." in done.stdout
    assert (tmp_path / "keepalived.conf").read_text() == YIELDING
    assert (tmp_path / ".keepalived.conf.lbha-pair").read_text() == CONFIGURATION


def test_what_somebody_wrote_since_is_not_overwritten(tmp_path: Path) -> None:
    theirs = CONFIGURATION.replace("110", "120")
    done = played(tmp_path, interrupted(tmp_path, theirs))
    assert done.returncode != 0
    assert "the file as it was when a migration was interrupted, and somebody has written" in done.stdout
    assert (tmp_path / "keepalived.conf").read_text() == theirs
    assert (tmp_path / ".keepalived.conf.lbha-pair").read_text() == CONFIGURATION
