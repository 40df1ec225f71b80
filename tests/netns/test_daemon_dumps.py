# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGUSR1, SIGUSR2, SIGJSON: what vipd writes, beside what a keepalived with the same configuration writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.agent.runtime import exporters
from tests.netns.configuration import OTHER_VIP, VIP, down_s, instance
from tests.netns.daemon import ENVIRONMENT, KEEPALIVED, PROGRAM, pid_flags
from tests.netns.namespace import Namespace
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

LINES = (
    "authentication {",
    "    auth_type PASS",
    "    auth_pass s3cret",
    "}",
    "track_script {",
    "    good",
    "}",
    'notify_master "/usr/bin/true now"',
)
CONFIG = """global_defs {
    router_id LB
    script_user root
}
vrrp_script good {
    script "/usr/bin/true"
    weight 2
}
"""
NAMES = ("keepalived.data", "keepalived.stats", "keepalived.json")


def signal_number(name: str, program: tuple[str, ...] = PROGRAM) -> int:
    done = subprocess.run([*program, f"--signum={name}"], capture_output=True, env=ENVIRONMENT, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("name", ["DATA", "STATS", "STATS_CLEAR", "JSON", "RELOAD", "STOP"])
def test_the_signals_have_keepaliveds_numbers(name: str) -> None:
    assert signal_number(name) == signal_number(name, (KEEPALIVED,))


def keepaliveds(host: Namespace, directory: Path, config: str) -> dict[str, str]:
    """Its dumps, from a /tmp of its own."""
    directory.mkdir()
    (directory / "k.conf").write_text(config)
    flags = " ".join(["-n", "-P", "-f/tmp/k.conf", *pid_flags(Path("/tmp"))])
    command = f"mount --bind {directory} /tmp && exec {KEEPALIVED} {flags}"
    daemon = host.start("sh", "-c", command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for((directory / "r.pid").exists, "keepalived to start")
        wait_for(lambda: any(one["local"] == VIP for one in host.addresses()), "it to be master", 15)
        for name in ("DATA", "STATS", "JSON"):
            os.kill(daemon.pid, signal_number(name, (KEEPALIVED,)))
        return {name: wait_for(lambda name=name: whole(directory / name), name) for name in NAMES}
    finally:
        daemon.terminate()
        daemon.wait(10)


def whole(path: Path) -> str:
    """Once it does not grow any more."""
    before = path.read_text() if path.exists() else ""
    time.sleep(0.1)
    return before if path.exists() and path.read_text() == before else ""


def test_they_have_keepaliveds_shape(segment: Segment, tmp_path: Path) -> None:
    config = CONFIG + instance(100, *LINES, vips=[f"{VIP}/24 label eth0:1", OTHER_VIP])
    theirs = keepaliveds(segment.hosts["b"], tmp_path / "keepalived", config)
    a = segment.vipd("a", config)
    a.start()
    segment.wait_for_holders(VIP, "a", down_s(100))
    for name in ("DATA", "STATS", "JSON"):
        os.kill(a.pid, signal_number(name))
    ours = {name: wait_for(lambda name=name: whole(a.runtime_directory / name), name) for name in NAMES}

    assert labels(ours["keepalived.stats"]) == labels(theirs["keepalived.stats"])
    unknown = set(labels(ours["keepalived.data"])) - set(labels(theirs["keepalived.data"]))
    assert unknown <= {"Script security enabled", "Script security disabled"}
    assert exporters.read_data(ours["keepalived.data"]) == exporters.read_data(theirs["keepalived.data"])
    assert exporters.read_scripts(ours["keepalived.data"]) == exporters.read_scripts(theirs["keepalived.data"])

    [our_json], [their_json] = json.loads(ours["keepalived.json"]), json.loads(theirs["keepalived.json"])
    assert exporters.read_json(ours["keepalived.json"])
    assert our_json["data"].keys() == their_json["data"].keys()
    assert our_json["stats"].keys() == their_json["stats"].keys()
    # the moment, what we hide, and what vipd does by default to heal a split brain
    changing = {"last_transition": 0, "auth_data": "", "higher_prio_send_advert": 1}
    assert {**our_json["data"], **changing} == {**their_json["data"], **changing}
    assert our_json["data"]["auth_data"] == "********"


def labels(text: str) -> list[str]:
    """Each line's blanks and words, without what is said of this node at this time."""
    return [re.sub(r"(=|: |\().*", r"\1", line) for line in text.splitlines()]


def test_a_dump_is_there_as_soon_as_an_exporter_looks(segment: Segment) -> None:
    """One of them waits 10 ms; a busy machine gets more here. And nothing else happens."""
    a = segment.vipd("a", CONFIG + instance(255, *LINES))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    path = a.runtime_directory / "keepalived.json"
    os.kill(a.pid, signal_number("JSON"))
    wait_for(path.exists, "the dump", 0.5)
    assert len(segment.addresses.changes(VIP)) == 1
    assert a.instance()["state"] == "MASTER"
