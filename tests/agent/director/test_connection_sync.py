# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which threads copy connections: the instance decides, and what the kernel chose by itself is no difference."""

from __future__ import annotations

from dataclasses import replace

import pytest
from vipd.config.parse import parse
from vipd.director.connection_sync import SyncThread, threads

INSTANCE = "vrrp_instance V {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n 10.0.0.250\n }\n}\n"


def config(line: str) -> str:
    return f"global_defs {{\n{line}\n}}\n{INSTANCE}"


@pytest.mark.parametrize(
    ("states", "role"),
    [({}, "backup"), ({"V": "BACKUP"}, "backup"), ({"V": "MASTER"}, "master"), ({"V": "FAULT"}, "backup")],
)
def test_the_master_sends_and_whoever_else_listens(states: dict[str, str], role: str) -> None:
    found = parse(config("lvs_sync_daemon eth1 V maxlen 1400 port 8900 ttl 3 group 224.0.0.99")).config
    (thread,) = threads(found, states)
    assert (thread.role, thread.interface, thread.id) == (role, "eth1", 51)
    assert (thread.maxlen, thread.port, thread.ttl, str(thread.group)) == (1400, 8900, 3, "224.0.0.99")


def test_an_id_of_its_own_counts_before_the_vrid() -> None:
    assert threads(parse(config("lvs_sync_daemon eth1 V id 7")).config, {})[0].id == 7


def test_without_an_instance_both_run() -> None:
    assert [(one.role, one.id) for one in threads(parse(config("lvs_sync_daemon eth1 id 9")).config, {})] == [
        ("master", 9),
        ("backup", 9),
    ]


def test_without_the_keyword_none_runs() -> None:
    assert threads(parse(INSTANCE).config, {"V": "MASTER"}) == ()


def test_what_the_kernel_chose_is_no_difference() -> None:
    wanted = SyncThread("backup", "eth0", 51)
    running = replace(wanted, maxlen=1472, port=8848, ttl=1)
    assert wanted.is_met_by(running)
    assert not replace(wanted, port=9000).is_met_by(running)
    assert not replace(wanted, role="master").is_met_by(running)
