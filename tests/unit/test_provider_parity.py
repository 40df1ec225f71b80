# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a role can say runs under both providers: one text, which vipd's check and ``keepalived -t`` both accept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.plugin_utils.health_checks import CHECK_KEYS
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import COMMAND_KEYS, KEYS, SYNC_GROUP_KEYS
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import DERIVED_KEYWORDS, TOPOLOGIES
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_ips import VIP_KEYS
from vipd.checks.security import unrunnable
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.keywords.global_defs import GLOBAL_DEFS
from vipd.config.keywords.instance import VRRP_INSTANCE
from vipd.config.keywords.tracked import VRRP_SCRIPT
from vipd.config.parse import parse
from vipd.config.table import Block

from tests.agent.config.test_keepalived import LINKS, judged

HOSTS = {"lb01": {}, "lb02": {}}
PROGRAM = "/bin/true"
SINCE = "2.2"  # what the distribution's keepalived knows

# By variable, without the role's prefix: values that between them use every key.
VALUES: dict[str, list[Any]] = {
    "interface": ["eth1"],
    "virtual_router_id": [200],
    "advert_int_s": [3],
    "password": ["s3cret 1"],
    "nopreempt": [True],
    "checks": [
        [
            {"name": "a", "command": PROGRAM, "user": "root", "group": "root", "interval_s": 2, "timeout_s": 1,
             "fall": 2, "rise": 3, "weight": -20, "reverse": True, "init_fail": True},
            {"name": "b", "command": [PROGRAM, "a b", "c"]},
        ]
    ],
    "track_interfaces": [["eth3", {"name": "eth2", "weight": 5, "reverse": True}]],
    "notify": [{f"notify{state}": f"{PROGRAM} '{state} x'" for state in ("", "_master", "_backup", "_fault", "_stop")}],
    "script_user": ["root"],  # keepalived 2.2.7 -t ends itself with SIGTERM when a script runs as another user
    "instances": [
        [{"name": "VI_WEB", "virtual_router_id": 99, "priorities": {"lb01": 20, "lb02": 10},
          "states": {"lb01": "BACKUP"},
          "notify": {"notify_stop": {"command": PROGRAM, "user": "root", "group": "root"}},
          "interface": "eth2", "advert_int_s": 2, "password": "other", "nopreempt": True,
          "checks": [{"name": "a", "weight": -5, "reverse": True}], "track_interfaces": ["eth1"],
          "options": {"garp_master_delay": 1}, "hosts": {"lb02": {"nopreempt": False}}}]
    ],
    "raw": ["static_routes {\n192.0.2.0/24 via 10.0.0.1 dev eth0\n}"],
}  # fmt: skip
VIP = {"address": "10.0.0.3/24", "dev": "eth1", "label": "eth1:web", "broadcast": "10.0.0.255", "scope": "link",
       "options": "noprefixroute", "instance": "VI_1"}  # fmt: skip

