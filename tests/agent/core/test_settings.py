# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The instance's settings, else the node's, else the defaults: keepalived.conf(5) as a table."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from vipd.config.model import GarpSettings, GlobalDefs, UnicastPeer, VirtualAddress, Vmac, VrrpInstance
from vipd.core.settings import ADVERTISED_MAX, Settings, resolve
from vipd.wire.vrrp import AUTH_NONE, AUTH_PASS, Checksum

NO_GLOBALS = GlobalDefs()


def settings(node: GlobalDefs = NO_GLOBALS, vips: tuple[str, ...] = ("10.0.0.3",), **fields: Any) -> Settings:
    addresses = tuple(VirtualAddress(ip_address(vip)) for vip in vips)
    return resolve(VrrpInstance("VI_1", "eth0", 51, virtual_ipaddress=addresses, **fields), node)


def peers(*addresses: str) -> tuple[UnicastPeer, ...]:
    return tuple(UnicastPeer(ip_address(address)) for address in addresses)


@pytest.mark.parametrize(
    ("node", "fields", "version", "family"),
    [
        ({}, {}, 2, 4),
        ({"vrrp_version": 3}, {}, 3, 4),
        ({"vrrp_version": 3}, {"version": 2}, 2, 4),
        ({}, {"vips": ("fe80::1", "2001:db8::1")}, 3, 6),
        ({}, {"vips": ("fe80::1",), "version": 2}, 3, 6),
        ({}, {"vips": ("10.0.0.3", "2001:db8::1")}, 2, 4),
        ({}, {"vips": (), "native_ipv6": True}, 3, 6),
        ({}, {"vips": (), "unicast_peer": peers("2001:db8::2")}, 3, 6),
        ({}, {"vips": (), "mcast_src_ip": ip_address("fe80::1")}, 3, 6),
    ],
)
def test_version_and_family(node: dict[str, Any], fields: dict[str, Any], version: int, family: int) -> None:
    got = settings(GlobalDefs(**node), **fields)
    assert (got.version, got.family) == (version, family)


@pytest.mark.parametrize(
    ("version", "interval_s", "centiseconds"),
    [(2, 1.0, 100), (2, 2.4, 200), (2, 0.1, 100), (3, 0.1, 10), (3, 0.005, 1), (3, 2.34, 234), (3, 99.0, 4095)],
)
def test_an_interval_is_what_the_version_can_say(version: int, interval_s: float, centiseconds: int) -> None:
    assert settings(version=version, advert_int_s=interval_s).advert_int_cs == centiseconds


def test_addresses_of_the_other_family_are_held_beside_the_advertised_ones() -> None:
    got = settings(
        vips=("10.0.0.3", "2001:db8::1", "10.0.0.4"),
        virtual_ipaddress_excluded=(VirtualAddress(ip_address("10.0.0.9")),),
    )
    assert [str(vip.address) for vip in got.advertised] == ["10.0.0.3", "10.0.0.4"]
    assert [str(vip.address) for vip in got.unadvertised] == ["2001:db8::1", "10.0.0.9"]
    assert got.vips == got.advertised + got.unadvertised


def test_an_advert_lists_no_more_than_it_holds() -> None:
    got = settings(vips=tuple(f"2001:db8::{n:x}" for n in range(1, 101)))
    assert (len(got.advertised), len(got.unadvertised)) == (ADVERTISED_MAX[6], 100 - ADVERTISED_MAX[6])


