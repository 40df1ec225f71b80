# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a pair whose VIPs are numbered anew, and that node by node this is refused.

Two real cores exchange real adverts; the steps are those of playbooks/tasks/rolling_update_node.yml, and of two reloads
one after the other. The playbooks themselves run in molecule/operations.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.filter.renumbering import changes
from vipd.config.parse import parse
from vipd.core.effects import AddAddresses, RemoveAddresses, SendAdvert
from vipd.core.events import ConfigLoaded, DeadlineReached, Event, LinkChanged, MaintenanceChanged
from vipd.core.router import Router

from tests.sim.packet import Packet, opened, sealed
from tests.sim.segment import PRIMARY

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
NUMBERS = {"lb01": 5, "lb02": 6}
HOSTS = {host: {"ansible_host": f"10.0.0.{number}"} for host, number in NUMBERS.items()}
THREE, FOUR = IPv4Address("10.0.0.3"), IPv4Address("10.0.0.4")
STEP_S = 0.01


def planned(*vips: Any, **more: Any) -> dict[str, Any]:
    given = {"dual_master_vips": [f"{vip}/24" for vip in vips], "dual_master_interface": PRIMARY, **more}
    return pair_plan(given, "dual_master", hostvars=HOSTS, host="lb01", play_hosts=list(HOSTS))


BOTH, WITHOUT_THREE = planned(THREE, FOUR), planned(FOUR)
PINNED = planned(FOUR, dual_master_instances=[{"virtual_router_id": 52}])


