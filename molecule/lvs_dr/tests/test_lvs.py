# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directors and real servers as they are deployed, while a client asks for pages and hosts lose their power.

The tests run in their order, each on what the one before left. lb01 is preferred; web01 has twice the weight of web02.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.drill import ProbeLog
from tests.lab.lab import Lab, Node
from tests.lab.probe import INTERVAL_S, gaps

HANDBOOK = Path(__file__).resolve().parents[3] / "docs" / "lvs.md"
VIP = "10.0.0.250"
CLIENT = "10.0.0.100"
SETTLED_S = 300.0  # a director with a kernel of its own does everything slowly, on a busy machine more so
REQUEST_S = 30  # as curl has it
REQUESTS = 30
ARP_REQUESTS = 50
SHARED = {"10.0.0.7": 2, "10.0.0.8": 1}

# Three adverts missed and at most one second of skew; then what a busy machine adds.
GAP_MAX_S = 4.0 + 11.0


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


def eventually(holds: Callable[[], bool], found: Callable[[], object]) -> None:
    until_s = time.monotonic() + SETTLED_S
    while not holds():
        assert time.monotonic() < until_s, found()
        time.sleep(0.2)


def directors(lab: Lab) -> list[Node]:
    """Those with power."""
    return [lab[name] for name in ("lb01", "lb02") if lab[name].is_running()]


def holders(lab: Lab) -> list[str]:
    shown = {node.name: node.run("ip", "-4", "-o", "address", "show", "dev", "eth0").stdout for node in directors(lab)}
    return [name for name, addresses in shown.items() if f"inet {VIP}/24" in addresses]


def await_holder(lab: Lab, name: str) -> None:
    eventually(lambda: holders(lab) == [name], lambda: holders(lab))


def table(node: Node) -> dict[str, int]:
    """The weight of each real server of the one service, in the kernel."""
    listing = node.run("ipvsadm", "-Ln").stdout
    return {address: int(weight) for address, weight in re.findall(r"-> ([\d.]+):80 +Route +(\d+)", listing)}


def await_table(lab: Lab, expected: dict[str, int]) -> None:
    def tables() -> list[dict[str, int]]:
        return [table(node) for node in directors(lab)]

    eventually(lambda: all(found == expected for found in tables()), tables)


def fetch(lab: Lab) -> str:
    return (
        lab["client"]
        .run("curl", "--silent", "--show-error", "--max-time", f"{REQUEST_S}", f"http://{VIP}/")
        .stdout.strip()
    )


def answering(lab: Lab) -> set[str]:
    """The MACs that say they have the VIP, to the client."""
    asking = ("-m", "lbha.pair.vip_arp_verify", "-a", f"vip={VIP} requests={ARP_REQUESTS} interval_s=0.01")
    said = run_ansible(
        "ansible", "client", *asking, check=False
    )  # several answers, or none, are a failure of the module
    assert " => " in said, said
    return set(json.loads(said.partition(" => ")[2])["answers"])


def run_ansible(program: str, *arguments: str, check: bool = True) -> str:
    """What it prints; fails with that when it fails and ``check``."""
    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout if check else done.stdout or done.stderr


def await_director(lab: Lab, name: str) -> None:
    """It alone has the VIP and says so: a real server that is not quiet is heard each time."""
    await_holder(lab, name)
    eventually(lambda: answering(lab) == {lab[name].mac}, lambda: (answering(lab), holders(lab)))


def test_the_preferred_director_alone_has_the_vip_and_answers_for_it(lab: Lab) -> None:
    await_director(lab, "lb01")


def test_every_director_has_the_whole_table(lab: Lab) -> None:
    await_table(lab, SHARED)


def test_keepalived_accepts_what_directors_have(lab: Lab) -> None:
    for node in directors(lab):
        node.run("keepalived", "-t", "-f", "/etc/vipd/keepalived.conf")


def test_real_servers_have_the_vip_and_keep_quiet(lab: Lab) -> None:
    for name in ("web01", "web02"):
        assert is_quiet(lab[name])


def is_quiet(node: Node) -> bool:
    has_vip = f"{VIP}/32" in node.run("ip", "-4", "-o", "address", "show", "dev", "lo").stdout
    has_route = bool(node.run("ip", "route", "show", f"{VIP}/32", "dev", "lo").stdout.strip())
    quiet = [f"net.ipv4.conf.{link}.{key}" for link in ("all", "lo") for key in ("arp_ignore", "arp_announce")]
    return has_vip and has_route and node.run("sysctl", "-n", *quiet).stdout.split() == ["1", "2", "1", "2"]