@pytest.mark.parametrize(
    ("node", "fields", "unicast", "destinations"),
    [
        ({}, {}, False, ["224.0.0.18"]),
        ({"vrrp_mcast_group4": ip_address("224.0.0.99")}, {}, False, ["224.0.0.99"]),
        (
            {"vrrp_mcast_group4": ip_address("224.0.0.99")},
            {"mcast_dst_ip": ip_address("224.0.0.98")},
            False,
            ["224.0.0.98"],
        ),
        ({}, {"vips": ("fe80::1",)}, False, ["ff02::12"]),
        ({}, {"unicast_peer": peers("10.0.0.6", "10.0.0.7")}, True, ["10.0.0.6", "10.0.0.7"]),
        ({}, {"unicast_src_ip": ip_address("10.0.0.5")}, True, []),
        ({}, {"unicast_fault_no_peer": True}, True, []),
    ],
)
def test_whom_it_tells(node: dict[str, Any], fields: dict[str, Any], unicast: bool, destinations: list[str]) -> None:
    """Whoever speaks of unicast never multicasts, be the list of peers empty."""
    got = settings(GlobalDefs(**node), **fields)
    assert (got.unicast, [str(one) for one in got.destinations]) == (unicast, destinations)


@pytest.mark.parametrize(
    ("fields", "transmits", "holds"),
    [
        ({}, "eth0", "eth0"),
        ({"use_vmac": Vmac()}, "vrrp.51", "vrrp.51"),
        ({"use_vmac": Vmac("lb0")}, "lb0", "lb0"),
        ({"use_vmac": Vmac(), "vmac_xmit_base": True}, "eth0", "vrrp.51"),
        ({"use_vmac": Vmac(), "unicast_peer": peers("10.0.0.6")}, "eth0", "vrrp.51"),
        ({"use_vmac": Vmac(), "vips": ("fe80::1",)}, "vrrp6.51", "vrrp6.51"),
    ],
)
def test_where_adverts_leave_and_addresses_go(fields: dict[str, Any], transmits: str, holds: str) -> None:
    got = settings(**fields)
    assert (got.transmit_interface, got.address_interface) == (transmits, holds)


@pytest.mark.parametrize(
    ("node", "fields", "form", "adapts"),
    [
        ({}, {}, Checksum.PSEUDO_HEADER, False),
        ({"v3_checksum_as_v2": True}, {}, Checksum.MESSAGE_ONLY, False),
        ({"v3_checksum_as_v2": True}, {"v3_checksum_as_v2": False}, Checksum.PSEUDO_HEADER, False),
        ({}, {"unicast_peer": peers("10.0.0.6")}, Checksum.PSEUDO_HEADER, True),
        (
            {},
            {"unicast_peer": peers("10.0.0.6"), "old_unicast_checksum": True},
            Checksum.PSEUDO_HEADER_GROUP,
            False,
        ),
        ({}, {"unicast_peer": peers("10.0.0.6"), "old_unicast_checksum": False}, Checksum.PSEUDO_HEADER, False),
    ],
)
def test_the_checksum_sent(node: dict[str, Any], fields: dict[str, Any], form: Checksum, adapts: bool) -> None:
    got = settings(GlobalDefs(**node), version=3, **fields)
    assert (got.checksum, got.adapts_checksum) == (form, adapts)


def flag(name: str, value: Any) -> dict[str, Any]:
    return {name: value}


GIVEN_TWICE = ("lower_prio_no_advert", "owner_ignore_adverts", "check_unicast_src", "skip_check_adv_addr")


@pytest.mark.parametrize("name", GIVEN_TWICE)
@pytest.mark.parametrize(
    ("node", "instance", "effective"),
    [(False, None, False), (True, None, True), (True, False, False), (False, True, True)],
)
def test_the_instance_then_the_node(name: str, node: bool, instance: bool | None, effective: bool) -> None:
    got = settings(GlobalDefs(**flag(f"vrrp_{name}", node)), **flag(name, instance))
    assert getattr(got, name) is effective


@pytest.mark.parametrize(
    ("node", "instance", "effective"),
    [(None, None, True), (False, None, False), (False, True, True), (None, False, False)],
)
def test_the_last_advert_is_sent_unless_turned_off(node: bool | None, instance: bool | None, effective: bool) -> None:
    got = settings(GlobalDefs(vrrp_higher_prio_send_advert=node), higher_prio_send_advert=instance)
    assert got.higher_prio_send_advert is effective


