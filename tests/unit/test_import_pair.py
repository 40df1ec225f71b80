# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was keepalived.conf on each node becomes variables whose plan asks for the same, or a reason why not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.import_pair import import_pair
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.plugin_utils import migration
from ansible_collections.lbha.pair.plugins.plugin_utils.equivalence import compare
from ansible_collections.lbha.pair.plugins.plugin_utils.recognition import Found, recognise
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import UNICAST

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests" / "data" / "seeds"

LB01 = """\
global_defs {
    router_id LVS_DEVEL
    vrrp_garp_master_refresh 60
    script_user nobody
}
vrrp_script chk_web {
    script "/etc/keepalived/check_web.sh 80"
    interval 2
    fall 3
}
vrrp_instance VI_WEB {
    state MASTER
    interface eth0
    virtual_router_id 77
    priority 110
    advert_int 1
    unicast_src_ip 10.0.0.5
    unicast_peer {
        10.0.0.6
    }
    authentication {
        auth_type PASS
        auth_pass s3cret
    }
    virtual_ipaddress {
        10.0.0.3/24
        10.0.0.4/24 dev eth1 label eth1:web
    }
    track_script {
        chk_web weight -20
    }
    notify_master "/etc/keepalived/notify.sh master"
}
"""
LB02 = (
    LB01.replace("MASTER", "BACKUP")
    .replace("priority 110", "priority 100")
    .replace("src_ip 10.0.0.5", "src_ip 10.0.0.X")
    .replace("10.0.0.6", "10.0.0.5")
    .replace("10.0.0.X", "10.0.0.6")
)
TWO = {"lb01": LB01, "lb02": LB02}


def instance(number: int, priority: int, vip: str, more: str, state: str = "BACKUP") -> str:
    return (
        f"vrrp_instance VI_{number} {{\nstate {state}\ninterface eth0\n"
        f"virtual_router_id {50 + number}\npriority {priority}\n"
        f"virtual_ipaddress {{\n{vip}\n}}\n{more}\n}}\n"
    )


def pair(more: str = "", outside: str = "") -> dict[str, str]:
    """The smallest one, with ``more`` in its instance and ``outside`` before it."""
    leader, other = (("MASTER", 150), ("BACKUP", 100))
    return {
        host: outside + instance(1, priority, "10.0.0.3/24 dev eth0 label eth0:1", more, state)
        for host, (state, priority) in zip(("lb01", "lb02"), (leader, other), strict=True)
    }


VIPS_OF_INTERFACES = (("10.0.0.3/24", "eth0"), ("10.1.0.3/24", "eth1"), ("fd00::3/64", "eth0"))


def unicast(own: str, others: str) -> str:
    return f"unicast_src_ip {own}\nunicast_peer {{\n{others}\n}}"


def two_way(*priorities: tuple[int, int], more: tuple[str, ...] = ("", ""), outside: str = "") -> dict[str, str]:
    return {
        host: outside
        + "".join(
            instance(index + 1, ranks[at], f"10.0.0.{3 + index}/24", more[index])
            for index, ranks in enumerate(priorities)
        )
        for at, host in enumerate(("lb01", "lb02"))
    }


