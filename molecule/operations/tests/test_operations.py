# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The days of a pair: deployed, upgraded, moved, taken out of service, doubted, removed, while a client asks for pages.

The tests run in their order, each on what the one before left. lb01 is preferred. No step loses a request: a client
whose attempt fails tries again, for 3 s, and gets its page.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.watching import BLINK_S, Pair, Watched, kill_when, playbook

ROOT = Path(__file__).resolve().parents[3]
VIP = "10.0.0.3"
SHIPPED = ("galaxy.yml", "meta", "plugins", "roles", "playbooks")
OPERATIONS = ROOT / "docs" / "operations.md"
FIRST_RELEASE = ROOT / "tests" / "data" / "releases" / "first.tar.xz"
CONFIGURATION = "/etc/vipd/keepalived.conf"

# A handover on purpose costs 20 ms by design; a machine that carries a lab adds to it.
GAP_MAX_S = 0.5
# A backup that may take over does after this, and in an instant more.
MASTER_DOWN_S = 3 + 1.0
# An agent that knows no handover says goodbye, and the backup of priority 100 waits for its skew.
SKEW_S = (256 - 100) / 256


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the release before this one is: the same, but for its version."""
    before = tmp_path_factory.mktemp("before")
    collection = before / "ansible_collections" / "lbha" / "pair"
    for name in SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        collection.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, collection / name)
    version = collection / "plugins" / "module_utils" / "vipd" / "cli.py"
    version.write_text(version.read_text().replace('VERSION = "', 'VERSION = "0.0.'))
    return str(before)


@pytest.fixture(scope="module")
def pair(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Deployed with the first release that there was."""
    first = tmp_path_factory.mktemp("first")
    with tarfile.open(FIRST_RELEASE) as archive:
        archive.extractall(first / "ansible_collections" / "lbha" / "pair", filter="data")
    playbook("lbha.pair.site", ANSIBLE_COLLECTIONS_PATH=str(first))
    with Pair(lab, [VIP]) as pair:
        pair.await_holder()
        yield pair


def graceful(pair: Pair, act: Callable[[], str], node: str = "lb01") -> Watched:
    """``node`` holds the VIP afterwards; no request was lost and no VIP was on two nodes for longer than a blink."""
    seen = pair.watched(act, node)
    sys.stdout.write(f"\n{seen}\n")
    assert seen.lost == 0, seen
    assert seen.longest_gap_s() <= GAP_MAX_S, seen
    assert seen.crowd.shared_s <= BLINK_S, seen
    assert "s3cret" not in seen.output
    return seen


def program(lab: Lab, node: str) -> str:
    return lab[node].run("/usr/local/sbin/vipd", "--version", check=False).stderr


def configuration(lab: Lab, node: str) -> str:
    return lab[node].run("cat", CONFIGURATION).stdout


def refresh(seconds: int) -> tuple[str, str]:
    """A harmless change of the configuration that is seen in the file."""
    return "-e", f'{{"single_master_global_options": {{"vrrp_garp_master_refresh": {seconds}}}}}'


def told(text: str) -> str:
    """What a playbook said, however its lines were broken."""
    return " ".join(text.split())


def test_an_upgrade_from_the_first_release(lab: Lab, pair: Pair, before: str) -> None:
    """Its agent knows no maintenance: the VIP is with nobody for the skew, and a client that tries again loses none."""
    assert lab["lb01"].run("vipctl", "maintenance", "status", check=False).returncode != 0
    seen = pair.watched(lambda: playbook("lbha.pair.rolling_update", ANSIBLE_COLLECTIONS_PATH=before))
    sys.stdout.write(f"\n{seen}\n")
    assert seen.lost == 0, seen
    assert seen.crowd.shared_s <= BLINK_S, seen
    assert seen.longest_gap_s() <= SKEW_S + GAP_MAX_S, seen
    for node in ("lb01", "lb02"):
        assert "0.0." in program(lab, node)


def test_a_rolling_update_brings_a_new_program_and_a_new_configuration(lab: Lab, pair: Pair) -> None:
    assert "0.0." in program(lab, "lb01")
    more = '{"single_master_advert_int_s": 1, "single_master_global_options": {"vrrp_garp_master_refresh": 60}}'
    graceful(pair, lambda: playbook("lbha.pair.rolling_update", "-e", more))
    for node in ("lb01", "lb02"):
        assert "0.0." not in program(lab, node)
        assert "vrrp_garp_master_refresh 60" in configuration(lab, node)
        assert "maintenance is off" in lab[node].run("vipctl", "maintenance", "status").stdout
    again = graceful(pair, lambda: playbook("lbha.pair.site", "-e", more)).output
    assert re.findall(r"^lb0\d +: .* changed=(\d+)", again, re.MULTILINE) == ["0", "0"], again


