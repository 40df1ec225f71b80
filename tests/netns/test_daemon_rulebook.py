# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-rulebook itself, with the event source and the rulebooks that are shipped and shown, beside real daemons.

tests/setup installs it where there is Java. What stands for ssh prints the daemon's log; nothing else is made up.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

from tests.netns.configuration import instance
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / ".venvs" / "rulebook" / "bin"
LIMIT_S = 120.0  # Java starts, compiles and runs Ansible, on a machine that does other things as well

pytestmark = pytest.mark.skipif(
    not (PROGRAMS / "ansible-rulebook").exists() or shutil.which("java") is None,
    reason="this machine has no ansible-rulebook: it needs Java, and then tests/setup",
)

# Its host is the first word that is no option.
SSH = """#!/bin/sh
for word; do case $word in -*) ;; *) exec tail -n +1 -F "{logs}/$word/log" ;; esac; done
"""


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Segment]:
    with Segment(tmp_path, "lb01", "lb02") as two_hosts:
        for label, priority, state in (("lb01", 150, "MASTER"), ("lb02", 100, "BACKUP")):
            daemon = two_hosts.vipd(label, instance(priority))
            daemon.foreground = (*daemon.foreground, "--log-format", "json")
            daemon.start()
            daemon.wait_for_state(state, LIMIT_S)
        yield two_hosts
    print(two_hosts.logs())


def shown_rulebook() -> str:
    text = (ROOT / "docs" / "observability.md").read_text()
    (block,) = re.findall(r"^```yaml\n(- name: [^`]*?^  sources:\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(block)


@contextmanager
def rulebook(directory: Path, name: str) -> Iterator[Path]:
    """It runs inside, and waits for events; yields what it says. Its nodes have no vipctl to ask: they are here."""
    place = directory / "controller"
    place.mkdir()
    (place / "ssh").write_text(SSH.format(logs=directory))
    (place / "ssh").chmod(0o755)
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (place / "hosts.yml").write_text(yaml.safe_dump({"lb": {"hosts": {"lb01": {}, "lb02": {}}, "vars": here}}))
    environment = {
        **os.environ,
        "PATH": f"{place}:{PROGRAMS}:{os.environ['PATH']}",
        "PWD": str(place),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible" / "collections"),
    }
    command = [str(PROGRAMS / "ansible-rulebook"), "--rulebook", name, "--inventory", "hosts.yml", "--verbose"]
    said = place / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=place, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until_it_says(said, "Waiting for events")
        yield said
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):  # how it ends is not what is tried here
            process.wait(LIMIT_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        print(said.read_text())


def wait_until_it_says(said: Path, words: str) -> None:
    wait_for(lambda: words in said.read_text(), f"ansible-rulebook to say {words!r}", LIMIT_S)


def test_the_rulebook_that_the_documents_show_acts_on_a_fault(segment: Segment, tmp_path: Path) -> None:
    (tmp_path / "shown.yml").write_text(shown_rulebook())
    with rulebook(tmp_path, str(tmp_path / "shown.yml")) as said:
        segment.pull_cable("lb02")
        wait_until_it_says(said, "V on lb02: interface eth0 is down")


def test_the_rulebook_of_the_collection_draws_the_whole_pair_when_a_vip_has_moved(
    segment: Segment, tmp_path: Path
) -> None:
    with rulebook(tmp_path, "lbha.pair.transitions") as said:
        segment.pull_cable("lb01")
        wait_until_it_says(said, "V on lb01 is in FAULT: interface eth0 is down")
        page = said.parent / "vip-status.html"
        wait_for(page.exists, "the playbook to draw the page", LIMIT_S)
        wait_for(lambda: "The pair lb01, lb02" in page.read_text(), "both nodes on the page", LIMIT_S)
