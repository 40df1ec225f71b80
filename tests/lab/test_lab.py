# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab itself: that its faults are what they claim to be, and that it leaves nothing behind.

Boots real nodes, so it needs root; the labs are called t-..., apart from any demo that is up.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import image, state
from tests.lab.host import PROGRAMS
from tests.lab.lab import Lab, LabError, Node, missing_requirements
from tests.lab.process import Process

LACKS = missing_requirements()
pytestmark = pytest.mark.skipif(bool(LACKS), reason=" ".join(LACKS))

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 300.0


def eventually(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S:.0f} s: {what}"
        time.sleep(0.02)


def reaches(node: Node, address: str) -> bool:
    return node.run("ping", "-q", "-c1", "-W1", address, check=False).returncode == 0


def carrier(node: Node) -> str:
    return node.run("cat", "/sys/class/net/eth0/carrier").stdout.strip()


def own_addresses(node: Node) -> list[str]:
    shown = node.run("ip", "-4", "-brief", "address", "show", "dev", "eth0").stdout
    return shown.split()[2:]


def traces(name: str) -> list[str]:
    """Everything a lab has on the host."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found = [line.split()[4] for line in mounts if f"/lbha-lab/{name}/" in line or f"/lbha-{name}-" in line]
    found += [str(path) for path in Path("/run/netns").glob(f"lbha-{name}-*")]
    found += [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/lbha-lab/{name}")]
    found += [str(path) for path in Path("/run/systemd/nspawn").glob(f"**/*lbha-{name}-*")]
    return found + [str(path) for path in [state.state_directory(name)] if path.exists()]


def start_in_another_process(name: str, then: str = "signal.pause()") -> subprocess.Popen[str]:
    program = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell in the background ignores it
from tests.lab.host import PROGRAMS
from tests.lab.lab import Lab
with Lab({name!r}, ["lb01"]) as lab:
    print("up", flush=True)
    {then}
"""
    return subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("t-lab", ["lb01", "lb02"]) as running:
        yield running


@pytest.fixture
def pair(lab: Lab) -> tuple[Node, Node]:
    """Both nodes on and connected, whatever the test before did."""
    for node in lab:
        if not node.is_running():
            node.power_on()
        node.plug_cable()
    lab.heal()
    return lab["lb01"], lab["lb02"]


def test_a_node_is_a_healthy_debian_server_of_its_name(pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    assert lb01.run("systemctl", "is-system-running", "--wait").stdout.strip() == "running"
    assert lb01.run("hostname").stdout.strip() == "lb01"
    assert own_addresses(lb01) == ["10.0.0.5/24"]
    assert lb01.run("cat", "/sys/class/net/eth0/address").stdout.strip() == lb01.mac
    assert lb01.run("cat", "/etc/machine-id").stdout != lb02.run("cat", "/etc/machine-id").stdout
    assert lb01.run("systemctl", "is-enabled", "nginx", "keepalived", check=False).stdout.split() == ["disabled"] * 2
    assert reaches(lb01, "lb02")


def test_root_logs_in_by_ssh(pair: tuple[Node, Node]) -> None:
    lb01, _lb02 = pair
    login = subprocess.run(lb01.login_command("hostname"), capture_output=True, text=True, check=True)
    assert login.stdout == "lb01\n"


def test_a_hardened_service_gets_real_time_locked_memory_and_raw_sockets(pair: tuple[Node, Node]) -> None:
    lb01, _lb02 = pair
    capabilities = "CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_SYS_NICE"
    program = (
        "import ctypes, os, socket; assert ctypes.CDLL(None).mlockall(3) == 0; "
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 112); socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0); "
        "assert not os.access('/etc', os.W_OK); print(os.sched_getscheduler(0) == os.SCHED_RR, os.getuid() != 0)"
    )
    properties = (
        *("User=nobody", f"AmbientCapabilities={capabilities}", f"CapabilityBoundingSet={capabilities}"),
        *("CPUSchedulingPolicy=rr", "CPUSchedulingPriority=10", "LimitMEMLOCK=infinity"),
        *("ProtectSystem=strict", "PrivateTmp=yes", "ProtectKernelTunables=yes", "RestrictNamespaces=yes"),
        *("NoNewPrivileges=yes", "SystemCallFilter=@system-service"),
    )
    unit = ["systemd-run", "--quiet", "--wait", "--pipe", *(f"--property={value}" for value in properties)]
    assert lb01.run(*unit, "python3", "-c", program).stdout == "True True\n"