def test_a_switchover_and_back(pair: Pair) -> None:
    assert '\\"lb02\\"' in graceful(pair, lambda: playbook("lbha.pair.switchover"), "lb02").output
    graceful(pair, lambda: playbook("lbha.pair.switchover", "-e", "switchover_state=back"))


def test_maintenance_and_back(lab: Lab, pair: Pair) -> None:
    graceful(pair, lambda: lab["lb01"].run("vipctl", "maintenance", "on", "--reason", "new disk").stdout, "lb02")
    lab["lb01"].run("systemctl", "restart", "vipd")
    pair.await_holder("lb02")
    said = playbook("lbha.pair.assert_single_holder", "--limit", "lb02")
    assert "lb01 is in maintenance (new disk)" in said
    refused = playbook("lbha.pair.switchover", status=2)
    assert "lb01 is in maintenance (new disk)" in refused
    graceful(pair, lambda: lab["lb01"].run("vipctl", "maintenance", "off").stdout)


def test_a_node_that_is_stopped_or_in_use_is_a_doubt_that_stops_everything(lab: Lab, pair: Pair) -> None:
    """An agent that is stopped, a run that is under way, a play that is limited: each is named, and nothing moves."""
    lab["lb02"].run("systemctl", "stop", "vipd")
    for name in ("switchover", "rolling_update"):
        said = playbook(f"lbha.pair.{name}", status=2)
        assert "lb02: vipd does not run: systemctl status vipd" in said
    playbook("lbha.pair.site", *refresh(60))  # which starts it
    assert "run it without --limit" in told(playbook("lbha.pair.rolling_update", "--limit", "lb01", status=2))
    lock = '{"owner": "another run", "since": 4000000000}'
    lab["lb02"].run("sh", "-c", f"echo '{lock}' >/run/lbha.pair.lock")
    for name in ("switchover", "site", "rolling_update", "drill", "migrate_from_keepalived", "remove"):
        said = playbook(f"lbha.pair.{name}", "-e", "drill_confirm=yes", status=2)
        assert "another run works on this node" in said
    lab["lb02"].run("rm", "/run/lbha.pair.lock")
    assert pair.holders() == {VIP: ["lb01"]}
    pair.await_holder("lb01")


def test_two_holders_are_seen(lab: Lab, pair: Pair) -> None:
    assert "lb01" in playbook("lbha.pair.assert_single_holder")
    lab["lb02"].run("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    said = playbook("lbha.pair.assert_single_holder", status=2)
    assert f"{VIP} is on lb01 and lb02" in said
    lab["lb02"].run("ip", "address", "del", f"{VIP}/24", "dev", "eth0")
    assert "lb01" in playbook("lbha.pair.assert_single_holder")


def test_a_third_host_that_sends_its_packets_elsewhere_is_seen(lab: Lab, pair: Pair) -> None:
    """All nodes agree on the holder; web01 knows another one."""
    entry = (VIP, "dev", "eth0")
    lab["web01"].run("ip", "neighbour", "replace", *entry, "lladdr", lab["lb02"].mac, "nud", "permanent")
    said = told(playbook("lbha.pair.assert_single_holder", "-e", "pair_witness=web01", status=2))
    lab["web01"].run("ip", "neighbour", "del", *entry)
    assert f"web01 sends packets for {VIP} to {lab['lb02'].mac}, but lb01 is {lab['lb01'].mac}" in said


@contextmanager
def taking_nothing(lab: Lab, read_only: bool) -> Iterator[None]:
    """lb02's directory of the configuration is read-only, or on a disk of its own that is full."""
    node, directory, disk = lab["lb02"], "/etc/vipd", "/run/disk"
    if read_only:
        node.run("mount", "--bind", directory, directory)
        node.run("mount", "-o", "remount,ro,bind", directory)
    else:
        node.run("mkdir", disk)
        node.run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk)
        node.run("cp", "--archive", f"{directory}/.", disk)
        node.run("mount", "--bind", disk, directory)
        assert "No space left" in node.run("dd", "if=/dev/zero", f"of={disk}/full", check=False).stderr
    try:
        yield
    finally:
        node.run("umount", directory)
        if not read_only:
            node.run("umount", disk)
            node.run("rmdir", disk)


