# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checkers say of peers that are well and of peers that misbehave, beside what keepalived says of the same peer.

Every peer is a real server of one virtual server with ``alpha``: it is in the table once its check has passed.
``DIFFERENT`` is all that differs; docs/director.md tells it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.lvs.misbehaving import HOST, PEERS, PORTS
from tests.lvs.topology import VIP, Topology
from tests.netns.daemon import AGENT, ENVIRONMENT, Daemon
from tests.netns.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
SETTLED_S = 90.0
ATTEMPTS = 3  # a machine that stands still for a second has a peer that is well judged otherwise
JUDGED_S = 8.0  # a check, a retry and another check of the slowest peer

# Name: what keepalived says, what vipd says.
DIFFERENT = {
    "web body cut off": (True, False),  # fewer octets than Content-Length promises
    "web in chunks": (False, True),  # keepalived takes the digest of the chunks' sizes too
}


def config() -> str:
    servers = "".join(f"real_server {HOST} {PORTS[name]} {{\n{peer.checker}}}\n" for name, peer in PEERS.items())
    head = f"lb_algo rr\nlb_kind NAT\nprotocol TCP\nalpha\ndelay_loop 2\nwarmup 0\n{servers}"
    return f"global_defs {{\nscript_user root\n}}\nvirtual_server {VIP} 80 {{\n{head}}}\n"


def start_peers(topology: Topology, directory: Path) -> subprocess.Popen[bytes]:
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{AGENT}:{ROOT}"}
    command = (sys.executable, "-m", "tests.lvs.misbehaving", str(directory))
    peers = topology.real_servers[0].start(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    assert peers.stdout is not None
    assert peers.stdout.readline() == b"serving\n"
    return peers


def verdicts(topology: Topology, daemon: Daemon) -> dict[str, bool]:
    """Who is served, once everybody has been looked at, and some twice."""
    daemon.launch()
    well = {f"{HOST}:{port}" for name, port in PORTS.items() if " well" in name}
    wait_for(lambda: well <= topology.endpoints(), "who is well", SETTLED_S)
    time.sleep(JUDGED_S)  # not a hope: nothing may change that has been judged, and nothing tells that it has
    found = topology.endpoints()
    daemon.stop()
    return {name: f"{HOST}:{port}" in found for name, port in PORTS.items()}


def differing(topology: Topology) -> dict[str, tuple[bool, bool]]:
    theirs = verdicts(topology, topology.keepalived(config()))
    ours = verdicts(topology, topology.vipd(config()))
    print(f"{'peer':<30} keepalived vipd")
    for name in PEERS:
        print(f"{name:<30} {'up' if theirs[name] else 'down':<10} {'up' if ours[name] else 'down'}")
    return {name: (theirs[name], ours[name]) for name in PEERS if theirs[name] != ours[name]}


def test_the_verdicts_are_keepalived_s(topology: Topology, tmp_path: Path) -> None:
    topology.direct_routing()
    peers = start_peers(topology, tmp_path)
    try:
        for _attempt in range(ATTEMPTS):
            found = differing(topology)
            if found == DIFFERENT:
                return
    finally:
        peers.kill()
        peers.communicate()
    assert found == DIFFERENT
