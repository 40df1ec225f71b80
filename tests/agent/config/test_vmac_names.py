# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMAC interfaces have names that no other has, and that a reload leaves alone."""

from __future__ import annotations

from vipd.config.model import Config
from vipd.config.parse import parse
from vipd.config.vmac_names import named

NOTHING = Config()


def config(*instances: str, prefix: str = "") -> Config:
    """Each is: name, interface, VRID, 4 or 6, then what follows ``use_vmac``; without that, no ``use_vmac``."""
    text = f"global_defs {{\nvmac_prefix {prefix}\n}}\n" if prefix else ""
    for number, instance in enumerate(instances):
        name, interface, vrid, family, *rest = instance.split()
        vip = f"10.0.0.{number}" if family == "4" else f"fd00::{number}"
        vmac = f"use_vmac {' '.join(rest[1:])}\n" if rest else ""
        text += f"vrrp_instance {name} {{\ninterface {interface}\nvirtual_router_id {vrid}\n{vmac}"
        text += f"virtual_ipaddress {{\n{vip}\n}}\n}}\n"
    parsed = parse(text)
    assert parsed.errors == ()
    return parsed.config


def names(found: Config) -> list[str]:
    return [str(one.use_vmac.name) for one in found.instances if one.use_vmac]


IN, OUT = "IN eth0 1 4 use_vmac", "OUT eth1 1 4 use_vmac"


def test_one_vrid_on_several_interfaces() -> None:
    wanted = config(IN, OUT, "DMZ eth2 1 4 use_vmac", "OTHER eth2 2 4 use_vmac", "PLAIN eth3 1 4")
    assert names(named(wanted, NOTHING)) == ["vrrp.1", "vrrp1.1", "vrrp2.1", "vrrp.2"]


def test_ipv6_has_names_of_its_own() -> None:
    wanted = config(IN, "IN6 eth0 1 6 use_vmac", "OUT6 eth1 1 6 use_vmac")
    assert names(named(wanted, NOTHING)) == ["vrrp.1", "vrrp6.1", "vrrp1.1"]


def test_a_name_that_is_given_is_nobody_elses() -> None:
    assert names(named(config(IN, OUT + " vrrp.1"), NOTHING)) == ["vrrp1.1", "vrrp.1"]


def test_a_prefix_that_leaves_no_room_is_cut() -> None:
    assert names(named(config(IN, OUT, prefix="abcdefghijklmno"), NOTHING)) == ["abcdefghijklm.1", "abcdefghijkl1.1"]


def test_a_reload_leaves_the_names_of_the_others_alone() -> None:
    running = named(config(IN, OUT), NOTHING)
    assert names(named(config(OUT), running)) == ["vrrp1.1"]
    assert names(named(config("NEW eth2 1 4 use_vmac", "RENAMED eth1 1 4 use_vmac"), running)) == ["vrrp.1", "vrrp1.1"]


def test_a_name_that_is_given_no_more_goes() -> None:
    running = named(config(IN + " vm0"), NOTHING)
    assert names(named(config(IN), running)) == ["vrrp.1"]


def test_a_new_prefix_counts() -> None:
    assert names(named(config(IN, prefix="vip"), named(config(IN), NOTHING))) == ["vip.1"]