@pytest.mark.parametrize(
    ("read_only", "expected"),
    [(True, "/etc/vipd is read-only: mount it writable"), (False, "/etc/vipd has 0 KiB left")],
    ids=["read-only", "full"],
)
def test_a_disk_that_takes_nothing_stops_a_run_before_a_file_is_written(
    lab: Lab, pair: Pair, read_only: bool, expected: str
) -> None:
    """lb01, whose disk is well, keeps its file, too; lb02 is back in service after a rolling update that stopped."""
    before = {name: configuration(lab, name) for name in ("lb01", "lb02")}
    expected = f"lb02 cannot take its files, nothing was changed, and every VIP is where it was: {expected}"
    with taking_nothing(lab, read_only):
        said = graceful(pair, lambda: playbook("lbha.pair.site", *refresh(90), status=2)).output
        assert expected in told(said)
        said = graceful(pair, lambda: playbook("lbha.pair.rolling_update", *refresh(90), status=2)).output
        assert expected in told(said)
        assert "Stopped at lb02" in said
    assert {name: configuration(lab, name) for name in before} == before
    assert "maintenance is off" in lab["lb02"].run("vipctl", "maintenance", "status").stdout


def test_a_run_that_is_limited_to_one_node_changes_that_one(lab: Lab, pair: Pair) -> None:
    """It knows the whole pair all the same, and the other node is as it was."""
    before = configuration(lab, "lb01")
    graceful(pair, lambda: playbook("lbha.pair.site", "--limit", "lb02", *refresh(70)))
    assert configuration(lab, "lb01") == before
    assert "vrrp_garp_master_refresh 70" in configuration(lab, "lb02")


def test_a_vip_is_not_numbered_anew_on_one_node_after_the_other(lab: Lab, pair: Pair) -> None:
    """They would not hear each other in between: a run of all nodes at once may do it."""
    before = [configuration(lab, node) for node in ("lb01", "lb02")]
    renumbered = ("-e", '{"single_master_virtual_router_id": 60}')
    for command in (("lbha.pair.rolling_update",), ("lbha.pair.site", "--limit", "lb01")):
        said = told(playbook(*command, *renumbered, status=2))
        assert f"nothing was changed: {VIP} from VRID 51 to VRID 60 on " in said
        assert "Set single_master_instances[0].virtual_router_id: 51, or deploy all nodes at once" in said
    assert [configuration(lab, node) for node in ("lb01", "lb02")] == before
    assert pair.holders() == {VIP: ["lb01"]}


def test_of_two_runs_at_once_one_goes_through(lab: Lab, pair: Pair) -> None:
    """The other one stops before a node is changed, and says who is at work and what to do."""
    seconds = {"alice": 61, "bob": 62}

    def both() -> str:
        while True:  # once more if one was over before the other began
            runs = {user: start(user, "lbha.pair.site", *refresh(of_user)) for user, of_user in seconds.items()}
            said = {user: told(run.communicate(timeout=600)[0]) for user, run in runs.items()}
            statuses = {user: run.returncode for user, run in runs.items()}
            if set(statuses.values()) != {0}:
                break
        (winner,) = [user for user, status in statuses.items() if status == 0]
        (loser,) = statuses.keys() - {winner}
        assert f"{winner} on {os.uname().nodename} (" in said[loser]
        assert "works on this node since" in said[loser]
        assert "wait until it is over; if it was killed, set pair_break_lock=true" in said[loser]
        for node in ("lb01", "lb02"):
            assert f"refresh {seconds[winner]}" in configuration(lab, node)
            assert lab[node].run("ls", "/run/lbha.pair.lock", check=False).returncode != 0
        return "".join(said.values())

    graceful(pair, both)


