# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node with a kernel of its own, beside a container on the same switch. The tests run in their order."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.lab.lab import Lab, LabError, Node, missing_requirements
from tests.lab.machine import missing_programs
from tests.lab.network import link_local
from tests.lab.process import Process
from tests.lab.test_lab import eventually, own_addresses, reaches, traces

LACKS = missing_requirements() or list(filter(None, [missing_programs()]))
pytestmark = pytest.mark.skipif(bool(LACKS), reason=" ".join(LACKS))

NAME = "t-machine"
TRANSFER_BYTES = 2_000_000


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(NAME, ["lb01", "client"], machines=["lb01"]) as running:
        yield running
    assert traces(NAME) == []


@pytest.fixture
def machine(lab: Lab) -> Node:
    return lab["lb01"]


@pytest.fixture
def neighbour(lab: Lab) -> Node:
    return lab["client"]


def test_the_address_that_a_card_gives_itself() -> None:
    assert link_local("02:6d:a1:e4:51:18") == "fe80::6d:a1ff:fee4:5118"


def test_a_machine_is_a_healthy_debian_server_with_another_kernel(machine: Node, neighbour: Node) -> None:
    assert machine.run("systemctl", "is-system-running", "--wait").stdout.strip() == "running"
    assert machine.run("hostname").stdout.strip() == "lb01"
    assert machine.run("cat", "/sys/class/net/eth0/address").stdout.strip() == machine.mac
    assert own_addresses(machine) == ["10.0.0.5/24"]
    assert machine.run("uname", "-r").stdout.strip() != os.uname().release
    eventually(lambda: reaches(neighbour, machine.address), "the machine answers")
    eventually(lambda: reaches(machine, neighbour.address), "the neighbour answers")


def test_a_machine_loads_modules(machine: Node) -> None:
    machine.run("modprobe", "ip_vs_wrr")
    assert machine.run("cat", "/proc/net/ip_vs").stdout.startswith("IP Virtual Server")


def test_a_service_gets_real_time(machine: Node) -> None:
    unit = ("systemd-run", "--quiet", "--wait", "--property=CPUSchedulingPolicy=rr")
    machine.run(*unit, "--property=CPUSchedulingPriority=10", "true")


def test_a_command_keeps_its_words_and_a_failed_one_says_why(machine: Node) -> None:
    assert machine.run("printf", "%s|", "a b", "$HOME", "'").stdout == "a b|$HOME|'|"
    with pytest.raises(LabError, match=r"`cat /missing` on lb01 ended with status 1: .*No such file"):
        machine.run("cat", "/missing")


def test_a_large_transfer_comes_in_frames_that_the_card_takes(machine: Node) -> None:
    """A card that is handed larger ones drops them, and says so; the sender then crawls."""
    assert machine.run("wc", "-c", input="x" * TRANSFER_BYTES).stdout.strip() == str(TRANSFER_BYTES)
    assert "GSO frames" not in machine.console.read_text()


def test_ssh_needs_no_cable(machine: Node, neighbour: Node) -> None:
    machine.pull_cable()
    assert not reaches(neighbour, machine.address)
    assert subprocess.run(machine.login_command("true"), check=False).returncode == 0
    machine.plug_cable()


def test_a_power_cut_leaves_what_was_synced_and_nothing_else(machine: Node, neighbour: Node) -> None:
    machine.run("ip", "address", "add", "10.0.0.3/24", "dev", "eth0")
    machine.run("sh", "-c", "echo kept > /root/note; sync")
    kernel = Process.of(machine.leader_pid)
    machine.power_cut()
    assert not kernel.is_alive()
    assert not reaches(neighbour, machine.address)
    with pytest.raises(LabError, match="is off"):
        machine.run("true")
    (machine.lab.state_dir / machine.name / "pid").write_text(f"{os.getpid()}\n")  # its old pid is another's by now
    machine.power_on()
    assert machine.run("cat", "/root/note", "/sys/class/net/eth0/address").stdout.split() == ["kept", machine.mac]
    assert own_addresses(machine) == ["10.0.0.5/24"]
    eventually(lambda: reaches(neighbour, machine.address), "the machine answers again")


def test_a_clean_halt(machine: Node, neighbour: Node) -> None:
    machine.shutdown()
    assert not machine.is_running()
    assert not reaches(neighbour, machine.address)
