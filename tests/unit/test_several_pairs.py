# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several pairs in one play, as docs/topologies.md shows them: each is judged, and every two of them are compared.

No host exists: a play that finds nothing wrong ends because it reaches nobody.
"""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
EXAMPLE = re.compile(r"^## Several pairs in one inventory\n.*?^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOWHERE = {"ansible_ssh_common_args": "-F /dev/null -o ProxyCommand=false"}


def inventory() -> dict[str, Any]:
    (text,) = EXAMPLE.findall((ROOT / "docs" / "topologies.md").read_text())
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def site(directory: Path, hosts: dict[str, Any]) -> str:
    (directory / "hosts.yml").write_text(yaml.safe_dump({**hosts, "all": {"vars": NOWHERE}}))
    done = subprocess.run(
        [ANSIBLE_PLAYBOOK, "-i", "hosts.yml", "-e", "pair_hosts=pairs", "lbha.pair.site"],
        cwd=directory,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "changed=0" in done.stdout
    assert not re.search(r"changed=[1-9]", done.stdout)
    return done.stdout


def no_vips(pairs: dict[str, Any]) -> None:
    del pairs["shop"]["vars"]["single_master_vips"]


def no_address(pairs: dict[str, Any]) -> None:
    """Found before its proxies are written, too."""
    pairs["shop"]["vars"].update(single_master_vips=["10.0.0.300/24"], proxy_upstreams=["10.0.0.20"])


def no_upstream(pairs: dict[str, Any]) -> None:
    pairs["shop"]["vars"].update(proxy_upstreams=["10.0.0.20"], proxy_sites=[{"upstream": "nobody"}])


def same_vrid(pairs: dict[str, Any]) -> None:
    """Neither is the first of the play."""
    pairs["mail"] = copy.deepcopy(pairs["shop"])
    pairs["mail"]["hosts"] = {"mail01": {"ansible_host": "10.0.0.14"}, "mail02": {"ansible_host": "10.0.0.15"}}
    pairs["mail"]["vars"].update(single_master_hosts="{{ groups['mail'] }}", single_master_vips=["10.0.0.9/24"])


def test_the_example_has_no_mistake(tmp_path: Path) -> None:
    said = site(tmp_path, inventory())
    for host in ("edge01", "edge02", "shop01", "shop02"):
        assert f"{host} cannot be reached: nothing was changed" in said


@pytest.mark.parametrize(
    ("breaking", "expected"),
    [
        (no_vips, "Set either single_master_vips"),
        (no_address, "single_master_vips[0]: '10.0.0.300/24' is not an IPv4 address"),
        (no_upstream, "'nobody' is not in proxy_upstreams"),
        (
            same_vrid,
            "single_master_virtual_router_id (mail01, mail02): 52 is used by shop01, shop02 in the same network",
        ),
    ],
)
def test_a_mistake_of_another_than_the_first_pair_stops_all(
    tmp_path: Path, breaking: Callable[[dict[str, Any]], None], expected: str
) -> None:
    hosts = inventory()
    breaking(hosts["pairs"]["children"])
    said = site(tmp_path, hosts)
    assert expected in said
    assert "cannot be reached: nothing" not in said