@pytest.mark.parametrize(
    ("node", "instance", "mail"),
    [
        ({}, None, False),
        ({"smtp_alert": True}, None, True),
        ({"smtp_alert": True, "smtp_alert_vrrp": False}, None, False),
        ({"smtp_alert": True, "smtp_alert_vrrp": False}, True, True),
        ({"smtp_alert_vrrp": True}, False, False),
    ],
)
def test_who_gets_mail(node: dict[str, Any], instance: bool | None, mail: bool) -> None:
    assert settings(GlobalDefs(**node), smtp_alert=instance).audience.mail is mail


def test_how_a_loser_is_answered_is_the_node_s_unless_the_instance_says_it() -> None:
    """Seen in keepalived's dump: an instance's own garp_master_* does not change its garp_lower_prio_*."""
    node, own = GlobalDefs(garp=GarpSettings(master_repeat=4)), GarpSettings(master_delay_s=9.0, master_repeat=2)
    garp = settings(node, garp=own).garp
    assert (garp.master_repeat, garp.lower_prio_repeat, garp.lower_prio_delay_s) == (2, 4, 5.0)
    assert settings(node, garp=GarpSettings(lower_prio_repeat=1)).garp.lower_prio_repeat == 1


def test_min_garp_is_one_announcement_unless_told_otherwise() -> None:
    node = GlobalDefs(vrrp_min_garp=True)
    assert (settings(node).garp.master_repeat, settings(node).garp.master_delay_s) == (1, 0)
    assert settings(node, garp=GarpSettings(master_repeat=3)).garp.master_repeat == 3


def test_strict_is_the_rfc() -> None:
    got = settings(
        GlobalDefs(vrrp_strict=True),
        auth_pass="1111",
        preempt_delay_s=10,
        down_timer_adverts=5,
        higher_prio_send_advert=True,
        garp=GarpSettings(lower_prio_repeat=5),
        use_vmac=Vmac(),
        vmac_xmit_base=True,
        accept=True,
    )
    assert (got.auth_type, got.preempt_delay_s, got.down_timer_adverts) == (AUTH_NONE, 0, 3)
    assert (got.lower_prio_no_advert, got.higher_prio_send_advert, got.garp.lower_prio_repeat) == (True, False, 0)
    assert (got.transmit_interface, got.accept) == ("vrrp.51", False)


def test_an_instance_may_leave_strict_mode() -> None:
    got = settings(GlobalDefs(vrrp_strict=True), strict_mode=False, auth_pass="1111")
    assert (got.auth_type, got.auth_data, got.accept) == (AUTH_PASS, b"1111\0\0\0\0", True)


@pytest.mark.parametrize(
    ("fields", "accept"),
    [({}, True), ({"accept": False}, False), ({"accept": False, "priority": 255}, True)],
)
def test_who_accepts_packets_to_a_vip(fields: dict[str, Any], accept: bool) -> None:
    assert settings(**fields).accept is accept


def test_the_interface_below_a_vmac_interface_means_that_as_well() -> None:
    """So has keepalived; another interface is meant as it is said."""
    vip, excluded, elsewhere = (
        VirtualAddress(ip_address(f"10.0.0.{host}"), dev=dev) for host, dev in ((3, "eth0"), (4, "eth0"), (5, "eth1"))
    )
    got = settings(vips=(), virtual_ipaddress_excluded=(vip, excluded, elsewhere), use_vmac=Vmac())
    assert [vip.dev for vip in got.vips] == [None, None, "eth1"]
    assert [vip.dev for vip in settings(vips=(), virtual_ipaddress_excluded=(vip,)).vips] == ["eth0"]


def test_the_node_names_all_vmac_interfaces() -> None:
    node = GlobalDefs(vmac_prefix="lb")
    assert settings(node, use_vmac=Vmac()).address_interface == "lb.51"
    assert settings(node, use_vmac=Vmac(), vips=("fe80::1",)).address_interface == "lb6.51"
    assert settings(node, use_vmac=Vmac("own")).address_interface == "own"