def test_requests_are_shared_by_weight_and_servers_see_the_client(lab: Lab) -> None:
    pages = Counter(fetch(lab) for _request in range(REQUESTS))
    assert pages.keys() == {"This is web01.", "This is web02."}
    assert abs(pages["This is web01."] - REQUESTS * 2 // 3) <= 1
    for name in ("web01", "web02"):
        seen = {line.split()[0] for line in lab[name].run("cat", "/var/log/nginx/access.log").stdout.splitlines()}
        assert seen - {lab["lb01"].address, lab["lb02"].address} == {CLIENT}  # directors check


def test_the_handbook_takes_a_real_server_out_and_puts_it_back(lab: Lab, tmp_path: Path) -> None:
    """Its play, with a look at what it did in the place of the update."""
    await_director(lab, "lb01")
    (play,) = (one for one in handbook_plays() if one["name"].startswith("Update web servers"))
    drain, serve = play["tasks"]
    for name in ("lb01", "lb02"):
        looked = {"name": "Look", "lbha.pair.ipvs_info": {}, "delegate_to": name, "register": "ipvs"}
        is_drained = "ipvs.services[0].destinations | selectattr('weight', 'eq', 0) | map(attribute='address') | list"
        that = {"ansible.builtin.assert": {"that": f"({is_drained}) == [ansible_host ~ ':80']"}}
        play["tasks"][1:1] = [looked, that]
    assert (play["tasks"][0], play["tasks"][-1]) == (drain, serve)
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    run_ansible("ansible-playbook", "--limit", "web02", str(tmp_path / "play.yml"))
    await_table(lab, SHARED)


def handbook_plays() -> list[dict[str, Any]]:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", HANDBOOK.read_text(), re.MULTILINE | re.DOTALL)
    return [play for block in blocks if isinstance(content := yaml.safe_load(block), list) for play in content]


def test_a_real_server_without_power_gets_no_requests_until_it_is_back(lab: Lab) -> None:
    lab["web02"].power_cut()
    await_table(lab, {"10.0.0.7": 2})
    assert {fetch(lab) for _request in range(REQUESTS // 3)} == {"This is web01."}
    lab["web02"].power_on()
    await_table(lab, SHARED)
    eventually(lambda: is_quiet(lab["web02"]), lambda: "web02 has lost its VIP, or its silence")  # ssh may come first
    assert len({fetch(lab) for _request in range(3)}) == 2


def answered(log: ProbeLog, since_s: float) -> Counter[str | None]:
    """Who answered what was asked since then."""
    return Counter(probe.by for probe in log.in_order() if probe.error is None and probe.sent_s > since_s)


def test_the_active_director_loses_its_power_and_the_other_goes_on(lab: Lab) -> None:
    """A hundred requests a second, none repeated: those that were sent while nobody had the VIP are lost."""
    began_s = time.monotonic()
    with ProbeLog(lab["client"], VIP, began_s) as log:

        def await_answers() -> None:
            """Of both real servers, from now on."""
            from_s = time.monotonic() - began_s
            eventually(lambda: answered(log, from_s).keys() == {"web01", "web02"}, lambda: answered(log, from_s))

        await_answers()
        cut_s = time.monotonic() - began_s
        lab["lb01"].power_cut()
        await_holder(lab, "lb02")
        await_answers()
    probes = log.in_order()
    ended_s = probes[-1].sent_s
    later = [gap for gap in gaps(probes) if gap.end_s is None or gap.end_s > cut_s]
    gap = max(later, key=lambda one: one.seconds(ended_s))  # a machine that is busy makes others, short ones
    after = answered(log, cut_s + gap.seconds(ended_s))
    lost, longest_s = gap.unanswered, gap.seconds(ended_s)
    sys.stdout.write(
        f"\n{len(probes)} requests, {lost} lost, for {longest_s:.2f} s nobody answers, then {dict(after)}\n"
    )
    assert longest_s <= GAP_MAX_S
    assert 0 < lost <= GAP_MAX_S / INTERVAL_S
    await_director(lab, "lb02")


def test_the_preferred_director_takes_the_vip_back_when_it_has_power(lab: Lab) -> None:
    """Its configuration, its modules and its table are there again without anybody's help."""
    lab["lb01"].power_on()
    await_director(lab, "lb01")
    await_table(lab, SHARED)
    assert {fetch(lab) for _request in range(3)} == {"This is web01.", "This is web02."}
