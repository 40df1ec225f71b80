# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration that reads well: each case as text, with exactly what is said."""

from __future__ import annotations

from collections.abc import Collection
from typing import Optional

import pytest
from vipd.config.check import check
from vipd.config.model import Config, VrrpInstance
from vipd.config.parse import parse

GOOD = "vrrp_instance A {{\ninterface eth0\nvirtual_router_id 51\n{}\nvirtual_ipaddress {{ 10.0.0.3/24 }}\n}}\n"


def found(text: str, interfaces: Optional[Collection[str]] = None) -> list[str]:
    parsed = parse(text, file="f")
    assert parsed.errors == ()
    return [str(diagnostic) for diagnostic in check(parsed.config, interfaces)]


def test_nothing_is_found_in_a_good_one() -> None:
    assert found(GOOD.format("track_interface { eth1 }"), ["eth0", "eth1", "lo"]) == []


CASES = [
    (
        "vrrp_instance A { virtual_ipaddress { 10.0.0.3 } }",
        [
            "f:1:1: error: vrrp_instance A has no interface; add an interface line",
            "f:1:1: error: vrrp_instance A has no virtual_router_id; add one from 1 to 255, the same on all nodes",
        ],
    ),
    (
        "vrrp_instance A { virtual_ipaddress { 10.0.0.3 } }\nvrrp_instance B { virtual_ipaddress { 10.0.0.4 } }",
        [
            "f:1:1: error: vrrp_instance A has no interface; add an interface line",
            "f:1:1: error: vrrp_instance A has no virtual_router_id; add one from 1 to 255, the same on all nodes",
            "f:2:1: error: vrrp_instance B has no interface; add an interface line",
            "f:2:1: error: vrrp_instance B has no virtual_router_id; add one from 1 to 255, the same on all nodes",
        ],
    ),
    ("vrrp_script a { interval 2 }", ["f:1:1: error: vrrp_script a has no script; add a script line"]),
    (
        "vrrp_script a { script /x }\nvrrp_script a { script /y }",
        ["f:2:1: error: vrrp_script a was given before, at f:1:1; remove or rename one of the two"],
    ),
    (
        GOOD.format("") + GOOD.format("").replace("51", "52").replace("10.0.0.3", "10.0.0.4"),
        ["f:7:1: error: vrrp_instance A was given before, at f:1:1; remove or rename one of the two"],
    ),
    (
        GOOD.format("") + GOOD.format("").replace("A", "B").replace("10.0.0.3", "10.0.0.4"),
        [
            "f:7:1: error: vrrp_instance B has the virtual_router_id 51, as A has on eth0;"
            " give each instance on an interface its own"
        ],
    ),
    (GOOD.format("") + GOOD.format("").replace("A", "B").replace("eth0", "eth1").replace("10.0.0.3", "10.0.0.4"), []),
    (
        GOOD.format("") + GOOD.format("").replace("A", "B").replace("51", "52"),
        [
            "f:11:21: error: vrrp_instance B: 10.0.0.3 is an address of A too;"
            " their masters can be two nodes: give it to one instance"
        ],
    ),
    (
        GOOD.format("virtual_ipaddress { 10.0.0.3/32 }"),
        [
            "f:5:21: error: vrrp_instance A: address 10.0.0.3 was given before, at f:4:21;"
            " remove or rename one of the two"
        ],
    ),
    (
        "vrrp_instance A { interface eth0\nvirtual_router_id 51 }",
        ["f:1:1: warning: vrrp_instance A has no address; its master will hold nothing"],
    ),
    (
        "vrrp_instance A {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n"
        + "".join(f"10.0.{number >> 8}.{number & 255}\n" for number in range(256))
        + "}\n}",
        ["f:1:1: error: vrrp_instance A has 256 addresses, an advert holds 255; use several instances"],
    ),
    (
        GOOD.format("track_script { check\ncheck }"),
        [
            "f:4:16: error: vrrp_instance A tracks check, which no vrrp_script defines; define it, or remove it here",
            "f:5:1: error: vrrp_instance A: track_script check was given before, at f:4:16;"
            " remove or rename one of the two",
            "f:5:1: error: vrrp_instance A tracks check, which no vrrp_script defines; define it, or remove it here",
        ],
    ),
    (
        GOOD.format("track_script { check }") + "vrrp_script check { script /x }",
        [
            "f:4:16: warning: vrrp_instance A tracks check, which is defined later;"
            " keepalived would not track it: define it further up"
        ],
    ),
    (
        GOOD.format("track_interface { eth1\neth1 weight 3 }"),
        [
            "f:5:1: error: vrrp_instance A: track_interface eth1 was given before, at f:4:19;"
            " remove or rename one of the two"
        ],
    ),
    (
        "vrrp_script a { script /x\nweight 2 }\nvrrp_script b { script /x }\n"
        + GOOD.format("priority 255\ntrack_script { a\nb\nb2 weight 0 }\ntrack_interface { eth1\neth2 weight -5 }"),
        [
            "f:8:16: warning: vrrp_instance A: the weight of a has no effect on priority 255;"
            " use a lower priority, or weight 0",
            "f:10:1: error: vrrp_instance A tracks b2, which no vrrp_script defines; define it, or remove it here",
            "f:12:1: warning: vrrp_instance A: the weight of eth2 has no effect on priority 255;"
            " use a lower priority, or weight 0",
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_findings(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_interfaces_that_do_not_exist() -> None:
    text = (
        GOOD.format("track_interface { eth7 }")
        .replace("/24", "/24 dev eth8")
        .replace("interface eth0", "interface eth9")
    )
    assert found(text) == []
    assert found(text, ["lo", "eth0"]) == [
        "f:1:1: error: vrrp_instance A: there is no interface eth9; this node has eth0, lo",
        "f:4:19: error: vrrp_instance A: there is no interface eth7; this node has eth0, lo",
        "f:5:21: error: vrrp_instance A: there is no interface eth8; this node has eth0, lo",
    ]


def test_a_script_in_another_file_has_no_order_to_be_wrong() -> None:
    script = parse("\n" * 9 + "vrrp_script check { script /x }", file="scripts.conf").config.scripts
    instances = parse(GOOD.format("track_script { check }"), file="main.conf").config.instances
    assert check(Config(scripts=script, instances=instances)) == ()


def test_nopreempt_of_a_model_that_no_file_gave() -> None:
    instance = VrrpInstance("A", "eth0", 51, state="MASTER", nopreempt=True)
    (first, second) = check(Config(instances=(instance,)))
    assert second.message == "vrrp_instance A: nopreempt is ignored: it does not work with state MASTER"
    assert first.message == "vrrp_instance A has no address"


def test_places_take_no_part_in_equality() -> None:
    one, other = (parse(prefix + GOOD.format("")).config for prefix in ("", "\n\n"))
    assert one == other
    assert one.instances[0].place != other.instances[0].place
