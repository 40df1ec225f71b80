# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stranger's path: the built file, an empty directory, and the lines of the README, copied as they stand.

Nothing else of the repository is there. How to log in is what a stranger brings along and the README cannot know:
here it is into two nodes of a lab. Needs root, as the lab does.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.lab.lab import Lab, missing_requirements

LACKS = missing_requirements()
pytestmark = pytest.mark.skipif(bool(LACKS), reason=" ".join(LACKS))

ROOT = Path(__file__).resolve().parents[2]
# Every ansible-core that tests/setup has put beside the controller's own, which all other scenarios run on.
CORES = sorted((ROOT / ".venvs").glob("core-*/bin"))
VIPS = ("10.0.0.3", "10.0.0.4")
DEADLINE_S = 60.0


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("t-stranger", ["lb01", "lb02"]) as running:
        yield running


def lines_of_the_readme() -> str:
    section = (ROOT / "README.md").read_text().partition("## Five minutes\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(block)


def bring_logins(lab: Lab, directory: Path) -> None:
    hosts = yaml.safe_load(lab.connection_file.read_text())["all"]["hosts"]
    (directory / "host_vars").mkdir()
    for name, variables in hosts.items():
        (directory / "host_vars" / f"{name}.yml").write_text(yaml.safe_dump(variables))


def holders(lab: Lab) -> dict[str, list[str]]:
    running = [node for node in lab if node.is_running()]
    shown = {node.name: node.run("ip", "-4", "-brief", "address", "show", "dev", "eth0").stdout for node in running}
    return {vip: [name for name, addresses in shown.items() if f" {vip}/" in addresses] for vip in VIPS}


def await_holders(lab: Lab, wanted: dict[str, list[str]]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while (found := holders(lab)) != wanted:
        assert time.monotonic() < deadline, f"after {DEADLINE_S:.0f} s {found}, not {wanted}"
        time.sleep(0.2)


def test_the_oldest_core_is_tried() -> None:
    assert "core-oldest" in [core.parent.name for core in CORES]


@pytest.mark.parametrize("core", CORES, ids=lambda core: core.parent.name)
def test_a_stranger_comes_to_a_working_pair_of_masters(core: Path, lab: Lab, tmp_path: Path) -> None:
    galaxy = [str(core / "ansible-galaxy"), "collection", "build", "--output-path", str(tmp_path)]
    subprocess.run(galaxy, cwd=ROOT, check=True, capture_output=True)
    bring_logins(lab, tmp_path)
    environment = {
        "PATH": f"{core}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
    }
    done = subprocess.run(
        ["sh", "-e", "-c", lines_of_the_readme()],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "DEPRECATION WARNING" not in done.stdout, done.stdout
    await_holders(lab, {VIPS[0]: ["lb01"], VIPS[1]: ["lb02"]})

    lab["lb01"].power_cut()
    await_holders(lab, {VIPS[0]: ["lb02"], VIPS[1]: ["lb02"]})
    lab["lb01"].power_on()
    await_holders(lab, {VIPS[0]: ["lb01"], VIPS[1]: ["lb02"]})