# Arguments for keywords that are passed through; those that take none, or a word such as true, need no entry.
ARGUMENTS: dict[str, Any] = {
    "version": 3,
    "preempt_delay": 30,
    "mcast_src_ip": "10.0.0.5",
    "mcast_dst_ip": "224.0.0.19",
    "native_ipv6": None,  # the roles serve IPv4
    "unicast_src_ip": "10.0.0.5",
    "unicast_peer": ["10.0.0.6"],
    "track_process": ["p weight 10"],
    "track_file": ["f weight 2"],
    "notify_fifo_script": PROGRAM,
    "vrrp_notify_fifo_script": PROGRAM,
    "lvs_notify_fifo_script": PROGRAM,
    "lvs_timeouts": "tcp 100 udp 10",
    "lvs_sync_daemon": "eth0 VI_1",
    "unicast_ttl": 64,
    "down_timer_adverts": 4,
    "kernel_rx_buf_size": 65536,
    "garp_master_delay": 1,
    "garp_master_repeat": 2,
    "garp_master_refresh": 60,
    "garp_master_refresh_repeat": 2,
    "garp_lower_prio_delay": 1,
    "garp_lower_prio_repeat": 2,
    "garp_extra_if": "all 100",
    "virtual_ipaddress_excluded": ["10.0.0.9/32 dev eth1"],
    "virtual_routes": ["192.0.2.0/24 via 10.0.0.1 dev eth0"],
    "virtual_rules": ["from 192.0.2.0/24 lookup 7 priority 100"],
    "notify_deleted": PROGRAM,
    "notify_master_rx_lower_pri": PROGRAM,
    "router_id": "LVS_DEVEL",
    "script_user": "nobody",
    "default_interface": "eth0",
    "vrrp_version": 3,
    "vrrp_mcast_group4": "224.0.0.19",
    "vrrp_mcast_group6": "ff02::13",
    "vrrp_garp_master_delay": 1,
    "vrrp_garp_master_repeat": 2,
    "vrrp_garp_master_refresh": 60,
    "vrrp_garp_master_refresh_repeat": 2,
    "vrrp_garp_lower_prio_delay": 1,
    "vrrp_garp_lower_prio_repeat": 2,
    "vrrp_garp_interval": 0.5,
    "vrrp_gna_interval": 0.5,
    "vrrp_garp_extra_if": "all 100",
    "vrrp_down_timer_adverts": 4,
    "vrrp_startup_delay": 2,
    "nftables_priority": 1,
    "notify_fifo": "/run/f1",
    "vrrp_notify_fifo": "/run/f2",
    "lvs_notify_fifo": "/run/f3",
    "notification_email": ["ops@example.com"],
    "notification_email_from": "lb@example.com",
    "smtp_server": "127.0.0.1 2525",
    "smtp_helo_name": "lb01",
    "smtp_connect_timeout": 10,
    "startup_script": PROGRAM,
    "startup_script_timeout": 5,
    "shutdown_script": PROGRAM,
    "shutdown_script_timeout": 5,
}
# Meaningful only beside something else.
BACKUP = {"instances": [{"states": {"lb01": "BACKUP"}}]}
ALSO: dict[str, dict[str, Any]] = {
    "instances": {"checks": VALUES["checks"][0]},
    "preempt_delay": BACKUP,
    "strict_mode": BACKUP,
    "vrrp_strict": BACKUP,
    "track_process": {"raw": "vrrp_track_process p {\nprocess nginx\n}"},
    "track_file": {"raw": "vrrp_track_file f {\nfile /run/f\n}"},
}
BESIDE: dict[str, dict[str, Any]] = {
    "unicast_src_ip": {"unicast_peer": ["10.0.0.6"]},
    "notify_fifo_script": {"notify_fifo": "/run/f1"},
    "vrrp_notify_fifo_script": {"vrrp_notify_fifo": "/run/f2"},
    "lvs_notify_fifo_script": {"lvs_notify_fifo": "/run/f3"},
    "track_src_ip": {"mcast_src_ip": "10.0.0.5"},
    "unicast_ttl": {"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.6"]},
    "check_unicast_src": {"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.6"]},
    "unicast_fault_no_peer": {"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.6"]},
    "old_unicast_checksum": {"unicast_src_ip": "10.0.0.5", "unicast_peer": ["10.0.0.6"]},
    "vmac_xmit_base": {"use_vmac": True},
    "use_vmac_addr": {"use_vmac": True},
}


