# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else a master leaves behind it is keepalived's: addresses to their last attribute, calls of notify scripts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.daemon import Daemon
from tests.netns.namespace import ip
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

T = TypeVar("T")

KINDS = ("keepalived", "vipd")

VIPS = (
    VIP,
    "10.0.0.101/24 label eth0:1",
    "10.0.0.102/32 dev eth0 scope link",
    "192.0.2.1/28 brd +",
    "192.0.2.17/28 brd - scope site",
    "192.0.2.33/28 brd 192.0.2.46 dev eth1 label eth1:vip",
    "192.0.2.65/31",
)


def node(segment: Segment, kind: str, config: str) -> Daemon:
    return segment.vipd("a", config) if kind == "vipd" else segment.keepalived("a", config)


def side_by_side(observe: Callable[[str], T]) -> tuple[T, T]:
    """What is observed of keepalived, and of vipd."""
    with ThreadPoolExecutor() as pool:
        theirs, ours = pool.map(observe, KINDS)
        return theirs, ours


def addresses(kind: str, directory: Path) -> list[dict[str, Any]]:
    with Segment(directory, "a") as segment:
        host = segment.hosts["a"]
        ip("-n", host.name, "link add eth1 type veth peer name eth1-far")
        for interface in ("eth1", "eth1-far"):
            host.ip(f"link set {interface} up")
        daemon = node(segment, kind, instance(OWNER, vips=VIPS))
        daemon.start()
        segment.wait_for_holders(VIP, "a", 5)  # keepalived listens first, even for the owner
        wait_for(lambda: len(host.addresses()) == len(VIPS), f"{daemon} to configure all VIPs", 1)
        return [one for interface in ("eth0", "eth1") for one in host.addresses(interface)]


def test_addresses(tmp_path: Path) -> None:
    """As ``ip address`` shows them, in the kernel's order."""
    theirs, ours = side_by_side(lambda kind: addresses(kind, tmp_path / kind))
    assert len(theirs) == 1 + len(VIPS)
    assert ours == theirs


def notify_calls(kind: str, directory: Path) -> dict[str, list[str]]:
    """A life: start, cable pulled and plugged, reload, stop. The calls of each script, in the order they came."""
    directory.mkdir()
    script = directory / "tell"
    script.write_text(f'#!/bin/sh\ncall=$(printf "<%s>" "$@")\necho "$call" >>"{directory}/$1.calls"\n')
    script.chmod(0o755)
    # Each command has a file of its own: keepalived runs those of one transition side by side.
    lines = [f'notify_{state} "{script} {state}"' for state in ("master", "backup", "fault", "stop")]
    lines.append(f"notify \"{script} all 'two words' three\"")
    config = "global_defs {\n    script_user root\n    enable_script_security\n}\n" + instance(150, *lines)

    def wait_for_call(number: int) -> None:
        """Before the next event: keepalived would run the scripts of both at the same time."""
        calls = directory / "all.calls"
        wait_for(lambda: calls.exists() and calls.read_text().count("\n") >= number, f"{kind}'s call {number}", 5)

    with Segment(directory, "a") as segment:
        daemon = node(segment, kind, config)
        daemon.start()
        wait_for_call(2)  # BACKUP, MASTER
        segment.pull_cable("a")
        wait_for_call(3)  # FAULT
        segment.plug_cable("a")
        wait_for_call(5)  # BACKUP, MASTER
        daemon.reload(config + "# changed\n")
        assert daemon.stop() == 0
        wait_for_call(6)  # STOP
    return {path.name: path.read_text().splitlines() for path in sorted(directory.glob("*.calls"))}


def test_notify_calls(tmp_path: Path) -> None:
    theirs, ours = side_by_side(lambda kind: notify_calls(kind, tmp_path / kind))
    assert len(theirs) == 5
    assert theirs["all.calls"][-1] == "<all><two words><three><INSTANCE><V><STOP><150>"
    assert ours == theirs