def test_a_failed_command_says_where_and_why(pair: tuple[Node, Node]) -> None:
    lb01, _lb02 = pair
    with pytest.raises(LabError, match=r"`cat /missing` on lb01 ended with status 1: .*No such file"):
        lb01.run("cat", "/missing")
    with pytest.raises(LabError, match=r"`sleep 60` on lb01 did not finish within 0.2 s"):
        lb01.run("sleep", "60", timeout=0.2)
    eventually(lambda: "sleep 60" not in lb01.run("ps", "-eo", "args").stdout, "the late command is ended")


def test_a_pulled_cable_takes_the_carrier_and_leaves_the_address(pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    assert carrier(lb01) == "1"
    lb01.pull_cable()
    eventually(lambda: carrier(lb01) == "0", "the node sees its link down")
    assert not reaches(lb02, "10.0.0.5")
    assert own_addresses(lb01) == ["10.0.0.5/24"]
    assert subprocess.run(lb01.login_command("true"), check=False).returncode == 0, "ssh needs no cable"
    lb01.plug_cable()
    eventually(lambda: reaches(lb02, "10.0.0.5"), "the node answers again")


def test_a_one_way_partition_drops_one_direction_only(lab: Lab, pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    for node, neighbour in ((lb01, lb02), (lb02, lb01)):  # so that no ARP is needed in the cut direction
        node.run("ip", "neighbour", "replace", neighbour.address, "lladdr", neighbour.mac, "dev", "eth0")
    lb01.partition(lb02, one_way=True)
    received = "/sys/class/net/eth0/statistics/rx_packets"
    before = {node.name: int(node.run("cat", received).stdout) for node in pair}
    assert not reaches(lb02, lb01.address), "the echo arrives, its answer does not"
    after = {node.name: int(node.run("cat", received).stdout) for node in pair}
    assert after["lb01"] > before["lb01"]
    assert after["lb02"] == before["lb02"]
    lab.heal()
    assert reaches(lb02, lb01.address)


def test_a_power_cut_kills_one_node_in_an_instant(pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    processes = [Process.of(pid) for pid in lb01.group.pids()]
    spared = Process.of(lb02.leader_pid)
    assert len(processes) > 3
    lb01.run("ip", "address", "add", "10.0.0.3/32", "dev", "eth0")
    lb01.run("sh", "-c", "echo kept > /root/note")
    lb01.power_cut()
    assert not any(process.is_alive() for process in processes)
    assert not lb01.is_running()
    assert spared.is_alive()
    assert not reaches(lb02, "10.0.0.5")
    assert not reaches(lb02, "10.0.0.3")
    assert (lb01.disk / "root/note").read_text() == "kept\n"
    with pytest.raises(LabError, match="is off"):
        lb01.run("true")


def test_power_comes_back_to_the_same_disk_and_card(pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    lb01.run("sh", "-c", "echo kept > /root/note")
    lb01.run("ip", "address", "add", "10.0.0.3/32", "dev", "eth0")
    lb01.power_cut()
    lb01.power_on()
    assert lb01.run("cat", "/root/note", "/sys/class/net/eth0/address").stdout.split() == ["kept", lb01.mac]
    assert own_addresses(lb01) == ["10.0.0.5/24"], "a VIP is not configured, so it is gone"
    assert reaches(lb02, "10.0.0.5")
    with pytest.raises(LabError, match="already on"):
        lb01.power_on()


def test_a_node_that_reboots_itself_comes_back_without_its_vip(pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    lb01.run("ip", "address", "add", "10.0.0.3/32", "dev", "eth0")
    before = Process.of(lb01.leader_pid)
    lb01.run("systemctl", "reboot", check=False)
    eventually(lambda: not before.is_alive(), "the old boot ends")
    lb01.wait_ssh()
    assert own_addresses(lb01) == ["10.0.0.5/24"]
    eventually(lambda: reaches(lb02, "10.0.0.5"), "the node answers again")


def test_a_node_that_halts_itself_answers_no_more(pair: tuple[Node, Node]) -> None:
    lb01, lb02 = pair
    lb01.run("systemctl", "poweroff", check=False)
    eventually(lambda: not lb01.is_running(), "the node is off")
    assert not reaches(lb02, "10.0.0.5")
    lb01.power_on()
    lb01.shutdown()
    assert not lb01.is_running()


def test_two_labs_use_the_same_addresses_and_never_meet(pair: tuple[Node, Node]) -> None:
    lb01, _lb02 = pair
    lb01.run("touch", "/root/first")
    with Lab("t-lab-2", ["lb01"]) as second:
        assert not (second["lb01"].disk / "root/first").exists()
        assert not reaches(second["lb01"], "10.0.0.6"), "the second lab has no lb02"
        assert reaches(lb01, "10.0.0.6")
    assert traces("t-lab-2") == []
    assert lb01.is_running()
    assert reaches(lb01, "10.0.0.6")


def test_the_lab_of_a_killed_run_is_removed_at_the_next_start() -> None:
    run = start_in_another_process("t-stale")
    assert run.stdout is not None
    assert run.stdout.readline() == "up\n"
    leader = Process.of(Lab.attach("t-stale")["lb01"].leader_pid)
    kill(run)
    assert leader.is_alive(), "nobody has cleaned yet"
    with Lab("t-next", ["lb02"]):
        assert not leader.is_alive()
        assert traces("t-stale") == []
    assert traces("t-next") == []


def test_a_run_killed_while_its_nodes_boot_leaves_its_name_usable() -> None:
    run = start_in_another_process("t-early")
    eventually(lambda: Path("/run/netns/lbha-t-early-lb01").exists(), "the first node is being made")
    kill(run)
    with Lab("t-early", ["lb01"]) as lab:
        assert lab["lb01"].run("hostname").stdout == "lb01\n"
    assert traces("t-early") == []


def test_a_lab_in_use_is_not_taken_over() -> None:
    run = start_in_another_process("t-used")
    assert run.stdout is not None
    assert run.stdout.readline() == "up\n"
    with pytest.raises(LabError, match=f"in use by process {run.pid}"):
        Lab("t-used", ["lb01"]).up()
    assert Lab.attach("t-used")["lb01"].is_running()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=DEADLINE_S)
    assert traces("t-used") == [], "an interrupted run cleans up after itself"


def test_a_detached_lab_outlives_its_owner_until_it_is_taken_down() -> None:
    command = [sys.executable, "-m", "tests.lab"]
    up = [*command, "up", "--lab", "t-left", "--nodes", "lb01"]
    connection = subprocess.run(up, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    assert Path(connection).read_text().count("ProxyCommand") == 1
    with Lab("t-next", ["lb02"]):
        assert Lab.attach("t-left")["lb01"].is_running()
    subprocess.run([*command, "down", "--lab", "t-left"], cwd=REPOSITORY, check=True)
    assert traces("t-left") == []
    Lab("t-left").down()


def test_an_owner_that_is_no_process_is_refused_before_anything_is_made() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with pytest.raises(LabError, match=f"no process {gone.pid}"):
        Lab("t-orphan", ["lb01"], owner_pid=gone.pid).up()
    assert traces("t-orphan") == []


@pytest.mark.parametrize("name", ["", "Demo", "a/b", "-x", "x" * 32])
def test_a_lab_name_that_cannot_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="Lab name"):
        Lab(name)


@pytest.mark.parametrize("node", ["sw", "lb-01", "LB01", "x" * 16])
def test_a_node_name_that_could_clash_is_refused(node: str) -> None:
    with pytest.raises(LabError, match="Node name"):
        Lab("t-names", {node: "10.0.0.9"})


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program in {*PROGRAMS, "unshare"} - {"mmdebstrap", "systemd-nspawn"}:
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    monkeypatch.setenv("PATH", str(tmp_path))
    (lack,) = [sentence for sentence in missing_requirements() if "packages" in sentence]
    assert lack.endswith("`apt-get install --no-install-recommends mmdebstrap systemd-container`.")


SLOW_BUILDER = """#!/bin/sh
for target; do :; done
mkdir "$target"
echo "I: {words}..."
while [ -e "{hold}" ]; do sleep 0.02; done
"""


def test_a_killed_image_build_is_never_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a stand-in for mmdebstrap: the real one is what all the other tests boot from."""
    hold = tmp_path / "hold"
    hold.touch()
    builder = tmp_path / "bin/mmdebstrap"
    builder.parent.mkdir()
    builder.write_text(SLOW_BUILDER.format(words="unpacking", hold=hold))
    builder.chmod(0o755)
    monkeypatch.setenv("PATH", f"{builder.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("LBHA_LAB_CACHE", str(tmp_path / "cache"))

    first = subprocess.Popen(
        [sys.executable, "-c", "from tests.lab.image import ensure_image; ensure_image()"], cwd=REPOSITORY, text=True
    )
    eventually(lambda: list((tmp_path / "cache").glob("building-*")) != [], "the first build has begun")
    kill(first)
    assert not image.image_path().exists()
    hold.unlink()
    lines: list[str] = []
    assert image.ensure_image(lines.append).is_dir()
    assert "image: unpacking..." in lines
    assert list((tmp_path / "cache").glob("building-*")) == []