def mirrored(topology: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the other host says: where one speaks to the other, the other speaks to the one."""
    options = {**given.get(f"{topology}_instance_options", {})}
    if "unicast_peer" in options:
        own, peer = options.get("unicast_src_ip", "10.0.0.5"), options["unicast_peer"][0]
        options |= {"unicast_src_ip": peer, "unicast_peer": [own]}
    return {**given, f"{topology}_instance_options": options} if options else {**given}


def planned(topology: str, given: Mapping[str, Any], provider: str = "vipd") -> dict[str, str]:
    vips = [{**VIP, "preferred": "lb01"}, {"address": "10.0.0.4/24", "preferred": "lb02"}]
    shared = {
        f"{topology}_vips": vips
        if topology == "dual_master"
        else [{**VIP}, {"address": "10.0.0.4/24", "instance": "VI_1"}]
    }
    named = {f"{topology}_{name}": value for name, value in given.items()}
    hosts = {"lb01": named, "lb02": mirrored(topology, named)}
    plan = pair_plan(
        {**shared, **named, "vipd_provider": provider}, topology, hostvars=hosts, host="lb01", play_hosts=list(hosts)
    )
    return {host: one["text"] for host, one in plan["hosts"].items()}


def passed_through(block: Block, but: Mapping[str, Any]) -> Iterator[str]:
    """Keywords of the table that vipd acts upon, and keepalived 2.2 knows, and a role leaves to its user."""
    for keyword in block.keywords:
        if keyword.kept and not keyword.alias and (keyword.since or "2.0") <= SINCE and keyword.name not in but:
            yield keyword.name


def cases() -> Iterator[Any]:
    for name, values in VALUES.items():
        for value in values:
            yield pytest.param({**ALSO.get(name, {}), name: value}, id=name)
    for variable, block, but in (
        ("instance_options", VRRP_INSTANCE, DERIVED_KEYWORDS),
        ("global_options", GLOBAL_DEFS, {}),
    ):
        for keyword in passed_through(block, but):
            argument = ARGUMENTS.get(keyword, True)
            if argument is not None:
                options = {**BESIDE.get(keyword, {}), keyword: argument}
                yield pytest.param({variable: options, **ALSO.get(keyword, {})}, id=f"{variable}-{keyword}")


needs_keepalived = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived"
)


@pytest.mark.parametrize("given", [*cases()])
@needs_keepalived
def test_both_providers_get_one_text_and_accept_it(given: dict[str, Any], tmp_path: Path) -> None:
    texts = planned("single_master", given)
    assert texts == planned("single_master", given, "keepalived")
    text = texts["lb01"]
    parsed = parse(text)
    found = (*parsed.diagnostics, *check(parsed.config, LINKS), *unrunnable(parsed.config))
    assert [one for one in found if one.severity is Severity.ERROR] == []
    assert judged(text, tmp_path) == ""


@needs_keepalived
def test_a_dual_master_that_says_all_at_once_is_accepted(tmp_path: Path) -> None:
    given = {name: values[0] for name, values in VALUES.items()}
    texts = planned("dual_master", given)
    assert texts == planned("dual_master", given, "keepalived")
    assert [judged(text, tmp_path) for text in texts.values()] == ["", ""]


def test_every_variable_and_every_key_is_among_the_cases() -> None:
    derived = {"state", "hosts", "vips", "preferred", "priority", "instance_options", "global_options"}
    derived |= {"reserved_virtual_router_ids", "password_file", "sync_groups"}
    assert VALUES.keys() == (TOPOLOGIES["single_master"].keys() | TOPOLOGIES["dual_master"].keys()) - derived
    assert VIP.keys() == set(VIP_KEYS)
    assert VALUES["checks"][0][0].keys() == set(CHECK_KEYS)
    assert VALUES["instances"][0][0].keys() == set(KEYS)
    assert VALUES["instances"][0][0]["notify"]["notify_stop"].keys() == set(COMMAND_KEYS)


@needs_keepalived
def test_both_families_by_unicast_in_a_sync_group_are_accepted(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "single_master_vips": [
            {"address": "10.0.0.3/24", "instance": "OUTSIDE"},
            {"address": "2001:db8::3/64", "instance": "OUTSIDE"},
            {"address": "192.0.2.3/24", "instance": "INSIDE"},
            {"address": "2001:db8:1::3/64", "instance": "V6"},
        ],
        "single_master_instances": [{}, {"interface": "eth1"}],
        "single_master_sync_groups": [
            {"name": "GATEWAY", "instances": ["OUTSIDE", "INSIDE"], "notify": {"notify_stop": f"{PROGRAM} 'a b'"}}
        ],
        "vipd_unicast": True,
    }
    hosts = {
        host: {"ansible_host": f"10.0.0.{number}", "vipd_unicast_address": [f"10.0.0.{number}", f"2001:db8::{number}"]}
        for host, number in (("lb01", 5), ("lb02", 6))
    }
    assert given["single_master_sync_groups"][0].keys() == set(SYNC_GROUP_KEYS)
    plan = pair_plan(given, "single_master", hostvars=hosts, host="lb01", play_hosts=list(hosts))
    for host, planned_for_it in plan["hosts"].items():
        parsed = parse(planned_for_it["text"], file=host)
        assert (*parsed.diagnostics, *check(parsed.config, LINKS)) == ()
        assert judged(planned_for_it["text"], tmp_path) == ""


SCENARIO = Path(__file__).resolve().parents[2] / "molecule" / "mixed_providers" / "inventory.yml"
BLOCKS = {"global_defs": GLOBAL_DEFS, "vrrp_instance": VRRP_INSTANCE, "vrrp_script": VRRP_SCRIPT}
# What molecule/mixed_providers cannot say beside the rest, or not on its nodes. All of it is among the cases above.
NOT_IN_THE_SCENARIO = {
    "global_defs": {
        "vrrp_strict": "would refuse most of the other instances; strict_mode says it for one",
        **dict.fromkeys(
            (
                *("lvs_timeouts", "lvs_sync_daemon", "lvs_flush", "lvs_flush_on_stop"),
                *("lvs_notify_fifo", "lvs_notify_fifo_script"),
            ),
            "needs a kernel with IPVS, see tests/lvs",
        ),
    },
    "vrrp_instance": {},
    "vrrp_script": {},
}


def scenario() -> dict[str, str]:
    inventory = yaml.safe_load(SCENARIO.read_text())["lb"]
    shared = inventory["vars"]
    hostvars = {host: {**shared, **own} for host, own in inventory["hosts"].items()}
    given = {name: value for name, value in hostvars["lb01"].items() if name.startswith("dual_master_")}
    plan = pair_plan(given, "dual_master", hostvars=hostvars, host="lb01", play_hosts=list(hostvars))
    return {host: one["text"] for host, one in plan["hosts"].items()}


def written(text: str) -> dict[str, set[str]]:
    """The keywords that stand in each kind of block, as ``render`` indents them."""
    found: dict[str, set[str]] = {name: set() for name in BLOCKS}
    block = ""
    for line in text.splitlines():
        if not line.startswith((" ", "}")):
            block = line.partition(" ")[0]
        elif line.startswith("    ") and not line.startswith(("     ", "    }")) and block in found:
            found[block].add(line.split()[0])
    return found


@pytest.mark.parametrize("block", BLOCKS)
def test_the_scenario_of_both_providers_says_every_keyword(block: str) -> None:
    """What a role can render means the same in molecule/mixed_providers, or stands above with a reason."""
    renderable = {
        one.name for one in BLOCKS[block].keywords if one.kept and not one.alias and (one.since or "2.0") <= SINCE
    }
    said = set().union(*(written(text)[block] for text in scenario().values()))
    assert renderable - said == NOT_IN_THE_SCENARIO[block].keys()


@needs_keepalived
def test_the_scenario_of_both_providers_is_accepted_by_both(tmp_path: Path) -> None:
    for text in scenario().values():
        parsed = parse(text)
        found = (*parsed.diagnostics, *check(parsed.config, LINKS), *unrunnable(parsed.config))
        assert [one for one in found if one.severity is Severity.ERROR] == []
        assert judged(text, tmp_path) == ""
