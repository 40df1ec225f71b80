# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the proxy's sites cannot be written, or are refused: what was served before is served on.

The role's own tasks on files of this machine, once for several hosts of which each is refused in its own way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.role_play import play_role

ROLE = Path(__file__).resolve().parents[2] / "roles" / "proxy"
REFUSE = ["sh", "-c", "echo refused by the proxy >&2; exit 1"]
# Each with the file before, what is to be written, and what the proxy says; without the second nothing can be written.
HOSTS: dict[str, dict[str, Any]] = {
    "accepted": {"before": "old\n", "sites": "new", "check": ["true"]},
    "refused": {"before": "old\n", "sites": "new", "check": REFUSE},
    "refused_at_first": {"sites": "new", "check": REFUSE},
    "not_read_yet_and_another_file_is_wrong": {"before": "new\n", "sites": "new", "check": REFUSE, "pending": "reload"},
    "not_written": {"before": "old\n", "check": ["true"]},
}


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The directory with the hosts' sites, and what Ansible said."""
    place = tmp_path_factory.mktemp("proxy")
    role = place / "roles" / "proxy"
    for part in ("tasks", "templates", "handlers"):
        (role / part).mkdir(parents=True)
    tasks = (ROLE / "tasks" / "configure.yml").read_text()
    for line in ("        owner: root\n", "        group: root\n"):
        tasks = tasks.replace(line, "")  # who tests may not be root
    (role / "tasks" / "main.yml").write_text(tasks)
    (role / "templates" / "nginx.j2").write_text("{{ sites }}\n")
    (role / "handlers" / "main.yml").write_text(
        yaml.safe_dump([{"name": "Reload the proxy", "ansible.builtin.debug": {}}])
    )
    hosts = {}
    for name, host in HOSTS.items():
        sites = place / "sites" / name / "lbha-pair.conf"
        sites.parent.mkdir(parents=True)
        if "before" in host:
            sites.write_text(host["before"])
        node = {"config": str(sites), "check": host["check"], "service": "nginx"}
        written = {"sites": host["sites"]} if "sites" in host else {}
        hosts[name] = {"__proxy_node": node, "__proxy_pending": host.get("pending", "none"), **written}
    done = play_role(place, "proxy", hosts, {"proxy_provider": "nginx", "__proxy_there": True})
    return place / "sites", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("host", "left"),
    [
        ("accepted", "new\n"),
        ("refused", "old\n"),
        ("refused_at_first", None),
        ("not_read_yet_and_another_file_is_wrong", "new\n"),
        ("not_written", "old\n"),
    ],
)
def test_sites_that_were_there_stay(configured: tuple[Path, str], host: str, left: str | None) -> None:
    sites, said = configured
    found = {path.name: path.read_text() for path in (sites / host).iterdir()}
    assert found == ({} if left is None else {"lbha-pair.conf": left}), said


def test_why_is_said_and_the_run_ends_there(configured: tuple[Path, str]) -> None:
    _sites, said = configured
    assert said.count("refused by the proxy") >= 3, said
    assert "'sites' is undefined" in said, said
    recap = {line.split()[0]: line for line in said[said.index("PLAY RECAP") :].splitlines() if "failed=" in line}
    assert {name: "failed=1" in line for name, line in recap.items()} == {name: name != "accepted" for name in HOSTS}
