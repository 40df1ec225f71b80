# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two configurations compared: what a reload would do, in sentences, and whether a VIP may leave this node."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from vipd.config.difference import Difference, differences
from vipd.config.model import (
    Command,
    Config,
    GlobalDefs,
    Notify,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
    VrrpSyncGroup,
)

from tests.agent.config.models import configs


def vip(text: str, **words: object) -> VirtualAddress:
    return VirtualAddress(ip_address(text), **words)  # type: ignore[arg-type]


V = VrrpInstance("V", "eth0", 51, priority=150, auth_pass="s3cret", virtual_ipaddress=(vip("10.0.0.3"),))
W = VrrpInstance("W", "eth0", 52, virtual_ipaddress=(vip("10.0.0.4"),))
BEFORE = Config(instances=(V, W))


def changes(*instances: VrrpInstance) -> tuple[Difference, ...]:
    return differences(BEFORE, replace(BEFORE, instances=instances))


def only(found: tuple[Difference, ...]) -> Difference:
    assert len(found) == 1, found
    return found[0]


@settings(max_examples=30)  # two configurations of every kind take their time to make
@given(configs())
def test_nothing_differs_from_itself(config: Config) -> None:
    assert differences(config, config) == ()


@settings(max_examples=30)
@given(configs(), configs())
def test_it_always_has_an_answer_without_a_password(before: Config, after: Config) -> None:
    found = differences(before, after)
    assert bool(found) == (before != after)
    passwords = {one.auth_pass for one in (*before.instances, *after.instances) if one.auth_pass}
    assert not [text for text in map(str, found) for word in passwords if f" {word}" in text and len(word) > 5]


def test_an_instance_that_ends_gives_up_its_vips() -> None:
    ended, taken_off = changes(V)
    assert (ended.kind, ended.moves_vip) == ("removed", True)
    assert str(ended) == (
        "vrrp_instance W ends: a master says priority 0 and takes its VIPs off (a VIP may leave this node)"
    )
    assert (taken_off.subject, taken_off.moves_vip) == ("10.0.0.4", True)


def test_an_instance_that_begins_moves_nothing() -> None:
    new = VrrpInstance("X", "eth1", 51, virtual_ipaddress=(vip("10.0.1.3"),))
    begun, put_on = changes(V, W, new)
    assert str(begun) == "vrrp_instance X begins (VRID 51 on eth1) as a backup"
    assert str(put_on) == "10.0.1.3 is put on where vrrp_instance X is master"


def test_a_new_name_is_no_new_instance() -> None:
    found = only(changes(replace(V, name="web"), W))
    assert (found.kind, found.moves_vip) == ("renamed", False)
    assert str(found) == "vrrp_instance V is now called web, and keeps its state"


def test_another_vrid_is_another_instance_and_the_vip_moves() -> None:
    kinds = [(one.kind, one.moves_vip) for one in changes(replace(V, virtual_router_id=53), W)]
    assert kinds == [("removed", True), ("added", False), ("moved", True)]


def test_a_vip_that_moves_between_instances_is_neither_removed_nor_added() -> None:
    both = replace(W, virtual_ipaddress=(*W.virtual_ipaddress, *V.virtual_ipaddress))
    found = only(changes(replace(V, virtual_ipaddress=()), both))
    assert (found.kind, found.subject, found.moves_vip) == ("moved", "10.0.0.3", True)
    assert "moves from vrrp_instance V to vrrp_instance W" in str(found)


def test_a_vip_whose_line_changes_is_exchanged() -> None:
    found = only(changes(replace(V, virtual_ipaddress=(vip("10.0.0.3", prefix_length=24),)), W))
    assert (found.kind, found.moves_vip) == ("changed", False)
    assert "taken off and put on again" in str(found)


@pytest.mark.parametrize(
    ("change", "text", "moves"),
    [
        ({"priority": 100}, "priority 150 -> 100", True),
        ({"priority": 200}, "priority 150 -> 200", False),
        ({"advert_int_s": 2.0}, "advert_int 1 -> 2; the other nodes must have the same", True),
        ({"auth_pass": "other"}, "auth_pass is changed; the other nodes must have the same", True),
        ({"version": 3}, "version default -> 3; the other nodes must have the same", True),
        ({"nopreempt": True}, "nopreempt off -> on", True),
        ({"notify": Notify(master=Command(("x",)))}, "notify is changed", False),
    ],
)
def test_a_setting_of_an_instance(change: dict[str, object], text: str, moves: bool) -> None:
    found = only(changes(replace(V, **change), W))  # type: ignore[arg-type]
    assert found.text == f"vrrp_instance V: {text}"
    assert found.moves_vip is moves


def test_definitions_groups_and_the_node() -> None:
    web = VrrpScript("web", Command(("/bin/true",)))
    before = Config(GlobalDefs(router_id="a"), scripts=(web,), sync_groups=(VrrpSyncGroup("G", ("V",)),))
    after = Config(
        GlobalDefs(router_id="b", vrrp_startup_delay_s=5.0),
        scripts=(replace(web, interval_s=2.5), VrrpScript("db", Command(("/bin/true",)))),
    )
    assert [str(one) for one in differences(before, after)] == [
        "vrrp_sync_group G is removed (a VIP may leave this node)",
        "vrrp_script db is added",
        "vrrp_script web: interval 1 -> 2.5",
        "global_defs: router_id a -> b",
        "global_defs: vrrp_startup_delay 0 -> 5 (takes effect at the next start)",
    ]


def test_as_plain_data() -> None:
    assert only(changes(replace(V, priority=100), W)).plain() == {
        "kind": "changed",
        "subject": "vrrp_instance V",
        "text": "vrrp_instance V: priority 150 -> 100",
        "moves_vip": True,
        "needs_restart": False,
        "sentence": "vrrp_instance V: priority 150 -> 100 (a VIP may leave this node)",
    }
