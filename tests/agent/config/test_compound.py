# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of several words: what each means, what is written again, what is said of a bad one."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from vipd.config.model import Command, InterfaceDelays, UnicastPeer, Vmac
from vipd.config.parse import parse
from vipd.config.render import render

INSTANCE = "vrrp_instance A {{\n{}\n}}"
NODE = "global_defs {{\n{}\n}}"


@pytest.mark.parametrize(
    ("line", "fields", "written"),
    [
        ("use_vmac", {"use_vmac": Vmac()}, None),
        (
            "use_vmac vm 02:00:00:00:00:0A",
            {"use_vmac": Vmac("vm", "02:00:00:00:00:0a")},
            "use_vmac vm 02:00:00:00:00:0a",
        ),
        ("use_vmac 02:00:00:00:00", {"use_vmac": Vmac(mac="02:00:00:00:00")}, None),
        ("old_unicast_checksum", {"old_unicast_checksum": True}, None),
        ("old_unicast_checksum never", {"old_unicast_checksum": False}, None),
        ("garp_extra_if all 100", {"garp_extra_if_s": 100, "garp_extra_if_all": True}, None),
        ("vmac_garp_intvl 5", {"garp_extra_if_s": 5}, "garp_extra_if 5"),
        ("timer_expired_backup", {"timer_expired_backup": 254}, "timer_expired_backup 254"),
        ("accept", {"accept": True}, None),
        ("no_accept", {"accept": False}, None),
        ("strict_mode off", {"strict_mode": False}, None),
        ("smtp_alert yes", {"smtp_alert": True}, "smtp_alert"),
        ("preempt_delay 4.12", {"preempt_delay_s": 4.12}, None),
    ],
)
def test_what_a_line_of_an_instance_means(line: str, fields: dict[str, Any], written: str | None) -> None:
    (instance,) = (config := parse(INSTANCE.format(line)).config).instances
    assert {name: getattr(instance, name) for name in fields} == fields
    assert f"    {written or line}\n" in render(config)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("dynamic_interfaces", {"dynamic_interfaces": True, "allow_if_changes": False}),
        ("dynamic_interfaces allow_if_changes", {"dynamic_interfaces": True, "allow_if_changes": True}),
        ("nftables", {"nftables": "keepalived"}),
        ("nftables vips", {"nftables": "vips"}),
        ("vrrp_mcast_group6 ff02::99", {"vrrp_mcast_group6": ip_address("ff02::99")}),
    ],
)
def test_what_a_line_of_the_node_means(line: str, fields: dict[str, Any]) -> None:
    config = parse(NODE.format(line)).config
    assert {name: getattr(config.global_defs, name) for name in fields} == fields
    assert f"    {line}\n" in render(config)


def test_a_mail_server_may_have_a_port() -> None:
    smtp = parse(NODE.format("smtp_server mail.example.com 587")).config.global_defs.smtp
    assert (smtp.server, smtp.port) == ("mail.example.com", 587)


def test_deleted_is_told_with_and_without_a_script() -> None:
    notify = parse(INSTANCE.format("notify_deleted")).config.instances[0].notify
    assert (notify.deleted, notify.says_deleted) == (None, True)
    notify = parse(INSTANCE.format('notify_deleted "/x y"')).config.instances[0].notify
    assert (notify.deleted, notify.says_deleted) == (Command(("/x", "y")), True)


def test_lines_of_lists() -> None:
    config = parse(
        "interface_up_down_delays {\neth0 0.5\neth1 1 2\n}\n"
        "track_file f {\nfile /x\ninit_file 5 overwrite\n}\n"
        "vrrp_track_process p {\nprocess a 'b' \"c d\"\nparam_match\ndelay 2\n}\n"
        + INSTANCE.format("unicast_peer {\n10.0.0.2 min_ttl 3 max_ttl 9\n10.0.0.3\n}")
    ).config
    assert config.interface_delays == (InterfaceDelays("eth0", 0.5), InterfaceDelays("eth1", 1.0, 2.0))
    assert (config.files[0].init_file, config.files[0].overwrite) == (5, True)
    (process,) = config.processes
    assert (process.process, process.param_match) == (("a", "'b'", "c d"), "exact")
    assert (process.fork_delay_s, process.terminate_delay_s) == (2.0, 2.0)
    assert config.instances[0].unicast_peer == (
        UnicastPeer(ip_address("10.0.0.2"), 3, 9),
        UnicastPeer(ip_address("10.0.0.3")),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (INSTANCE.format("use_vmac a b"), "use_vmac has the unknown option 'b', expected a name and a MAC address"),
        (INSTANCE.format("use_vmac 00:00:5e:00:01:05"), "use_vmac: the MAC address 00:00:5e:00:01:05 is ignored"),
        (INSTANCE.format("mcast_dst_ip 10.0.0.1"), "mcast_dst_ip is 10.0.0.1, expected a multicast IP address"),
        (INSTANCE.format("garp_extra_if"), "garp_extra_if has no value, expected a number from 0 to 86400"),
        (INSTANCE.format("old_unicast_checksum x"), "old_unicast_checksum is 'x', expected never or nothing"),
        (INSTANCE.format("unicast_peer {\n}"), "unicast_peer is empty"),
        (INSTANCE.format("unicast_peer {\nx\n}"), "unicast_peer: 'x' is not an IP address"),
        (INSTANCE.format("unicast_peer {\n10.0.0.2 ttl 3\n}"), "unicast_peer: option 'ttl' is unknown"),
        (
            INSTANCE.format("unicast_peer {\n10.0.0.2 min_ttl 9 max_ttl 3\n}"),
            "unicast_peer: min_ttl 9 of 10.0.0.2 is above",
        ),
        (INSTANCE.format("lvs_sync_daemon_interface eth0"), "lvs_sync_daemon_interface is an old form"),
        (NODE.format("dynamic_interfaces off"), "dynamic_interfaces is 'off', expected allow_if_changes or nothing"),
        (NODE.format("vrrp_strict off"), "vrrp_strict off is on in keepalived 2.2 and off in later ones"),
        (NODE.format("vrrp_version 4"), "vrrp_version is '4', expected 2 or 3"),
        (NODE.format("smtp_server x 0"), "smtp_server is 0, expected a number from 1 to 65535"),
        ("interface_up_down_delays {\neth0\n}", "interface_up_down_delays: 'eth0' has no delay, expected seconds"),
        ("interface_up_down_delays {\neth0 256\n}", "interface_up_down_delays: the delay of 'eth0' is 256, expected"),
    ],
)
def test_what_is_said_of_a_bad_line(text: str, said: str) -> None:
    (found,) = parse(text).diagnostics
    assert found.message.startswith(said)
