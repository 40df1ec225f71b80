# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node tracks (scripts, interfaces, its own cable) decides whether it may be master."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.netns.configuration import GRACE_S, OTHER_VIP, OWNER, THIRD_VIP, VIP, down_s, instance
from tests.netns.namespace import ip
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

SECURITY = "global_defs {\n    script_user root\n    enable_script_security\n}\n"


def script(name: str, command: str, *lines: str) -> str:
    body = "".join(f"    {line}\n" for line in (f'script "{command}"', "interval 1", *lines))
    return f"vrrp_script {name} {{\n{body}}}\n"


def tracks(*lines: str, block: str = "track_script") -> str:
    return "\n".join([f"{block} {{", *(f"        {line}" for line in lines), "    }"])


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def runs(pid: str) -> bool:
    """A zombie does not: it only waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_failing_script_moves_the_vips(segment: Segment, tmp_path: Path) -> None:
    """Weight -60, weight 0 and weight +60, all on one script; the peer is 100, 100 and 130."""
    healthy = tmp_path / "healthy"
    healthy.touch()
    a = segment.vipd(
        "a",
        SECURITY
        + script("check", f"/usr/bin/test -e {healthy}")
        + instance(150, tracks("check weight -60"))
        + instance(150, tracks("check"), name="W", vrid=52, vips=[OTHER_VIP])
        + instance(100, tracks("check weight 60"), name="X", vrid=53, vips=[THIRD_VIP]),
    )
    b = segment.vipd(
        "b",
        instance(100)
        + instance(100, name="W", vrid=52, vips=[OTHER_VIP])
        + instance(130, name="X", vrid=53, vips=[THIRD_VIP]),
    )
    vips = (VIP, OTHER_VIP, THIRD_VIP)
    a.start()
    b.start()
    for vip in vips:
        segment.wait_for_holders(vip, "a", 2 * down_s(100))  # X may start below b, until its script has run

    healthy.unlink()
    for vip in vips:
        segment.wait_for_holders(vip, "b", 1 + GRACE_S + down_s(100))
    assert [a.instance(name)["priority"] for name in "VX"] == [90, 100]
    assert a.instance("W")["state"] == "FAULT"
    assert a.instance("W")["faults"] == ["script check fails with exit status 1"]
    assert segment.packets.adverts("a", vrid=52)[-1].priority == 0
    assert 0 not in {advert.priority for vrid in (51, 53) for advert in segment.packets.adverts("a", vrid)}

    healthy.touch()
    for vip in vips:
        segment.wait_for_holders(vip, "a", 1 + GRACE_S + down_s(150))
        assert segment.addresses.most_holders(vip) == 1


def test_rise_and_fall_count_runs(segment: Segment, tmp_path: Path) -> None:
    """The first run decides at once; after that three failures take it down, two successes bring it up."""
    result, runs = tmp_path / "result", tmp_path / "runs"
    result.write_text("0")
    check = executable(tmp_path / "check", f"echo $(cat {result}) >>{runs}\nexit $(cat {result})")
    a = segment.vipd("a", SECURITY + script("check", str(check), "rise 2", "fall 3") + instance(OWNER, tracks("check")))

    def runs_since(number: int) -> str:
        return "".join(runs.read_text().split()[number:])

    a.start()
    segment.wait_for_holders(VIP, "a", 2)
    result.write_text("1")
    before = len(runs.read_text().split())
    segment.wait_for_holders(VIP, "", 5)
    assert runs_since(before).endswith("111")
    assert runs_since(before).count("1") == 3

    result.write_text("0")
    before = len(runs.read_text().split())
    segment.wait_for_holders(VIP, "a", 4)
    assert runs_since(before).endswith("00")
    assert runs_since(before).count("0") == 2


def test_a_script_that_hangs_is_ended_with_all_it_started(segment: Segment, tmp_path: Path) -> None:
    """Its child ignores SIGTERM and outlives its parent: it must go as well, or the node fills with them."""
    children = tmp_path / "children"
    hang = executable(tmp_path / "hang", f"sh -c 'trap \"\" TERM; echo $$ >>{children}; sleep 1000' &\nwait")
    a = segment.vipd("a", SECURITY + script("hang", str(hang), "timeout 1") + instance(OWNER, tracks("hang")))
    a.start()
    a.wait_for_state("FAULT", 3)
    assert a.instance()["faults"] == ["script hang took longer than 1 s"]

    first = children.read_text().split()[0]
    wait_for(lambda: not runs(first), "the child to be gone", 4)
    assert a.stop() == 0
    left = [pid for pid in children.read_text().split() if runs(pid)]
    for pid in left:
        os.kill(int(pid), signal.SIGKILL)
    assert left == [], "a stop must not leave a script behind"


def test_a_script_runs_as_its_user(segment: Segment, tmp_path: Path) -> None:
    """The node's ``script_user``, and a script's own ``user`` before it."""
    said = tmp_path / "said"
    said.mkdir(mode=0o777)
    said.chmod(0o777)
    for directory in (tmp_path, *tmp_path.parents[:-1]):
        directory.chmod(directory.stat().st_mode | 0o011)
    check = executable(tmp_path / "who", f'id -un >"{said}/$1" && id -Gn >>"{said}/$1"')
    a = segment.vipd(
        "a",
        "global_defs {\n    script_user nobody\n}\n"
        + script("mine", f"{check} mine")
        + script("own", f"{check} own", "user daemon bin")
        + instance(OWNER, tracks("mine", "own")),
    )
    a.start()
    segment.wait_for_holders(VIP, "a", 2)
    assert (said / "mine").read_text().split() == ["nobody", "nogroup"]
    assert (said / "own").read_text().split() == ["daemon", "bin"]


def test_a_script_that_others_may_change_is_not_run(segment: Segment, tmp_path: Path) -> None:
    """Not at the start, which is refused; and not once it can be changed, which is a fault."""
    ran = tmp_path / "ran"
    check = executable(tmp_path / "loose", f"touch {ran}")
    check.chmod(0o777)
    a = segment.vipd("a", SECURITY + script("loose", str(check)) + instance(OWNER, tracks("loose")))
    a.launch()
    assert a.wait() == 5, a.log()
    assert f"{check} can be changed by others than root" in a.log()

    check.chmod(0o755)
    a.start()
    wait_for(ran.exists, "the script to run", 2)
    check.chmod(0o777)
    a.wait_for_state("FAULT", 3)
    assert f"{check} can be changed by others than root" in a.instance()["faults"][0]


def test_a_tracked_interface_goes_down(segment: Segment) -> None:
    """Without a weight that is a fault, with one it costs priority. The peer is 100 each."""
    host = segment.hosts["a"]
    ip("-n", host.name, "link add eth1 type veth peer name eth1-far")
    for interface in ("eth1", "eth1-far"):
        host.ip(f"link set {interface} up")
    a = segment.vipd(
        "a",
        instance(150, tracks("eth1", block="track_interface"))
        + instance(150, tracks("eth1 weight -60", block="track_interface"), name="W", vrid=52, vips=[OTHER_VIP]),
    )
    b = segment.vipd("b", instance(100) + instance(100, name="W", vrid=52, vips=[OTHER_VIP]))
    a.start()
    b.start()
    for vip in (VIP, OTHER_VIP):
        segment.wait_for_holders(vip, "a", down_s(150))

    host.ip("link set eth1-far down")  # eth1 loses its carrier
    segment.wait_for_holders(VIP, "b", GRACE_S + 1)
    segment.wait_for_holders(OTHER_VIP, "b", GRACE_S + down_s(100))
    assert a.instance()["reason"] == "interface eth1 is down"
    assert a.instance("W")["priority"] == 90

    host.ip("link set eth1-far up")
    for vip in (VIP, OTHER_VIP):
        segment.wait_for_holders(vip, "a", GRACE_S + down_s(150))
        assert segment.addresses.most_holders(vip) == 1


def test_its_interface_is_deleted_and_made_anew(segment: Segment) -> None:
    """As when a driver is loaded again: same name, another index, and sockets that were deaf."""
    host = segment.hosts["a"]
    a = segment.vipd("a", instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    sent = len(segment.packets.adverts("a"))
    mac = host.mac().hex(":")
    host.ip("link delete eth0")
    a.wait_for_state("FAULT", GRACE_S)

    ip("-n", host.name, f"link add eth0 address {mac} type veth peer name port-a netns {segment.switch.name}")
    segment.switch.ip("link set port-a master br0 up")
    host.ip("address add 10.0.0.1/24 dev eth0")
    host.ip("link set eth0 up")
    a.wait_for_state("MASTER", GRACE_S)
    segment.wait_for_holders(VIP, "a", GRACE_S)
    wait_for(lambda: len(segment.packets.adverts("a")) > sent + 1, "adverts on the new interface", 2)


def test_a_cable_is_pulled_and_plugged(segment: Segment) -> None:
    a, b = segment.vipd("a", instance(150)), segment.vipd("b", instance(100))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(150))

    segment.pull_cable("a")
    segment.wait_for_holders(VIP, "", GRACE_S)
    assert a.instance()["reason"] == "interface eth0 is down"
    segment.wait_for_holders(VIP, "b", down_s(100))

    segment.plug_cable("a")
    a.wait_for_state("BACKUP", GRACE_S)
    segment.wait_for_holders(VIP, "a", down_s(150))
    assert segment.addresses.most_holders(VIP) == 1


def test_a_tracked_process_ends_and_begins(segment: Segment, tmp_path: Path) -> None:
    """In a namespace of its own vipd is told of no process, and reads /proc each second. The peer is 100."""
    program = shutil.copy("/bin/sleep", tmp_path / "watched-daemon")
    tracked = "vrrp_track_process watched {\n    process watched-daemon\n    weight -60\n}\n"
    a = segment.vipd("a", tracked + instance(150, tracks("watched", block="track_process")))
    b = segment.vipd("b", instance(100))
    with subprocess.Popen([program, "1000"]) as watched:
        a.start()
        b.start()
        segment.wait_for_holders(VIP, "a", down_s(150))
        watched.kill()
    segment.wait_for_holders(VIP, "b", 2 + down_s(100))
    assert a.instance()["priority"] == 90

    with subprocess.Popen([program, "1000"]) as watched:
        segment.wait_for_holders(VIP, "a", 2 + down_s(150))
        assert a.instance()["priority"] == 150
        watched.kill()


def test_a_number_in_a_tracked_file(segment: Segment, tmp_path: Path) -> None:
    """Added to the priority as it is written; with weight 0 a number is a fault."""
    drain, fault = tmp_path / "drain", tmp_path / "fault"
    files = f"track_file drain {{\n    file {drain}\n    init_file 0\n}}\n"
    files += f"track_file fault {{\n    file {fault}\n    weight 0\n}}\n"
    a = segment.vipd("a", files + instance(150, tracks("drain", "fault", block="track_file")))
    b = segment.vipd("b", instance(100))
    a.start()
    b.start()
    segment.wait_for_holders(VIP, "a", down_s(150))
    assert drain.read_text() == "0\n"

    drain.write_text("-60")
    wait_for(lambda: a.instance()["priority"] == 90, "the priority to follow", GRACE_S)
    segment.wait_for_holders(VIP, "b", down_s(100))
    drain.unlink()
    segment.wait_for_holders(VIP, "a", down_s(150))

    fault.write_text("1")
    a.wait_for_state("FAULT", GRACE_S)
    segment.wait_for_holders(VIP, "b", GRACE_S + down_s(100))