def start(user: str, *words: str) -> subprocess.Popen[str]:
    name = Path(sys.executable).parent / "ansible-playbook"
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "USER": user}
    return subprocess.Popen(
        [name, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def test_a_run_that_is_killed_is_taken_up_by_the_next(lab: Lab, pair: Pair, tmp_path: Path) -> None:
    """Killed between writing and loading; its lock keeps others out until somebody says that it is gone."""
    site = [str(Path(sys.executable).parent / "ansible-playbook"), "lbha.pair.site", *refresh(80)]
    kill_when(lambda: "refresh 80" in configuration(lab, "lb02"), site, tmp_path / "killed.log")
    assert pair.holders() == {VIP: ["lb01"]}
    refused = told(playbook("lbha.pair.site", *refresh(80), status=2))
    assert "works on this node since" in refused
    assert "if it was killed, set pair_break_lock=true" in refused
    graceful(pair, lambda: playbook("lbha.pair.site", *refresh(80), "-e", "pair_break_lock=true"))
    for node in ("lb01", "lb02"):
        assert "refresh 80" in configuration(lab, node)
        written_at = float(lab[node].run("stat", "-c", "%.Y", CONFIGURATION).stdout)
        status = json.loads(lab[node].run("vipctl", "status", "--format", "json").stdout)
        assert status["configuration"]["loaded_at"] >= written_at


def test_half_of_the_pair_cannot_be_reached(lab: Lab, pair: Pair) -> None:
    """Every playbook names it and leaves the other half as it is, which holds the VIP."""
    before = configuration(lab, "lb01")
    lab["lb02"].power_cut()
    for name in ("site", "remove", "switchover", "rolling_update"):
        said = told(playbook(f"lbha.pair.{name}", *refresh(90), status=2))
        assert "lb02 cannot be reached" in said, said
    assert configuration(lab, "lb01") == before
    assert pair.holders() == {VIP: ["lb01"]}
    lab["lb02"].power_on()
    await_no_doubt()


def await_no_doubt() -> None:
    """The pair is well; until then an assertion of the playbook's own says what is not."""
    deadline = time.monotonic() + 180
    while True:
        try:
            playbook("lbha.pair.assert_single_holder")
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def test_a_drill_breaks_the_holder_measures_and_undoes(pair: Pair, tmp_path: Path) -> None:
    """The VIP is with nobody for the skew, and not on two nodes."""
    assert "Nothing was done" in playbook("lbha.pair.drill", status=2)
    page = tmp_path / "drill.html"
    events = '{"drill_confirm": true, "drill_events": ["stop", "kill"]}'
    seen = pair.watched(lambda: playbook("lbha.pair.drill", "-e", events, "-e", f"drill_report={page}"))
    assert page.read_text().count("within its limit") == 2
    assert seen.lost == 0, seen
    assert seen.crowd.shared_s <= BLINK_S, seen


def test_a_drill_fails_when_an_event_takes_too_long(pair: Pair, tmp_path: Path) -> None:
    """A stop takes 0.6 s, where 0.1 is allowed here: report and exit status tell, and it is undone as ever."""
    page = tmp_path / "drill.html"
    events = '{"drill_confirm": true, "drill_events": ["stop"], "drill_limits_s": -0.9}'
    said = playbook("lbha.pair.drill", "-e", events, "-e", f"drill_report={page}", status=2)
    assert "Every event stayed within its limit" in said
    assert "too long" in page.read_text()
    pair.await_holder()


def test_a_drill_takes_the_link_down_and_the_proxy(lab: Lab, pair: Pair, tmp_path: Path) -> None:
    """The node brings its link up again, with the routes that went with it; nginx can be started again."""
    lab["lb01"].run("ip", "route", "add", "192.0.2.0/24", "via", "10.0.0.7")
    page = tmp_path / "drill.html"
    events = '{"drill_confirm": true, "drill_events": ["cable", "proxy"], "drill_down_s": 8, "drill_limits_s": 3}'
    seen = pair.watched(lambda: playbook("lbha.pair.drill", "-e", events, "-e", f"drill_report={page}"))
    assert page.read_text().count("within its limit") == 2
    assert seen.crowd.shared_s <= BLINK_S, seen
    assert "via 10.0.0.7" in lab["lb01"].run("ip", "route", "show", "192.0.2.0/24").stdout
    lab["lb01"].run("ip", "route", "del", "192.0.2.0/24")
    assert lab["lb01"].run("systemctl", "is-active", "nginx").stdout == "active\n"


def test_removed(lab: Lab, pair: Pair) -> None:
    """The hosts are what they were before the first release came."""
    playbook("lbha.pair.remove")
    assert pair.holders() == {VIP: []}
    playbook(str(ROOT / "molecule" / "playbooks" / "verify_removed.yml"))


def test_a_preflight_stops_at_a_vip_that_somebody_has(lab: Lab, pair: Pair) -> None:
    playbook("lbha.pair.preflight")
    lab["client"].run("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    said = told(playbook("lbha.pair.preflight", status=2))
    lab["client"].run("ip", "address", "del", f"{VIP}/24", "dev", "eth0")
    assert f"{VIP} is in use on eth0 by {lab['client'].mac}, which is no host of the pair" in said


def test_a_node_that_is_deployed_for_the_first_time_can_be_held(lab: Lab, pair: Pair, tmp_path: Path) -> None:
    """The example of docs/operations.md, as it stands: no VIP until somebody has looked."""
    (example,) = re.findall(r"^```yaml\n(- hosts: lb\n.*?state: held.*?)^```$", OPERATIONS.read_text(), re.M | re.S)
    (tmp_path / "held.yml").write_text(example)
    playbook(str(tmp_path / "held.yml"))
    steady_s = time.monotonic() + MASTER_DOWN_S
    while time.monotonic() < steady_s:
        assert pair.holders() == {VIP: []}
        time.sleep(0.1)
    lab["lb01"].run("vipctl", "maintenance", "off")
    pair.await_holder("lb01")
    lab["lb02"].run("vipctl", "maintenance", "off")
    await_no_doubt()