class Pair:
    """Both run what was planned, and have settled. ``shared``: how long a VIP was on both, in seconds."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.now = self.shared_s = 0.0
        self.routers = {host: Router() for host in HOSTS}
        self.kernels: dict[str, set[Any]] = {host: set() for host in HOSTS}
        self.wire: deque[tuple[str, Packet]] = deque()
        for host, number in NUMBERS.items():
            own = IPv4Address(f"10.0.0.{number}")
            self.tell(host, LinkChanged(PRIMARY, True, own, None, frozenset({own})))
            self.load(host, plan)
        self.pass_time(10.0)

    def load(self, host: str, plan: dict[str, Any]) -> None:
        self.tell(host, ConfigLoaded(parse(plan["hosts"][host]["text"]).config))

    def tell(self, host: str, event: Event) -> None:
        self._handle(host, event)
        while self.wire:
            sender, packet = self.wire.popleft()
            for other in (other for other in HOSTS if other != sender):
                self._handle(other, opened(packet))

    def _handle(self, host: str, event: Event) -> None:
        for effect in self.routers[host].handle(event, self.now):
            if isinstance(effect, AddAddresses):
                self.kernels[host] |= {vip.address for vip in effect.addresses}
            elif isinstance(effect, RemoveAddresses):
                self.kernels[host] -= {vip.address for vip in effect.addresses}
            elif isinstance(effect, SendAdvert):
                self.wire += [(host, packet) for packet in sealed(effect, hops=0)]

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += STEP_S
            self.shared_s += STEP_S if self.on_both else 0.0
            for host, router in self.routers.items():
                due = router.next_deadline()
                if due is not None and due <= self.now:
                    self.tell(host, DeadlineReached())

    @property
    def on_both(self) -> set[Any]:
        return set.intersection(*self.kernels.values())

    def update(self, host: str, plan: dict[str, Any]) -> None:
        """As rolling_update does."""
        self.tell(host, MaintenanceChanged(on=True, force=True))
        self.pass_time(5.0)
        self.load(host, plan)
        self.pass_time(5.0)
        self.tell(host, MaintenanceChanged(on=False, force=False))
        self.pass_time(10.0)


def seen_of(plan: dict[str, Any]) -> dict[str, Any]:
    return {host: {"instances": of["speaks"]} for host, of in plan["hosts"].items()}


def test_node_by_node_a_vip_would_be_on_both_for_good_and_that_is_refused() -> None:
    pair = Pair(BOTH)
    assert pair.kernels == {"lb01": {THREE}, "lb02": {FOUR}}
    pair.update("lb01", WITHOUT_THREE)
    pair.pass_time(60.0)
    assert pair.on_both == {FOUR}
    assert changes(WITHOUT_THREE, "dual_master", seen_of(BOTH))["changes"]


def test_with_the_number_that_it_has_it_is_never_on_both() -> None:
    assert changes(PINNED, "dual_master", seen_of(BOTH))["changes"] == []
    pair = Pair(BOTH)
    for host in HOSTS:
        pair.update(host, PINNED)
        assert FOUR in set.union(*pair.kernels.values())
    assert pair.kernels == {"lb01": {FOUR}, "lb02": set()}
    assert pair.shared_s == 0.0


@pytest.mark.parametrize("order", [["lb01", "lb02"], ["lb02", "lb01"]])
def test_a_run_of_all_nodes_has_it_on_both_between_their_reloads_at_most(order: list[str]) -> None:
    pair = Pair(BOTH)
    for host in order:
        pair.load(host, WITHOUT_THREE)
        pair.pass_time(1.0)
    assert pair.shared_s <= 1.0 + 2 * STEP_S
    pair.pass_time(10.0)
    assert pair.kernels == {"lb01": {FOUR}, "lb02": set()}
    assert pair.shared_s <= 1.0 + 2 * STEP_S


@pytest.mark.parametrize("order", [["lb01", "lb02"], ["lb02", "lb01"]])
@pytest.mark.parametrize("resting", list(HOSTS))
def test_with_all_but_one_in_maintenance_it_is_never_on_both(order: list[str], resting: str) -> None:
    """As docs/operations.md says."""
    pair = Pair(BOTH)
    pair.tell(resting, MaintenanceChanged(on=True, force=True))
    pair.pass_time(5.0)
    for host in order:
        pair.load(host, WITHOUT_THREE)
        pair.pass_time(5.0)
    pair.tell(resting, MaintenanceChanged(on=False, force=False))
    pair.pass_time(10.0)
    assert pair.kernels == {"lb01": {FOUR}, "lb02": set()}
    assert pair.shared_s == 0.0


HERE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


def compared(place: Path, *, limit: str = "all", **variables: Any) -> tuple[int, str]:
    """The tasks that the playbooks share, on nodes that say that they have both VIPs."""
    variables = {"dual_master_interface": "lo", "dual_master_hosts": list(HOSTS), **variables}
    group = {"hosts": dict.fromkeys(HOSTS, HERE), "vars": variables}
    (place / "hosts.yml").write_text(yaml.safe_dump({"lb": group}))
    for beside in ("tasks", "vars"):
        (place / beside).symlink_to(PLAYBOOKS / beside)
    seen = seen_of(planned(THREE, FOUR, dual_master_interface="lo"))
    play: dict[str, Any] = {
        "hosts": "lb",
        "gather_facts": False,
        "vars_files": ["vars/pair.yml"],
        "vars": {"__pair_seen": {"results": list(seen.values())}},
        "tasks": [{"ansible.builtin.include_tasks": "tasks/same_router_ids.yml"}],
    }
    (place / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", "--limit", limit, "play.yml"],
        cwd=place,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_the_playbooks_refuse_and_say_what_to_do(tmp_path: Path) -> None:
    """Of those that --limit leaves out, too."""
    status, said = compared(tmp_path, limit="lb01", dual_master_vips=["10.0.0.4/24"])
    assert status == 2
    assert "nothing was changed: 10.0.0.4 from VRID 52 to VRID 51 on lb02. " in said
    pin = "dual_master_instances[0].virtual_router_id: 52"
    assert f"Set {pin}, or deploy all nodes at once: lbha.pair.site without --limit" in said


def test_they_go_on_with_the_pin(tmp_path: Path) -> None:
    pinned = [{"virtual_router_id": 52}]
    status, said = compared(tmp_path, dual_master_vips=["10.0.0.4/24"], dual_master_instances=pinned)
    assert status == 0, said


def names(tasks: list[dict[str, Any]]) -> list[str]:
    """The files that are included, those of blocks too, in their order."""
    found = []
    for task in tasks:
        found += names(task["block"]) if "block" in task else [str(task.get("ansible.builtin.include_tasks", "-"))]
    return found


def test_both_compare_before_a_node_is_touched() -> None:
    compare = "tasks/same_router_ids.yml"
    rolling, site = (yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text()) for name in ("rolling_update", "site"))
    before = names(rolling[0]["tasks"])
    assert before.index("tasks/no_doubt.yml") < before.index(compare)
    before = names(site[0]["tasks"])
    assert before.index("tasks/survey.yml") < before.index(compare)
