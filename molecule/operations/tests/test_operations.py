# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The days of a pair: deployed, updated, moved, taken out of service, doubted, removed, while a client asks for pages.

The tests run in their order, each on what the one before left. lb01 is preferred. No step loses a request: a client
whose attempt fails tries again, for 3 s, and gets its page.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.watching import Pair, Watched, playbook

ROOT = Path(__file__).resolve().parents[3]
VIP = "10.0.0.3"
SHIPPED = ("galaxy.yml", "meta", "plugins", "roles", "playbooks")

# A handover on purpose costs 20 ms by design; a machine that carries a lab adds to it.
GAP_MAX_S = 0.5


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="module")
def pair(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Deployed with the release before: the same, but for its version."""
    before = tmp_path_factory.mktemp("before")
    collection = before / "ansible_collections" / "lbha" / "pair"
    for name in SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        collection.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, collection / name)
    version = collection / "plugins" / "module_utils" / "vipd" / "cli.py"
    version.write_text(version.read_text().replace('VERSION = "', 'VERSION = "0.0.'))
    playbook("lbha.pair.site", ANSIBLE_COLLECTIONS_PATH=str(before))
    with Pair(lab, [VIP]) as pair:
        pair.await_holder()
        yield pair


def graceful(pair: Pair, act: Callable[[], str], node: str = "lb01") -> Watched:
    """``node`` holds the VIP afterwards; no request was lost and no VIP was ever on two nodes."""
    seen = pair.watched(act, node)
    sys.stdout.write(f"\n{seen}\n")
    assert seen.lost == 0, seen
    assert seen.longest_gap_s() <= GAP_MAX_S, seen
    assert seen.crowd.most == 1, seen
    assert "s3cret" not in seen.output
    return seen


def program(lab: Lab, node: str) -> str:
    return lab[node].run("/usr/local/sbin/vipd", "--version", check=False).stderr


def test_a_rolling_update_brings_a_new_program_and_a_new_configuration(lab: Lab, pair: Pair) -> None:
    assert "0.0." in program(lab, "lb01")
    more = '{"single_master_advert_int_s": 1, "single_master_global_options": {"vrrp_garp_master_refresh": 60}}'
    graceful(pair, lambda: playbook("lbha.pair.rolling_update", "-e", more))
    for node in ("lb01", "lb02"):
        assert "0.0." not in program(lab, node)
        assert "vrrp_garp_master_refresh 60" in lab[node].run("cat", "/etc/vipd/keepalived.conf").stdout
        assert "maintenance is off" in lab[node].run("vipctl", "maintenance", "status").stdout


def test_a_switchover_and_back(pair: Pair) -> None:
    assert '\\"lb02\\"' in graceful(pair, lambda: playbook("lbha.pair.switchover"), "lb02").output
    graceful(pair, lambda: playbook("lbha.pair.switchover", "-e", "switchover_state=back"))


def test_maintenance_and_back(lab: Lab, pair: Pair) -> None:
    graceful(pair, lambda: lab["lb01"].run("vipctl", "maintenance", "on", "--reason", "new disk").stdout, "lb02")
    lab["lb01"].run("systemctl", "restart", "vipd")
    pair.await_holder("lb02")
    told = playbook("lbha.pair.assert_single_holder", "--limit", "lb02")
    assert "lb01 is in maintenance (new disk)" in told
    refused = playbook("lbha.pair.switchover", status=2)
    assert "lb01 is in maintenance (new disk)" in refused
    graceful(pair, lambda: lab["lb01"].run("vipctl", "maintenance", "off").stdout)


def test_a_node_that_is_stopped_or_in_use_is_a_doubt_that_stops_everything(lab: Lab, pair: Pair) -> None:
    """An agent that is stopped, a run that is under way, a play that is limited: each is named, and nothing moves."""
    lab["lb02"].run("systemctl", "stop", "vipd")
    for name in ("switchover", "rolling_update"):
        told = playbook(f"lbha.pair.{name}", status=2)
        assert "lb02: vipd does not run: systemctl status vipd" in told
    lab["lb02"].run("systemctl", "start", "vipd")
    assert "run it without --limit" in " ".join(
        playbook("lbha.pair.rolling_update", "--limit", "lb01", status=2).split()
    )
    lock = '{"owner": "another run", "since": 4000000000}'
    lab["lb02"].run("sh", "-c", f"echo '{lock}' >/run/lbha.pair.lock")
    assert "another run works on this node" in playbook("lbha.pair.switchover", status=2)
    lab["lb02"].run("rm", "/run/lbha.pair.lock")
    assert pair.holders() == {VIP: ["lb01"]}
    pair.await_holder("lb01")


def test_two_holders_are_seen(lab: Lab, pair: Pair) -> None:
    assert "lb01" in playbook("lbha.pair.assert_single_holder")
    lab["lb02"].run("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    told = playbook("lbha.pair.assert_single_holder", status=2)
    assert f"{VIP} is on lb01 and lb02" in told
    lab["lb02"].run("ip", "address", "del", f"{VIP}/24", "dev", "eth0")
    assert "lb01" in playbook("lbha.pair.assert_single_holder")


def test_a_full_disk_stops_a_rolling_update_and_the_vip_stays(lab: Lab, pair: Pair) -> None:
    """The directory of the configuration is read-only: the node goes back into service as it was."""
    lab["lb02"].run("mount", "--bind", "/etc/vipd", "/etc/vipd")
    lab["lb02"].run("mount", "-o", "remount,ro,bind", "/etc/vipd")
    more = '{"single_master_global_options": {"vrrp_garp_master_refresh": 90}}'
    told = graceful(pair, lambda: playbook("lbha.pair.rolling_update", "-e", more, status=2)).output
    assert "Stopped at lb02" in told
    lab["lb02"].run("umount", "/etc/vipd")
    assert "maintenance is off" in lab["lb02"].run("vipctl", "maintenance", "status").stdout
    assert "refresh 60" in lab["lb01"].run("cat", "/etc/vipd/keepalived.conf").stdout


def test_a_drill_breaks_the_holder_measures_and_undoes(pair: Pair, tmp_path: Path) -> None:
    """The VIP is with nobody for the skew, and never on two nodes."""
    assert "Nothing was done" in playbook("lbha.pair.drill", status=2)
    page = tmp_path / "drill.html"
    events = '{"drill_confirm": true, "drill_events": ["stop", "kill"]}'
    seen = pair.watched(lambda: playbook("lbha.pair.drill", "-e", events, "-e", f"drill_report={page}"))
    assert page.read_text().count("within its limit") == 2
    assert (seen.crowd.most, seen.lost) == (1, 0), seen


def test_removed(lab: Lab, pair: Pair) -> None:
    playbook("lbha.pair.remove")
    assert pair.holders() == {VIP: []}
    for node in ("lb01", "lb02"):
        assert lab[node].run("test", "-e", "/var/lib/vipd", check=False).returncode == 1