def variables(found: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = found["inventory"]["lb"].get("vars", {})
    return given


def of_host(found: dict[str, Any], host: str) -> dict[str, Any]:
    given: dict[str, Any] = found["inventory"]["lb"]["hosts"][host]
    return given


def proven(texts: dict[str, str], found: dict[str, Any]) -> bool:
    """Asked anew, from outside: the role's own filter makes the same text, and it means what was there before."""
    hostvars = {host: {**variables(found), **of_host(found, host)} for host in texts}
    given = {name: value for name, value in hostvars["lb01"].items() if name.startswith((found["topology"], UNICAST))}
    plan = pair_plan(given, found["topology"], hostvars=hostvars, host="lb01", play_hosts=list(texts))
    for host, text in texts.items():
        planned = plan["hosts"][host]["text"]
        assert planned == found["hosts"][host]["text"]
        assert compare(parse(text).config, parse(planned).config).different == ()
    return True


class TestWhatIsRecognised:
    def test_a_pair_in_daily_use(self) -> None:
        found = import_pair(TWO)
        assert found["role"] == "lbha.pair.single_master"
        assert variables(found) == {
            "single_master_virtual_router_id": 77,
            "single_master_password": "s3cret",
            "single_master_checks": [
                {"name": "chk_web", "command": "/etc/keepalived/check_web.sh 80", "interval_s": 2, "fall": 3,
                 "weight": -20}
            ],
            "single_master_notify": {"notify_master": "/etc/keepalived/notify.sh master"},
            "single_master_script_user": "nobody",
            "single_master_global_options": {
                "router_id": "LVS_DEVEL",
                "vrrp_garp_master_refresh": 60,
                "enable_script_security": False,
            },
            "single_master_vips": [
                {"address": "10.0.0.3/24", "label": ""},
                {"address": "10.0.0.4/24", "dev": "eth1", "label": "eth1:web"},
            ],
            "single_master_instances": [{"name": "VI_WEB"}],
            "vipd_unicast": True,
        }  # fmt: skip
        assert of_host(found, "lb02") == {"single_master_priority": 100, "vipd_unicast_address": "10.0.0.6"}
        assert proven(TWO, found)

    def test_what_a_role_derives_is_not_said(self) -> None:
        found = import_pair(pair())
        assert variables(found) == {"single_master_vips": ["10.0.0.3/24"]}
        assert of_host(found, "lb01") == of_host(found, "lb02") == {}

    @pytest.mark.parametrize(
        ("first", "second", "topology"),
        [
            ("single_lb01", "single_lb02", "single_master"),
            ("dual_lb01", "dual_lb02", "dual_master"),
            ("labels_dual_first", "labels_dual_second", "dual_master"),
            ("labels_single_master", "labels_single_backup", "single_master"),
            ("nginx_master", "nginx_backup", "single_master"),
            ("two_vips_master", "two_vips_backup", "single_master"),
            ("two_masters_first", "two_masters_second", "dual_master"),
        ],
    )
    def test_the_pairs_of_the_handbooks(self, first: str, second: str, topology: str) -> None:
        texts = {"lb01": (SEEDS / f"{first}.conf").read_text(), "lb02": (SEEDS / f"{second}.conf").read_text()}
        found = import_pair(texts)
        assert found["topology"] == topology
        assert proven(texts, found)

    @pytest.mark.parametrize(
        "more",
        [
            "version 3\nadvert_int 0.25",
            "nopreempt",
            "preempt_delay 30",
            "garp_master_delay 1\ngarp_master_repeat 2",
            "virtual_ipaddress_excluded {\nfd00::1/64\n192.0.2.1/32 dev eth1\n}",
            "virtual_routes {\n192.0.2.0/24 via 10.0.0.1 dev eth0\n}",
            "use_vmac",
            "use_vmac vrrp7\nvmac_xmit_base",
            "track_interface {\neth1\neth2 weight -30\n}",
            "dont_track_primary\nsmtp_alert",
            'notify "/usr/local/bin/told \\"a b\\" c"',
            "notify_deleted /usr/local/bin/told",
            "mcast_src_ip 10.0.0.9\naccept",
            "authentication {\nauth_type PASS\nauth_pass 1 2\n}",
        ],
    )
    @pytest.mark.parametrize("dual", [False, True])
    def test_every_kind_of_keyword_arrives(self, more: str, dual: bool) -> None:
        other = more.replace("vrrp7", "vrrp8").replace("fd00::1", "fd00::2").replace("192.0.2.1/32", "192.0.2.2/32")
        texts = two_way((150, 100), (100, 150), more=(more, other)) if dual else pair(more)
        texts = {host: text.replace(" dev eth0 label eth0:1", "") for host, text in texts.items()}
        if "nopreempt" in more or "delay" in more:
            texts = {host: text.replace("state MASTER", "state BACKUP") for host, text in texts.items()}
        found = import_pair(texts)
        assert found["topology"] == ("dual_master" if dual else "single_master"), found["findings"]
        assert proven(texts, found)

    @pytest.mark.parametrize(
        "outside",
        [
            "global_defs {\nvrrp_version 3\nnotification_email {\nops@example.com\n}\nsmtp_server 127.0.0.1 2525\n}\n",
            "global_defs {\nscript_user nobody nogroup\nenable_script_security\n}\n",
            "static_routes {\n192.0.2.0/24 via 10.0.0.1 dev eth0\n}\n",
            "vrrp_script unused {\nscript /bin/true\n}\n",
            "vrrp_track_process p {\nprocess nginx\n}\n",
            "virtual_server 10.0.0.30 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\nreal_server 10.0.0.7 80 {\n}\n}\n",
        ],
    )
    def test_what_stands_outside_instances_arrives(self, outside: str) -> None:
        found = import_pair(pair(outside=outside))
        assert found["topology"] == "single_master", found["findings"]
        assert proven(pair(outside=outside), found)

    def test_instances_may_differ(self) -> None:
        """Names, VRIDs, priorities and states of their own, notify and options of their own, and a sync group."""
        more = ('notify_master "/bin/told one"\nsmtp_alert', 'notify_master "/bin/told two"\ngarp_master_delay 1')
        group = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_WEB\n}\n}\n"
        texts = {
            host: text.replace("VI_2", "VI_WEB").replace("id 52", "id 99")
            for host, text in two_way((101, 100), (100, 120), more=more, outside=group).items()
        }
        found = import_pair(texts)
        assert found["topology"] == "dual_master", found["findings"]
        second = variables(found)["dual_master_instances"][1]
        assert second == {
            "name": "VI_WEB",
            "virtual_router_id": 99,
            "priorities": {"lb01": 100, "lb02": 120},
            "states": {"lb02": "BACKUP"},
            "notify": {"notify_master": "/bin/told two"},
            "options": {"garp_master_delay": 1},
        }
        assert proven(texts, found)

    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            ({**pair(), "lb02": pair()["lb02"].replace("100", "99").replace("priority", "nopreempt\npriority")},
             {"lb02": {"nopreempt": True, "priority": 99}, "lb01": {"priority": 150}}),
            ({**pair(), "lb01": pair()["lb01"].replace("150", "255")},
             {"lb01": {"priority": 255}, "lb02": {"priority": 100}}),
            ({host: text.replace("150", "100").replace("MASTER", "BACKUP") for host, text in pair("nopreempt").items()},
             {"lb": {"nopreempt": True, "instances": [{"priorities": {"lb01": 100, "lb02": 100}}]}}),
            (pair('notify_stop "/bin/told bye" nobody nogroup\nnotify /bin/any daemon'),
             {"lb": {"notify": {"notify_stop": {"command": "/bin/told bye", "user": "nobody", "group": "nogroup"},
                                "notify": {"command": "/bin/any", "user": "daemon"}}}}),
            ({**pair("notify_stop /bin/one"), "lb02": pair("notify_stop /bin/two")["lb02"]},
             {"lb01": {"notify": {"notify_stop": "/bin/one"}}, "lb02": {"notify": {"notify_stop": "/bin/two"}}}),
            ({**pair("track_interface {\neth1\n}"), "lb02": pair("track_interface {\neth2\n}")["lb02"]},
             {"lb01": {"track_interfaces": ["eth1"]}, "lb02": {"track_interfaces": ["eth2"]}}),
            ({host: f"vrrp_script c {{\nscript /bin/{host}\n}}\n{text}"
              for host, text in pair("track_script {\nc\n}").items()},
             {"lb01": {"checks": [{"name": "c", "command": "/bin/lb01"}]},
              "lb02": {"checks": [{"name": "c", "command": "/bin/lb02"}]}}),
            ({host: f"static_routes {{\n192.0.2.{number}/32 via 10.0.0.1 dev eth0\n}}\n{text}"
              for number, (host, text) in enumerate(pair().items())},
             {"lb02": {"raw": "static_routes {\n    192.0.2.1/32 via 10.0.0.1 dev eth0\n}\n"}}),
        ],
    )  # fmt: skip
    def test_hosts_may_differ(self, texts: dict[str, str], expected: dict[str, dict[str, Any]]) -> None:
        found = import_pair(texts)
        assert found["topology"] == "single_master", found["findings"]
        seen = {"lb": variables(found), **{host: of_host(found, host) for host in texts}}
        for holder, given in expected.items():
            for name, value in given.items():
                assert seen[holder][f"single_master_{name}"] == value
        assert proven(texts, found)

    def test_equal_priorities_are_led_by_the_one_that_starts_as_master(self) -> None:
        texts = {host: text.replace("150", "100") for host, text in pair().items()}
        texts = dict(zip(("lb01", "lb02"), reversed(texts.values()), strict=True))
        found = import_pair(texts)
        assert variables(found)["single_master_preferred"] == "lb02"
        assert any("the higher address wins the tie" in one for one in found["findings"])
        assert proven(texts, found)

    def test_two_instances_may_prefer_one_host(self) -> None:
        """Inside and outside, each with what the other has not."""
        group = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}\n"
        more = (
            "authentication {\nauth_type PASS\nauth_pass one\n}\nnopreempt\ntrack_interface {\neth1\n}",
            "authentication {\nauth_type PASS\nauth_pass two\n}\nadvert_int 2\nnotify_stop /bin/two",
        )
        texts = {
            host: text.replace("VI_2 {\nstate BACKUP\ninterface eth0", "VI_2 {\nstate BACKUP\ninterface eth1")
            for host, text in two_way((150, 100), (150, 100), more=more, outside=group).items()
        }
        found = import_pair(texts)
        assert found["topology"] == "single_master", found["findings"]
        assert [vip["instance"] for vip in variables(found)["single_master_vips"]] == ["VI_1", "VI_2"]
        assert variables(found)["single_master_instances"][1] == {
            "interface": "eth1",
            "nopreempt": False,
            "track_interfaces": [],
            "notify": {"notify_stop": "/bin/two"},
            "advert_int_s": 2,
            "password": "two",
            "states": {"lb01": "BACKUP"},
        }
        assert proven(texts, found)

    def test_both_families_of_one_list(self) -> None:
        """IPv6 addresses that are not advertised go with IPv4 ones; by themselves they are an instance of their own."""
        both = pair("virtual_ipaddress_excluded {\nfd00::3/64\nfd00::4/128 dev eth1\n}")
        found = import_pair(both)
        assert variables(found)["single_master_vips"] == [
            "10.0.0.3/24", "fd00::3/64", {"address": "fd00::4/128", "dev": "eth1"}
        ]  # fmt: skip
        assert proven(both, found)
        alone = {host: text.replace("10.0.0.3/24 dev eth0 label eth0:1", "fd00::3/64") for host, text in pair().items()}
        found = import_pair(alone)
        assert found["topology"] == "single_master", found["findings"]
        assert variables(found)["single_master_vips"] == ["fd00::3/64"]
        assert proven(alone, found)

    def test_words_of_an_address_line_that_have_no_key_arrive(self) -> None:
        texts = pair("virtual_ipaddress {\n10.0.0.4/24 peer 10.0.0.9/32 dev eth1 no_track\n}\n"
                     "virtual_ipaddress_excluded {\nfd00::3/64 -nodad home preferred_lft 0\n}")  # fmt: skip
        found = import_pair(texts)
        assert found["topology"] == "single_master", found["findings"]
        options = [vip["options"] for vip in variables(found)["single_master_vips"] if isinstance(vip, dict)]
        assert len(options) == 2
        assert options[0] == "peer 10.0.0.9/32 no_track"
        assert proven(texts, found)

    def test_a_sync_group_that_says_more_stays_as_it_is(self) -> None:
        group = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}\n"
        plain = two_way((150, 100), (150, 100), outside=group)
        found = import_pair(plain)
        assert variables(found)["single_master_sync_groups"] == [{"name": "G", "instances": ["VI_1", "VI_2"]}]
        assert proven(plain, found)
        more = two_way((150, 100), (150, 100), outside=group.replace("G {", "G {\nglobal_tracking"))
        found = import_pair(more)
        assert "single_master_sync_groups" not in variables(found)
        assert "sync_group_tracking_weight" in variables(found)["single_master_raw"]
        assert proven(more, found)

    @pytest.mark.parametrize("security", ["", "global_defs {\nscript_user root\nenable_script_security\n}\n"])
    def test_a_sync_group_that_tells_programs_is_a_variable(self, security: str) -> None:
        group = 'vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\nnotify_master "/bin/told a" root\nnotify /bin/any\n}\n'
        texts = two_way((150, 100), (150, 100), outside=security + group)
        found = import_pair(texts)
        told = {"notify_master": {"command": "/bin/told a", "user": "root"}, "notify": "/bin/any"}
        assert variables(found)["single_master_sync_groups"] == [
            {"name": "G", "instances": ["VI_1", "VI_2"], "notify": told}
        ]
        assert ("single_master_global_options" in variables(found)) == (not security)
        assert proven(texts, found)

    def test_two_of_three_instances_may_prefer_one_host(self) -> None:
        texts = two_way((150, 100), (140, 100), more=("", ""))
        third = {"lb01": instance(3, 100, "10.0.0.9/24", ""), "lb02": instance(3, 150, "10.0.0.9/24", "")}
        found = import_pair({host: text + third[host] for host, text in texts.items()})
        assert found["topology"] == "dual_master", found["findings"]
        assert [vip.get("instance") for vip in variables(found)["dual_master_vips"]] == ["VI_1", "VI_2", None]
        assert proven({host: text + third[host] for host, text in texts.items()}, found)

    def test_instances_may_track_different_checks(self) -> None:
        scripts = "".join(f"vrrp_script {name} {{\nscript /bin/{name}\n}}\n" for name in ("a", "b", "c"))
        more = ("track_script {\na\nb weight -5\n}", "track_script {\nb\n}")
        texts = two_way((150, 100), (100, 150), more=more, outside=scripts)
        found = import_pair(texts)
        assert found["topology"] == "dual_master", found["findings"]
        checks = [said["checks"] for said in variables(found)["dual_master_instances"]]
        assert checks == [["a", {"name": "b", "weight": -5}], ["b"]]
        assert "vrrp_script c" in variables(found)["dual_master_raw"]
        assert proven(texts, found)

    def test_a_check_without_a_full_path_is_passed_through(self) -> None:
        texts = pair("track_script {\nup\n}", 'vrrp_script up {\nscript "killall -0 nginx"\nweight 2\n}\n')
        found = import_pair(texts)
        assert found["topology"] == "single_master", found["findings"]
        assert variables(found)["single_master_instances"] == [{"checks": ["up"]}]
        assert "killall -0 nginx" in variables(found)["single_master_raw"]
        assert proven(texts, found)

    def test_options_of_one_instance_on_one_host_arrive(self) -> None:
        texts = two_way((150, 100), (100, 150), more=("unicast_src_ip 10.0.0.X\nunicast_peer {\n10.0.0.Y\n}", ""))
        texts["lb01"] = texts["lb01"].replace("0.X", "0.5").replace("0.Y", "0.6")
        texts["lb02"] = texts["lb02"].replace("0.X", "0.6").replace("0.Y", "0.5")
        found = import_pair(texts)
        assert found["topology"] == "dual_master", found["findings"]
        hosts = variables(found)["dual_master_instances"][0]["hosts"]
        assert hosts["lb02"] == {"options": {"unicast_src_ip": "10.0.0.6", "unicast_peer": ["10.0.0.5"]}}
        assert proven(texts, found)

    def test_unicast_from_an_interface_each_and_of_both_families(self) -> None:
        sources = {"lb01": ("10.0.0.5", "10.1.0.5", "fd00::5"), "lb02": ("10.0.0.6", "10.1.0.6", "fd00::6")}
        texts = {
            host: "".join(
                instance(
                    number + 1, priority, vip, unicast(sources[host][number], sources[other][number])
                ).replace("eth0", interface)
                for number, (vip, interface) in enumerate(VIPS_OF_INTERFACES)
            )
            for host, other, priority in (("lb01", "lb02", 150), ("lb02", "lb01", 100))
        }  # fmt: skip
        found = import_pair(texts)
        assert found["topology"] == "single_master", found["findings"]
        assert of_host(found, "lb02")["vipd_unicast_address"] == {"eth0": ["10.0.0.6", "fd00::6"], "eth1": "10.1.0.6"}
        assert "unicast" not in str(found["inventory"]).replace("vipd_unicast", "")
        assert proven(texts, found)

    @pytest.mark.parametrize(
        ("own", "others"),
        [
            (("10.0.0.5", "10.0.0.6"), ("10.0.0.6\n10.0.0.9", "10.0.0.5\n10.0.0.9")),  # a third one, which is no host
            (("10.0.0.5", "10.0.0.6"), ("10.0.0.6 min_ttl 1", "10.0.0.5 min_ttl 1")),
            (("127.0.0.5", "127.0.0.6"), ("127.0.0.6", "127.0.0.5")),
        ],
    )
    def test_unicast_that_no_address_of_a_host_says_is_passed_through(
        self, own: tuple[str, str], others: tuple[str, str]
    ) -> None:
        texts = {
            host: text.replace("priority", f"{unicast(source, peers)}\npriority")
            for (host, text), source, peers in zip(pair().items(), own, others, strict=True)
        }
        found = import_pair(texts)
        assert found["topology"] == "single_master", found["findings"]
        assert of_host(found, "lb01")["single_master_instance_options"]["unicast_src_ip"] == own[0]
        assert "vipd_unicast" not in variables(found)
        assert proven(texts, found)

    def test_the_host_of_higher_priority_is_preferred(self) -> None:
        texts = dict(zip(("lb01", "lb02"), reversed(pair().values()), strict=True))
        found = import_pair(texts)
        assert variables(found)["single_master_preferred"] == "lb02"
        assert proven(texts, found)

    def test_the_example_of_the_handbook(self) -> None:
        page = (ROOT / "docs" / "migration.md").read_text()
        (text,) = re.findall(r"^```keepalived\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        shown = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
        other = text.replace("MASTER", "BACKUP").replace("110", "100")
        assert import_pair({"lb01": text, "lb02": other})["inventory"] == shown[1]


SERVERS = """\
virtual_server 10.0.0.3 80 {
delay_loop 6
lb_algo wrr
lb_kind DR
protocol TCP
persistence_timeout 50
quorum 2
hysteresis 1
quorum_up /bin/true
sorry_server 10.0.0.9 80
real_server 10.0.0.7 80 {
weight 3
inhibit_on_failure
HTTP_GET {
url {
path /a
status_code 200
}
url {
path /b
digest 640205b7b0fc66c1ea91c463fac6334d
}
connect_timeout 3
}
}
real_server 10.0.0.8 80 {
weight 1
TCP_CHECK {
connect_port 8080
}
}
}
virtual_server 10.0.0.3 53 {
delay_loop 5
lb_algo rr
lb_kind NAT
protocol UDP
real_server 10.0.0.7 5353 {
weight 1
}
real_server 10.0.0.8 53 {
weight 1
lvs_method TUN
}
}
virtual_server fwmark 3 {
delay_loop 60
lb_algo sh
lb_kind DR
real_server 10.0.0.7 {
weight 1
MISC_CHECK {
misc_path "/bin/true a"
}
}
}
"""


class TestDirectors:
    def test_virtual_servers_become_services(self) -> None:
        more = "virtual_ipaddress_excluded {\n192.0.2.1/24\n}"
        texts = {host: text + SERVERS for host, text in pair(more).items()}
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.lvs_director", found["findings"]
        web, names, marked = variables(found)["lvs_director_services"]
        assert web == {
            "vip": "10.0.0.3/24",
            "port": 80,
            "forwarding": "dr",
            "scheduler": "wrr",
            "persistence_timeout_s": 50,
            "quorum": 2,
            "sorry_server": "10.0.0.9:80",
            "check_interval_s": 6,
            "options": {"hysteresis": 1, "quorum_up": "/bin/true"},
            "real_servers": [
                {
                    "address": "10.0.0.7",
                    "weight": 3,
                    "options": {"inhibit_on_failure": True},
                    "check": {
                        "http": {
                            "url": [
                                {"path": "/a", "status_code": 200},
                                {"path": "/b", "digest": "640205b7b0fc66c1ea91c463fac6334d"},
                            ],
                            "connect_timeout": 3,
                        }
                    },
                },
                {"address": "10.0.0.8", "check": {"tcp": {"connect_port": 8080}}},
            ],
        }
        assert names["protocol"] == "udp"
        assert names["real_servers"] == [
            {"address": "10.0.0.7", "port": 5353},
            {"address": "10.0.0.8", "forwarding": "tun"},
        ]
        assert marked["fwmark"] == 3
        assert marked["check"] == {"misc": {"misc_path": '"/bin/true a"'}}
        assert "lvs_director_vips" not in variables(found)
        assert proven(texts, found)

    def test_other_vips_stay_in_the_list(self) -> None:
        texts = {host: text.replace("eth0:1\n", "eth0:1\n10.0.0.4/24 dev eth0 label eth0:2\n") + SERVERS
                 for host, text in pair().items()}  # fmt: skip
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.lvs_director", found["findings"]
        assert variables(found)["lvs_director_vips"] == ["10.0.0.4/24"]
        assert proven(texts, found)

    @pytest.mark.parametrize("served", [("10.0.0.5",), ("10.0.0.4",), ("10.0.0.5", "10.0.0.4")])
    def test_a_served_vip_that_is_not_the_first_keeps_its_place(self, served: tuple[str, ...]) -> None:
        servers = "".join(SERVERS.partition("virtual_server 10.0.0.3 53")[0].replace("10.0.0.3", vip) for vip in served)
        more = "eth0:1\n10.0.0.4/24 dev eth0 label eth0:2\n10.0.0.5/24 dev eth0 label eth0:3\n"
        texts = {host: text.replace("eth0:1\n", more) + servers for host, text in pair().items()}
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.lvs_director", found["findings"]
        assert variables(found)["lvs_director_vips"] == ["10.0.0.3/24", "10.0.0.4/24", "10.0.0.5/24"]
        assert proven(texts, found)

    @pytest.mark.parametrize(
        ("left_out", "service", "said"),
        [
            ("delay_loop 6\n", 0, {"check_interval_s": 60}),
            ("weight 1\n", 1, {}),
            ("lb_algo rr\n", 1, {"scheduler": "wlc"}),
            ("lb_kind NAT\n", 1, {"forwarding": "nat"}),
            ("protocol UDP\n", 1, {"protocol": "udp"}),
        ],
    )
    def test_what_is_left_to_the_default_is_said(self, left_out: str, service: int, said: dict[str, Any]) -> None:
        assert left_out in SERVERS
        texts = {host: text + SERVERS.replace(left_out, "") for host, text in pair().items()}
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.lvs_director", found["findings"]
        assert said.items() <= variables(found)["lvs_director_services"][service].items()
        assert "lb01: a virtual server says what it left to keepalived's defaults" in found["differences"]
        assert proven(texts, found)

    @pytest.mark.parametrize("served", [("10.0.0.4",), ("10.0.0.4", "10.0.0.3"), ("10.0.0.3", "10.0.0.4")])
    def test_services_of_several_instances(self, served: tuple[str, ...]) -> None:
        """Each instance has what it had, in whatever order their services stand."""
        servers = "".join(
            f"virtual_server {vip} 80 {{\nprotocol TCP\nreal_server 10.0.0.7 80 {{\nTCP_CHECK {{\n}}\n}}\n}}\n"
            for vip in served
        )
        more = ("garp_master_delay 1", "")
        texts = {host: text + servers for host, text in two_way((150, 100), (150, 100), more=more).items()}
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.lvs_director", found["findings"]
        assert [one["vip"]["address"] for one in variables(found)["lvs_director_services"]] == [
            f"{vip}/24" for vip in served
        ]
        assert proven(texts, found)

    @pytest.mark.parametrize(
        ("line", "said", "passed"),
        [
            ("eth0 VI_1", True, None),
            ("eth0 VI_1 id 7", None, "eth0 inst VI_1 id 7"),
            ("eth1 VI_1", None, "eth1 inst VI_1"),
        ],
    )
    def test_the_sync_daemon_that_the_role_would_give_is_a_variable(
        self, line: str, said: bool | None, passed: str | None
    ) -> None:
        outside = f"global_defs {{\nlvs_sync_daemon {line}\n}}\n"
        texts = {host: text + SERVERS for host, text in pair(outside=outside).items()}
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.lvs_director", found["findings"]
        assert variables(found).get("lvs_director_sync_daemon") is said
        assert variables(found)["lvs_director_global_options"].get("lvs_sync_daemon") == passed
        assert proven(texts, found)

    @pytest.mark.parametrize(
        ("servers", "reason"),
        [
            (SERVERS.replace("10.0.0.3 80", "10.0.0.30 80"), "10.0.0.30 of a virtual_server is no VIP of an instance"),
            ("virtual_server_group G {\n10.0.0.3 80\n}\nvirtual_server group G {\nlb_algo rr\nlb_kind DR\n"
             "protocol TCP\nreal_server 10.0.0.7 80 {\n}\n}\n", "G is a virtual_server_group"),
        ],
    )  # fmt: skip
    def test_what_no_service_can_say_stays_as_it_is(self, servers: str, reason: str) -> None:
        texts = {host: text + servers for host, text in pair().items()}
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.single_master"
        assert any("lvs_director does not fit" in one and reason in one for one in found["findings"])
        assert "virtual_server" in variables(found)["single_master_raw"]
        assert proven(texts, found)


class TestTheProof:
    def test_a_variable_that_got_lost_is_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def forgetful(topology: str, configs: Any) -> Found:
            found = recognise(topology, configs)
            left = {name: value for name, value in found.shared.items() if name != "virtual_router_id"}
            return Found(left, found.of_host)

        monkeypatch.setattr(migration, "recognise", forgetful)
        with pytest.raises(AnsibleFilterError, match=r"lb01: instances\[0\].virtual_router_id was 77 and would be 51"):
            import_pair(TWO, topology="single_master")

    def test_nothing_but_what_is_named_counts_as_harmless(self) -> None:
        """Each line of the file, taken out or changed, is a difference."""
        before = parse(LB01).config
        for old, new in [
            ("priority 110", "priority 111"), ("fall 3", "fall 4"), ("weight -20", "weight -21"), ("s3cret", "other"),
            ("label eth1:web", ""), ("10.0.0.3/24", "10.0.0.3/25"), ("dev eth1", "dev eth2"),
            ("refresh 60", "refresh 61"),
            ("script_user nobody", ""), ("10.0.0.6", "10.0.0.7"), ("state MASTER", "state BACKUP"),
            ("notify.sh master", "notify.sh"), ("router_id LVS_DEVEL", "router_id other"), ("interval 2", "interval 3"),
        ]:  # fmt: skip
            assert old in LB01
            assert compare(before, parse(LB01.replace(old, new)).config).different != (), old

    def test_a_secret_is_not_shown(self) -> None:
        different = compare(parse(LB01).config, parse(LB01.replace("s3cret", "other")).config).different
        assert "s3cret" not in str(different)
        assert [one.place for one in different] == ["instances[0].auth_pass"]

    def test_a_harmless_difference_is_named(self) -> None:
        assert import_pair(TWO)["differences"][0].startswith("lb01: the device of a VIP is said")
        assert import_pair(pair(outside="global_defs {\nrouter_id LVS\n}\n"))["differences"] == []

    def test_a_name_that_something_knows_is_no_harmless_difference(self) -> None:
        texts = pair('notify "/usr/local/bin/told"')
        assert import_pair(texts)["topology"] == "single_master"
        renamed = {**texts, "lb02": texts["lb02"].replace("VI_1", "VI_B")}
        assert import_pair(renamed)["topology"] == "raw"


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("texts", "reason"),
        [
            ({host: text + (instance(2, 90, "10.0.0.4/24", "") if host == "lb01" else "")
              for host, text in pair().items()}, "the hosts have different instances; lb02 has the VRIDs 51"),
            ({host: text.replace("eth0:1", f"eth0:{host}") for host, text in pair().items()},
             "the label of 10.0.0.3 is not the same everywhere"),
        ],
    )  # fmt: skip
    def test_it_is_run_as_it_is_and_the_reason_is_told(self, texts: dict[str, str], reason: str) -> None:
        found = import_pair(texts)
        assert found["role"] == "lbha.pair.vipd"
        assert {host: of_host(found, host) for host in texts} == {
            host: {"vipd_config": text} for host, text in texts.items()
        }
        assert reason in "\n".join(found["findings"])

    def test_a_topology_that_was_asked_for_is_not_replaced(self) -> None:
        with pytest.raises(AnsibleFilterError, match="dual_master does not fit: there is one instance"):
            import_pair(pair(), topology="dual_master")

    def test_what_vipd_does_not_act_upon_is_told(self) -> None:
        found = import_pair(pair(outside="global_defs {\nvrrp_rlimit_rttime 10000\n}\n"))
        assert [one for one in found["findings"] if "vrrp_rlimit_rttime is not acted upon" in one]
        assert found["topology"] == "single_master"

    def test_scripts_without_a_user_are_told(self) -> None:
        texts = {host: text.replace("script_user nobody", "") for host, text in TWO.items()}
        found = import_pair(texts)
        assert [one.partition(":")[0] for one in found["findings"] if "no script_user is said" in one] == [
            "lb01",
            "lb02",
        ]
        assert variables(found)["single_master_global_options"]["script_user"] is False
        assert proven(texts, found)
        assert not [one for one in import_pair(TWO)["findings"] if "script_user" in one]

    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            ({**pair(), "lb02": pair()["lb02"].replace("eth0:1\n}", "eth0:1\n10.0.0.9\n}")},
             "virtual_ipaddress has 10.0.0.9"),
            (pair("vrrp_instanze"), "vrrp_instanze"),
            ({"lb01": LB01}, "a pair has two hosts or more"),
            ({"lb01": "", "lb02": ""}, "lb01: has no vrrp_instance"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_not_carried_over(self, texts: dict[str, str], expected: str) -> None:
        with pytest.raises(AnsibleFilterError) as refusal:
            import_pair(texts)
        assert expected in str(refusal.value)
        assert "correct it where it is" in str(refusal.value)

    def test_passwords_that_differ_are_not_told(self) -> None:
        with pytest.raises(AnsibleFilterError) as refusal:
            import_pair({**TWO, "lb02": LB02.replace("s3cret", "other1")})
        assert "its password is not that of" in str(refusal.value)
        assert "s3cret" not in str(refusal.value)
        assert "other1" not in str(refusal.value)

    def test_an_unknown_topology_is_refused(self) -> None:
        with pytest.raises(
            AnsibleFilterError, match="write one of auto, single_master, dual_master, lvs_director, raw"
        ):
            import_pair(pair(), topology="triple")


def test_a_node_that_yields_keeps_everything_but_its_priority() -> None:
    node = import_pair(TWO)["hosts"]["lb01"]
    yielding = parse(node["yielding"]).config
    assert [one.place for one in compare(parse(LB01).config, yielding).different] == ["instances[0].priority"]
    assert yielding.instances[0].priority == 1
    assert node["vips"] == ["10.0.0.3", "10.0.0.4"]
