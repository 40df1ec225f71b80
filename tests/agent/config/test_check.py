# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration that reads well: each case as text, with exactly what is said."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import Optional

import pytest
from vipd.config.check import check
from vipd.config.model import Config, VrrpInstance
from vipd.config.parse import concealed, parse

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
        [
            "f:1:1: warning: vrrp_instance A has 256 addresses, an advert holds 255;"
            " the rest is held and not advertised: use several instances"
        ],
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
    # protocol.py
    (
        GOOD.format("advert_int 0.5"),
        ["f:1:1: error: vrrp_instance A: advert_int is 0.5, VRRPv2 has whole seconds; round it, or use version 3"],
    ),
    (GOOD.format("version 3\nadvert_int 0.5"), []),
    (
        GOOD.format("version 3\nadvert_int 0.505"),
        ["f:1:1: error: vrrp_instance A: advert_int is 0.505, VRRPv3 has whole centiseconds; round it"],
    ),
    (
        GOOD.format("version 3\nadvert_int 41"),
        ["f:1:1: error: vrrp_instance A: advert_int is 41, more than 40.95 in VRRPv3; shorten it"],
    ),
    (
        GOOD.format("version 2").replace("10.0.0.3/24", "2001:db8::3/64"),
        ["f:1:1: error: vrrp_instance A: version 2 has no IPv6; write version 3, or remove the line"],
    ),
    (
        GOOD.format("unicast_src_ip 10.0.0.1"),
        [
            "f:1:1: error: vrrp_instance A is unicast and has no unicast_peer;"
            " name the other nodes: vipd never falls back to multicast"
        ],
    ),
    (
        GOOD.format("unicast_src_ip 10.0.0.1\nunicast_peer { 10.0.0.1\n10.0.0.2\n10.0.0.2 }"),
        [
            "f:5:16: warning: vrrp_instance A: the peer 10.0.0.1 is its own unicast_src_ip;"
            " name only the other nodes: nobody hears what is sent there",
            "f:7:1: error: vrrp_instance A: the peer 10.0.0.2 is named twice; remove one of the two",
        ],
    ),
    (
        GOOD.format("unicast_peer { 2001:db8::2 }"),
        [
            "f:1:1: error: vrrp_instance A: unicast_peer 2001:db8::2 is not IPv4, as its addresses are;"
            " use one family in an instance"
        ],
    ),
    (
        GOOD.format("virtual_ipaddress { 10.0.0.4\n2001:db8::3 }"),
        [
            "f:5:1: error: vrrp_instance A: 2001:db8::3 is not of the family of its first address, IPv4;"
            " put it into virtual_ipaddress_excluded, or into an instance of its own"
        ],
    ),
    # addresses.py
    (
        "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress_excluded { 10.0.0.3 }\n}",
        ["f:1:1: warning: vrrp_instance A has no address; its adverts will name none: put one into virtual_ipaddress"],
    ),
    (
        GOOD.format("virtual_routes { 10.1.0.0/16 via 10.0.0.9 }\nvirtual_rules { from 10.0.0.3 table 1 }"),
        [
            "f:4:18: warning: the route 10.1.0.0/16 names no interface and is not tracked; add dev, or say no_track",
            "f:5:17: warning: the rule from 10.0.0.3/32 has no preference; add one: without it chance orders them",
        ],
    ),
    # tracking.py and groups.py
    (
        "vrrp_script slow { script /x\ninterval 5 }\n" + GOOD.format("track_script { slow }"),
        [
            "f:6:16: info: vrrp_instance A: slow needs up to 5 s to fail, a crash 4 s;"
            " shorten its interval, or lower fall"
        ],
    ),
    ("vrrp_script fast { script /x\ninterval 4\nfall 9 }\n" + GOOD.format("track_script { fast }"), []),
    (
        "vrrp_script slow { script /x\ninterval 60 }\n" + GOOD.format("track_script { slow }"),
        [
            "f:6:16: info: vrrp_instance A: slow needs up to 60 s to fail, a crash 4 s;"
            " shorten its interval, or lower fall"
        ],
    ),
    (
        "vrrp_sync_group G { group { A } }\nvrrp_sync_group H { group { A Z A } }\n"
        + GOOD.format("track_interface { eth1 weight -5 }"),
        [
            "f:1:1: warning: vrrp_sync_group G has one member; a group keeps several instances together",
            "f:2:1: error: vrrp_sync_group H names Z, which no vrrp_instance is; define it, or remove it here",
            "f:2:1: error: vrrp_sync_group H names A twice; remove one of the two",
            "f:2:1: error: vrrp_sync_group H: A is a member of G too; leave it in one of them",
            "f:6:19: warning: vrrp_instance A: the weight of eth1 does not count in H;"
            " track it in the vrrp_sync_group, or add sync_group_tracking_weight there",
        ],
    ),
    (
        "vrrp_sync_group G {\ngroup { A\nB }\ntrack_interface { eth1 }\n}\n"
        + GOOD.format("priority 110\ntrack_interface { eth1 }")
        + GOOD.format("").replace("A", "B").replace("51", "52").replace("10.0.0.3", "10.0.0.4"),
        [
            "f:1:1: warning: vrrp_sync_group G: its members differ in priority: A 110, B 100;"
            " give them the same priority",
            "f:10:19: warning: vrrp_instance A: eth1 is tracked by vrrp_sync_group G too; remove one of the two",
        ],
    ),
    (
        "vrrp_sync_group G {\ngroup { A\nB }\ntrack_interface { eth0 }\n}\n"
        + GOOD.format("")
        + GOOD.format("dont_track_primary").replace("A", "B").replace("51", "52").replace("10.0.0.3", "10.0.0.4"),
        [
            "f:4:19: warning: vrrp_instance A: its interface eth0 is tracked by vrrp_sync_group G too;"
            " remove it from the group",
        ],
    ),
    (
        "track_group T { group { A } }\nstatic_rules {\nfrom 10.0.0.3 table 1 preference 5 track_group T\n}\n"
        + GOOD.format(""),
        [
            "f:3:1: warning: the rule from 10.0.0.3/32 has a track_group and no iif: keepalived does not track it;"
            " add iif, or remove track_group"
        ],
    ),
    # strict.py
    (
        GOOD.format("strict_mode"),
        [
            "f:1:1: warning: vrrp_instance A: strict mode makes its addresses unreachable: only their owner may answer;"
            " remove vrrp_strict, or use version 3 with accept"
        ],
    ),
    (GOOD.format("strict_mode\nversion 3\naccept"), []),
    (GOOD.format("strict_mode\nstate MASTER"), []),
    # interfaces.py
    (
        "interface_up_down_delays { eth0 2 }\n" + GOOD.format(""),
        [
            "f:1:28: warning: interface_up_down_delays: eth0 may be away for 2 s unnoticed;"
            " A times out after that: use less than 2 s"
        ],
    ),
    (
        GOOD.format("vmac_xmit_base"),
        ["f:1:1: warning: vrrp_instance A: vmac_xmit_base has no effect without use_vmac; remove it"],
    ),
    (
        GOOD.format("use_vmac vm\nunicast_peer { 10.0.0.2 }").replace("/24", "/24 use_vmac"),
        [
            "f:1:1: warning: vrrp_instance A: unicast adverts leave by the interface below the VMAC;"
            " say so: add vmac_xmit_base",
            "f:6:21: warning: vrrp_instance A: use_vmac of 10.0.0.3 is there already, by its use_vmac; remove it here",
        ],
    ),
    (
        GOOD.format("use_vmac")
        + GOOD.format("use_vmac vm\nmcast_dst_ip 224.0.0.19").replace("A", "B").replace(".3", ".4"),
        [
            "f:7:1: error: vrrp_instance B: use_vmac has the MAC address that A has on eth0;"
            " give it another virtual_router_id, or another MAC"
        ],
    ),
    # wholeness.py
    (
        "vrrp_track_process p { quorum 3 }\ntrack_file t { weight 1 }\ngarp_group { interface eth0 }",
        [
            "f:1:1: error: vrrp_track_process p has no process; add a process line",
            "f:2:1: error: track_file t has no file; add a file line",
            "f:3:1: warning: garp_group has no interval and does nothing; add garp_interval or gna_interval",
        ],
    ),
    (
        "global_defs { notify_fifo_script /x }",
        ["f:1:1: error: global_defs: notify_fifo_script is given without notify_fifo; add notify_fifo with a path"],
    ),
    (
        "static_ipaddress { 10.0.0.9 track_group g }",
        ["f:1:20: error: static_ipaddress: there is no track_group g; define it, or remove it here"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_findings(text: str, expected: list[str]) -> None:
    assert found(text) == expected


SPEAKS = "unicast_src_ip 10.0.0.{}\nunicast_peer {{ 10.0.0.2 }}"


@pytest.mark.parametrize(
    ("interfaces", "one", "other", "shared"),
    [
        ("eth0 eth0", "", SPEAKS.format(1), ""),
        ("eth0 eth0", "unicast_peer { 10.0.0.2 }", "unicast_peer { 10.0.0.6 }", ""),
        ("eth0 eth0", "unicast_peer { 10.0.0.2\n10.0.0.7 }", "unicast_peer { 10.0.0.6\n10.0.0.7 }", "eth0"),
        ("eth0 eth0", "mcast_dst_ip 224.0.0.19", "", ""),
        ("eth0 eth0", "mcast_dst_ip 224.0.0.18", "", "eth0"),
        ("eth0 eth0", SPEAKS.format(1), SPEAKS.format(5), ""),
        ("eth0 eth0", SPEAKS.format(1), "unicast_peer { 10.0.0.2 }", "eth0"),
        ("eth0 eth1", SPEAKS.format(1), SPEAKS.format(1), ""),
        ("- -", SPEAKS.format(1), SPEAKS.format(5), ""),
        ("- -", SPEAKS.format(1), SPEAKS.format(1), "any interface"),
        ("eth0 -", SPEAKS.format(1), SPEAKS.format(1), "eth0"),
        ("- eth0", SPEAKS.format(1), SPEAKS.format(1), "eth0"),
    ],
)
def test_one_vrid_twice_is_well_where_adverts_tell_them_apart(
    interfaces: str, one: str, other: str, shared: str
) -> None:
    text = ""
    for name, interface, spoken in zip("AB", interfaces.split(), (one, other)):
        line = "" if interface == "-" else f"interface {interface}"
        vip = f"10.0.0.{ord(name)} dev eth0"
        text += (
            f"vrrp_instance {name} {{\n{line}\nvirtual_router_id 51\n{spoken}\nvirtual_ipaddress {{\n{vip}\n}}\n}}\n"
        )
    clash = f"vrrp_instance B has the virtual_router_id 51, as A has on {shared};"
    clash += " give each instance on an interface its own"
    assert [line.partition(" error: ")[2] for line in found(text)] == ([clash] if shared else [])


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


def test_a_peer_that_is_this_node() -> None:
    config = parse(GOOD.format("unicast_peer { 10.0.0.2 }"), file="f").config
    assert [str(found) for found in check(config, addresses=[ip_address("10.0.0.2")])] == [
        "f:4:16: warning: vrrp_instance A: the peer 10.0.0.2 is an address of this node;"
        " name only the other nodes: nobody hears what is sent there",
    ]


@pytest.mark.parametrize(("priority", "count"), [(100, 2), (255, 0)])
def test_a_vip_that_this_node_has_anyway(priority: int, count: int) -> None:
    text = GOOD.format(f"priority {priority}\nvirtual_ipaddress_excluded {{ 10.0.0.9 }}")
    own = [ip_address("10.0.0.3"), ip_address("10.0.0.9")]
    found = check(parse(text, file="f").config, addresses=own)
    assert len(found) == count
    assert all("is an address of this node anyway, and stays when it yields" in one.message for one in found)


@pytest.mark.parametrize(
    "secret", ["authentication { auth_type PASS\nauth_pass A-much-too-long }", "$PW=A-much-too-long"]
)
def test_a_name_that_is_the_secret_is_not_repeated(secret: str) -> None:
    parsed = parse(GOOD.format(secret).replace("vrrp_instance A", "vrrp_instance A-much-too-long"))
    found = check(parsed.config, ["eth9"])
    assert "A-much" in str(found)
    assert [str(one) for one in concealed(found, parsed)] == [
        "<string>:1:1: error: vrrp_instance ***: there is no interface eth0; this node has eth9"
    ]


def test_places_take_no_part_in_equality() -> None:
    one, other = (parse(prefix + GOOD.format("")).config for prefix in ("", "\n\n"))
    assert one == other
    assert one.instances[0].place != other.instances[0].place
