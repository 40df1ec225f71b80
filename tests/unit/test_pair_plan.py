# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan, asked as Ansible asks it: through the filter, with hostvars as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.filter.script_users import script_users
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.plugin_utils.kept_passwords import kept_password

TWO_HOSTS = MappingProxyType({"lb01": {"ansible_host": "10.0.0.5"}, "lb02": {"ansible_host": "10.0.0.6"}})
ONE_VIP = MappingProxyType({"single_master_vips": ["10.0.0.3/24"]})
TWO_VIPS = MappingProxyType(
    {
        "dual_master_vips": [
            {"address": "10.0.0.3/24", "preferred": "lb01"},
            {"address": "10.0.0.4/24", "preferred": "lb02"},
        ]
    }
)


def single(given: Mapping[str, Any] = ONE_VIP, hostvars: Mapping[str, Any] = TWO_HOSTS, **asked: Any) -> dict[str, Any]:
    asked = {"host": "lb01", "play_hosts": list(hostvars), **asked}
    return pair_plan(given, "single_master", hostvars=hostvars, **asked)


def dual(given: Mapping[str, Any] = TWO_VIPS, hostvars: Mapping[str, Any] = TWO_HOSTS) -> dict[str, Any]:
    return pair_plan(given, "dual_master", hostvars=hostvars, host="lb01", play_hosts=list(hostvars))


def findings(given: Mapping[str, Any], hostvars: Mapping[str, Any] = TWO_HOSTS, **asked: Any) -> list[str]:
    """What the filter complains of, without the bullets."""
    with pytest.raises(AnsibleFilterError) as refusal:
        single(given, hostvars, **asked)
    return [line.strip(" -") for line in str(refusal.value).splitlines()[1:]]


def only_finding(given: Mapping[str, Any], hostvars: Mapping[str, Any] = TWO_HOSTS, **asked: Any) -> str:
    (finding,) = findings({**ONE_VIP, **given}, hostvars, **asked)
    return finding


def instances(plan: dict[str, Any], host: str) -> list[dict[str, Any]]:
    return plan["hosts"][host]["config"]["instances"]


def of_all(plan: dict[str, Any], field: str) -> list[list[Any]]:
    return [[instance[field] for instance in instances(plan, host)] for host in plan["hosts"]]


LB01_TEXT = """\
global_defs {
    router_id lb01
}

vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        10.0.0.3/24 dev eth0 label eth0:1
    }
}
"""


class TestWhatIsDerived:
    def test_the_smallest_pair_is_the_one_of_the_handbook(self) -> None:
        plan = single({**ONE_VIP, "single_master_password": 1111})
        assert plan["hosts"]["lb01"]["text"] == LB01_TEXT
        other = LB01_TEXT.replace("lb01", "lb02").replace("MASTER", "BACKUP").replace("150", "100")
        assert plan["hosts"]["lb02"]["text"] == other

    def test_every_text_is_one_that_the_agent_accepts(self) -> None:
        for plan in (single(), dual()):
            for planned in plan["hosts"].values():
                parsed = parse(planned["text"])
                assert (parsed.diagnostics, check(parsed.config)) == ((), ())

    def test_each_node_of_a_dual_master_prefers_one_vip(self) -> None:
        plan = dual()
        assert of_all(plan, "virtual_router_id") == [[51, 52], [51, 52]]
        assert of_all(plan, "priority") == [[150, 100], [100, 150]]
        assert of_all(plan, "state") == [["MASTER", "BACKUP"], ["BACKUP", "MASTER"]]
        assert plan["holders"] == {"10.0.0.3": "lb01", "10.0.0.4": "lb02"}

    def test_labels_are_numbered_over_all_instances(self) -> None:
        labels = [vip["label"] for instance in instances(dual(), "lb01") for vip in instance["virtual_ipaddress"]]
        assert labels == ["eth0:1", "eth0:2"]

    def test_vips_that_prefer_the_same_host_move_together(self) -> None:
        vips = [*TWO_VIPS["dual_master_vips"], {"address": "10.0.0.9/32", "preferred": "lb01"}]
        first, second = instances(dual({"dual_master_vips": vips}), "lb02")
        assert [vip["address"] for vip in first["virtual_ipaddress"]] == ["10.0.0.3", "10.0.0.9"]
        assert [vip["address"] for vip in second["virtual_ipaddress"]] == ["10.0.0.4"]

    def test_an_interface_with_a_long_name_gets_no_label(self) -> None:
        plan = single({**ONE_VIP, "single_master_interface": "enp0s31f6.1234"})
        assert instances(plan, "lb01")[0]["virtual_ipaddress"][0]["label"] is None

    def test_hosts_beyond_two_get_priorities_of_their_own(self) -> None:
        hosts = {f"lb0{number}": {} for number in range(1, 5)}
        assert of_all(single(hostvars=hosts), "priority") == [[150], [100], [90], [80]]

    def test_the_preferred_host_leads(self) -> None:
        plan = single({**ONE_VIP, "single_master_preferred": "lb02"})
        assert of_all(plan, "priority") == [[100], [150]]
        assert of_all(plan, "state") == [["BACKUP"], ["MASTER"]]

    def test_nopreempt_makes_all_of_them_backup(self) -> None:
        plan = single({**ONE_VIP, "single_master_nopreempt": True})
        assert of_all(plan, "state") == [["BACKUP"], ["BACKUP"]]
        assert of_all(plan, "nopreempt") == [[True], [True]]

    def test_checks_become_scripts_that_every_instance_tracks(self) -> None:
        checks = [{"name": "web", "command": "/bin/check 'a b'", "interval_s": 2, "fall": 2, "user": "nobody"}]
        plan = dual({**TWO_VIPS, "dual_master_checks": checks})
        config = plan["hosts"]["lb02"]["config"]
        assert config["scripts"][0]["command"]["argv"] == ["/bin/check", "a b"]
        assert [track["name"] for instance in config["instances"] for track in instance["tracks"]["scripts"]] == [
            "web"
        ] * 2
        assert script_users(plan["hosts"]["lb01"]["text"]) == ["nobody"]

    def test_scripts_turn_script_security_on(self) -> None:
        plan = single({**ONE_VIP, "single_master_notify": {"notify_master": "/usr/local/bin/told"}})
        assert plan["hosts"]["lb01"]["config"]["global_defs"]["enable_script_security"] is True
        assert script_users(plan["hosts"]["lb01"]["text"]) == ["root"]

    def test_every_program_and_every_pipe_counts(self) -> None:
        text = """
            global_defs {
                notify_fifo /run/vipd/events mail
                startup_script /bin/true daemon
            }
            vrrp_sync_group G {
                group {
                    V
                }
                notify_fault /bin/true nobody
            }
        """
        assert script_users(text) == ["daemon", "mail", "nobody"]

    @pytest.mark.parametrize("keyword", ["notify_deleted", "notify_master_rx_lower_pri"])
    def test_so_do_programs_that_are_passed_through(self, keyword: str) -> None:
        plan = single({**ONE_VIP, "single_master_instance_options": {keyword: "/usr/local/bin/told"}})
        assert plan["hosts"]["lb01"]["config"]["global_defs"]["enable_script_security"] is True

    def test_options_follow_what_is_derived_and_raw_lines_come_before(self) -> None:
        options = {"garp_master_delay": 1, "dont_track_primary": True, "garp_master_refresh": False}
        plan = single(
            {
                **ONE_VIP,
                "single_master_instance_options": options,
                "single_master_raw": "vrrp_script x {\n script /bin/true\n}",
            }
        )
        assert "    garp_master_delay 1\n    dont_track_primary\n}\n" in plan["hosts"]["lb01"]["text"]
        assert "vrrp_script x {\n script /bin/true\n}\n\nvrrp_instance VI_1 {\n" in plan["hosts"]["lb01"]["text"]
        assert instances(plan, "lb01")[0]["garp"]["master_delay_s"] == 1

    def test_options_may_differ_from_host_to_host(self) -> None:
        hosts = {
            host: {"single_master_instance_options": {"unicast_src_ip": own, "unicast_peer": [peer]}}
            for host, own, peer in (("lb01", "10.0.0.5", "10.0.0.6"), ("lb02", "10.0.0.6", "10.0.0.5"))
        }
        plan = single({**ONE_VIP, **hosts["lb01"]}, hosts)
        assert of_all(plan, "unicast_src_ip") == [["10.0.0.5"], ["10.0.0.6"]]

    def test_global_options_take_the_place_of_what_is_derived(self) -> None:
        options = {"router_id": "LVS_DEVEL", "script_user": "nobody nogroup", "enable_script_security": False}
        notify = {"notify_master": "/usr/local/bin/told"}
        given = {**ONE_VIP, "single_master_notify": notify, "single_master_global_options": options}
        assert single(given)["hosts"]["lb02"]["text"].startswith(
            "global_defs {\n    router_id LVS_DEVEL\n    script_user nobody nogroup\n}\n"
        )

    def test_an_interval_below_a_second_needs_version_3(self) -> None:
        given = {**ONE_VIP, "single_master_advert_int_s": 0.2}
        for options in ({"single_master_instance_options": {"version": 3}},
                        {"single_master_global_options": {"vrrp_version": 3}}):  # fmt: skip
            assert of_all(single({**given, **options}), "advert_int_s") == [[0.2], [0.2]]

    def test_a_vip_may_leave_its_device_to_the_agent(self) -> None:
        vips = [{"address": "10.0.0.3/24", "dev": ""}]
        assert "        10.0.0.3/24\n" in single({"single_master_vips": vips})["hosts"]["lb01"]["text"]

    def test_an_instance_may_have_what_it_had_before(self) -> None:
        said = {
            "name": "VI_WEB",
            "virtual_router_id": 99,
            "priorities": {"lb01": 10, "lb02": 20},
            "states": {"lb02": "BACKUP"},
            "notify": {"notify_stop": "/usr/local/bin/told"},
            "options": {"garp_master_delay": 1},
        }
        plan = dual({**TWO_VIPS, "dual_master_instances": [{}, said]})
        assert of_all(plan, "name") == [["VI_1", "VI_WEB"]] * 2
        assert of_all(plan, "virtual_router_id") == [[51, 99]] * 2
        assert of_all(plan, "priority") == [[150, 10], [100, 20]]
        assert of_all(plan, "state") == [["MASTER", "BACKUP"], ["BACKUP", "BACKUP"]]
        assert [one["notify"]["stop"] is None for one in instances(plan, "lb01")] == [True, False]
        assert [one["garp"]["master_delay_s"] for one in instances(plan, "lb01")] == [None, 1]

    def test_values_from_the_command_line_are_texts(self) -> None:
        plan = single({**ONE_VIP, "single_master_virtual_router_id": "77", "single_master_nopreempt": "yes"})
        assert of_all(plan, "virtual_router_id") == [[77], [77]]

    def test_the_plan_says_what_goes_over_the_wire_for_those_who_ask_the_network(self) -> None:
        planned = single()["hosts"]["lb01"]
        assert planned["address"] == "10.0.0.5"
        assert planned["instances"] == [
            {"interface": "eth0", "virtual_router_id": 51, "addresses": ["10.0.0.3/24"], "peers": []}
        ]


class TestBothFamilies:
    VIPS = MappingProxyType({"single_master_vips": ["2001:db8::3/64", "10.0.0.3/24", "10.0.0.4/24"]})

    def test_ipv6_moves_with_ipv4_by_one_election(self) -> None:
        plan = single({**self.VIPS, "single_master_password": "s3cret"})
        (instance,) = instances(plan, "lb01")
        assert [vip["address"] for vip in instance["virtual_ipaddress"]] == ["10.0.0.3", "10.0.0.4"]
        assert [vip["address"] for vip in instance["virtual_ipaddress_excluded"]] == ["2001:db8::3"]
        assert instance["auth_pass"] == "s3cret"
        assert plan["holders"] == {"2001:db8::3": "lb01", "10.0.0.3": "lb01", "10.0.0.4": "lb01"}

    def test_ipv6_alone_is_version_3_without_a_password_and_labels(self) -> None:
        plan = single({"single_master_vips": ["2001:db8::3/64"], "single_master_password": "s3cret"})
        (instance,) = instances(plan, "lb02")
        assert [vip["label"] for vip in instance["virtual_ipaddress"]] == [None]
        assert instance["auth_pass"] is None

    def test_ipv6_alone_may_be_quick(self) -> None:
        plan = single({"single_master_vips": ["2001:db8::3/64"], "single_master_advert_int_s": 0.2})
        assert of_all(plan, "advert_int_s") == [[0.2], [0.2]]

    def test_an_ipv6_address_of_a_host_is_no_vip(self) -> None:
        hosts = {"lb01": {"ansible_host": "2001:db8::3"}, "lb02": {}}
        assert "is the address of lb01 (ansible_host)" in findings({"single_master_vips": ["2001:db8::3/64"]}, hosts)[0]


class TestSpreading:
    def preferred(self, vips: int, *hosts: str, named: Mapping[int, str] = MappingProxyType({})) -> list[str]:
        items = [{"address": f"10.0.0.{number + 10}/24"} for number in range(vips)]
        for number, host in named.items():
            items[number]["preferred"] = host
        plan = dual({"dual_master_vips": items}, dict.fromkeys(hosts, MappingProxyType({})))
        return [plan["holders"][item["address"].partition("/")[0]] for item in items]

    @pytest.mark.parametrize(
        ("vips", "hosts", "expected"),
        [(2, "ab", "ab"), (3, "ab", "aba"), (4, "ab", "abab"), (3, "abc", "abc"), (6, "abc", "abcbac"), (1, "ab", "a")],
    )
    def test_vips_without_a_preference_go_round(self, vips: int, hosts: str, expected: str) -> None:
        assert "".join(self.preferred(vips, *hosts)) == expected

    def test_shares_are_even_and_a_new_host_moves_only_what_it_takes(self) -> None:
        for vips in range(1, 13):
            before: list[str] = []
            for hosts in ("ab", "abc", "abcd", "abcde"):
                now = self.preferred(vips, *hosts)
                shares = [now.count(host) for host in hosts]
                assert max(shares) - min(shares) <= 1
                assert all(host in (old, hosts[-1]) for old, host in zip(before, now, strict=False))
                before = now

    def test_who_says_a_preference_has_it_and_the_rest_makes_up_for_it(self) -> None:
        assert self.preferred(2, "a", "b", named={0: "b"}) == ["b", "a"]
        assert self.preferred(4, "a", "b", named={0: "a", 1: "a"}) == ["a", "a", "b", "b"]

    def test_vips_of_one_instance_are_spread_as_one(self) -> None:
        vips = [{"address": "10.0.0.3/24", "instance": "WEB"}, {"address": "10.0.0.4/24", "instance": "WEB"}]
        plan = dual({"dual_master_vips": [*vips, "10.0.0.8/24"]})
        assert plan["holders"] == {"10.0.0.3": "lb01", "10.0.0.4": "lb01", "10.0.0.8": "lb02"}


class TestRouterIds:
    def test_reserved_ones_are_passed_over(self) -> None:
        plan = dual({**TWO_VIPS, "dual_master_reserved_virtual_router_ids": [51, "53"]})
        assert of_all(plan, "virtual_router_id") == [[52, 54], [52, 54]]

    def neighbours(self, **other: Any) -> dict[str, Any]:
        """A second pair in the inventory, on hosts of its own."""
        theirs = {"single_master_vips": ["10.0.0.9/24"], **other}
        return {**TWO_HOSTS, "lb11": dict(theirs), "lb12": dict(theirs)}

    def judged(self, hosts: Mapping[str, Any], whole_inventory: bool = True) -> list[str]:
        try:
            single(hostvars=hosts, play_hosts=["lb01", "lb02"], whole_inventory=whole_inventory)
        except AnsibleFilterError as refusal:
            return [line.strip(" -") for line in str(refusal).splitlines()[1:]]
        return []

    def test_two_pairs_of_one_network_need_different_ones(self) -> None:
        assert self.judged(self.neighbours()) == [
            "single_master_virtual_router_id: 51 is used by lb11, lb12 in the same network; "
            "start at another one, 52 for example"
        ]

    @pytest.mark.parametrize(
        "other",
        [
            {"single_master_virtual_router_id": 60},
            {"single_master_vips": ["10.0.1.9/24"]},
            {"single_master_vips": ["10.0.0.9/32"]},
            {"single_master_vips": ["2001:db8::9/64"]},
            {"single_master_vips": ["10.0.0.300/24"]},  # for that pair's own run to tell
        ],
    )
    def test_pairs_that_cannot_meet_may_have_the_same(self, other: dict[str, Any]) -> None:
        assert self.judged(self.neighbours(**other)) == []

    def test_a_vip_belongs_to_one_pair(self) -> None:
        hosts = self.neighbours(single_master_vips=["10.0.0.3/32"], single_master_virtual_router_id=60)
        assert self.judged(hosts) == [
            "single_master_vips: 10.0.0.3 is a VIP of lb11, lb12, too; give each pair its own"
        ]

    def test_other_pairs_are_looked_at_only_when_that_is_asked_for(self) -> None:
        assert self.judged(self.neighbours(), whole_inventory=False) == []


class TestUnicast:
    def unicast(self, hosts: Mapping[str, Any] = TWO_HOSTS, **given: Any) -> dict[str, Any]:
        return single({**ONE_VIP, "vipd_unicast": True, **given}, hosts)

    def found(self, hosts: Mapping[str, Any] = TWO_HOSTS, **given: Any) -> list[str]:
        return findings({**ONE_VIP, "vipd_unicast": True, **given}, hosts)

    def test_peers_and_sources_come_from_the_inventory(self) -> None:
        hosts = {**TWO_HOSTS, "lb03": {"ansible_host": "10.0.0.7"}}
        plan = self.unicast(hosts)
        assert of_all(plan, "unicast_src_ip") == [["10.0.0.5"], ["10.0.0.6"], ["10.0.0.7"]]
        assert [peer["address"] for peer in instances(plan, "lb02")[0]["unicast_peer"]] == ["10.0.0.5", "10.0.0.7"]
        assert plan["hosts"]["lb01"]["instances"][0]["peers"] == ["10.0.0.6", "10.0.0.7"]

    def test_a_host_may_say_where_it_speaks_from(self) -> None:
        hosts = {
            "lb01": {"ansible_host": "lb01.example.com", "vipd_unicast_address": ["10.1.0.5", "2001:db8::5"]},
            "lb02": {"ansible_host": "192.0.2.6", "vipd_unicast_address": {"eth0": "10.1.0.6", "eth1": "10.2.0.6"}},
        }
        assert of_all(self.unicast(hosts), "unicast_src_ip") == [["10.1.0.5"], ["10.1.0.6"]]

    def test_ipv6_alone_is_spoken_over_ipv6(self) -> None:
        hosts = {host: {"vipd_unicast_address": ["10.0.0.5", address]}
                 for host, address in (("lb01", "2001:db8::5"), ("lb02", "2001:db8::6"))}  # fmt: skip
        plan = single({"single_master_vips": ["2001:db8::3/64"], "vipd_unicast": "yes"}, hosts)
        assert of_all(plan, "unicast_src_ip") == [["2001:db8::5"], ["2001:db8::6"]]

    def test_a_name_is_no_address(self) -> None:
        hosts = {**TWO_HOSTS, "lb02": {"ansible_host": "lb02.example.com"}}
        assert self.found(hosts) == [
            "vipd_unicast_address (lb02): no IPv4 address is known from which lb02 speaks on eth0; "
            "set it in the host's variables, or ansible_host to an address"
        ]

    def test_two_hosts_need_two_addresses(self) -> None:
        hosts = {host: {"vipd_unicast_address": "10.0.0.5"} for host in TWO_HOSTS}
        assert "10.0.0.5 is the address of lb01, too" in self.found(hosts)[0]

    def test_a_host_does_not_speak_as_the_vip(self) -> None:
        hosts = {**TWO_HOSTS, "lb02": {"vipd_unicast_address": "10.0.0.3"}}
        assert "10.0.0.3 is a VIP (single_master_vips[0])" in self.found(hosts)[0]

    @pytest.mark.parametrize("no", [False, "false"])
    def test_the_hosts_agree_on_it(self, no: Any) -> None:
        hosts = {**TWO_HOSTS, "lb02": {"ansible_host": "10.0.0.6", "vipd_unicast": no}}
        assert "vipd_unicast (lb02): the hosts disagree" in self.found(hosts)[0]

    def test_what_is_derived_is_not_said_as_well(self) -> None:
        options = {"unicast_peer": ["10.0.0.6"]}
        assert "is derived with vipd_unicast" in self.found(single_master_instance_options=options)[0]


GATEWAY = MappingProxyType(
    {
        "single_master_vips": [
            {"address": "192.0.2.3/24", "instance": "OUTSIDE"},
            {"address": "10.0.0.3/24", "instance": "INSIDE"},
        ],
        "single_master_instances": [{}, {"interface": "eth1", "password": "inside"}],
    }
)


class TestSeveralInstances:
    def test_each_has_its_own_interface_and_password(self) -> None:
        plan = single(GATEWAY)
        assert of_all(plan, "name") == [["OUTSIDE", "INSIDE"]] * 2
        assert of_all(plan, "interface") == [["eth0", "eth1"]] * 2
        assert of_all(plan, "auth_pass") == [[None, "inside"]] * 2

    def test_a_sync_group_keeps_them_together(self) -> None:
        group = {"name": "GATEWAY", "instances": ["OUTSIDE", "INSIDE"]}
        plan = single({**GATEWAY, "single_master_sync_groups": [group]})
        for planned in plan["hosts"].values():
            (found,) = planned["config"]["sync_groups"]
            assert (found["name"], found["group"]) == ("GATEWAY", ["OUTSIDE", "INSIDE"])
            assert check(parse(planned["text"]).config) == ()

    def test_a_sync_group_tells_programs(self) -> None:
        """Under script security, as all that a role runs."""
        told = {"notify_master": "/bin/true master", "notify": {"command": "/bin/true", "user": "nobody"}}
        group = {"name": "GATEWAY", "instances": ["OUTSIDE", "INSIDE"], "notify": told}
        plan = single({**GATEWAY, "single_master_sync_groups": [group]})
        for planned in plan["hosts"].values():
            notify = planned["config"]["sync_groups"][0]["notify"]
            assert notify["master"]["argv"] == ["/bin/true", "master"]
            assert notify["any"]["user"]["user"] == "nobody"
            assert planned["config"]["global_defs"]["enable_script_security"] is True
            assert check(parse(planned["text"]).config) == ()

    def test_members_prefer_one_host(self) -> None:
        vips = [
            {"address": "192.0.2.3/24", "instance": "OUTSIDE", "preferred": "lb01"},
            {"address": "10.0.0.3/24", "instance": "INSIDE", "preferred": "lb02"},
        ]
        group = {"name": "GATEWAY", "instances": ["OUTSIDE", "INSIDE"]}
        with pytest.raises(AnsibleFilterError, match="OUTSIDE and INSIDE have different priorities"):
            dual({"dual_master_vips": vips, "dual_master_sync_groups": [group]})


class TestKeptPasswords:
    def passwords(self, directory: Path, **asked: Any) -> list[list[Any]]:
        given = {**ONE_VIP, "single_master_password_file": "passwords/web"}
        return of_all(single(given, inventory_dir=str(directory), **asked), "auth_pass")

    def test_a_password_is_made_once_and_kept_for_its_owner(self, tmp_path: Path) -> None:
        made = self.passwords(tmp_path)
        file = tmp_path / "passwords" / "web"
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert made == [[file.read_text().strip()]] * 2
        assert len(made[0][0]) == 8
        assert self.passwords(tmp_path) == made
        assert [path.name for path in file.parent.iterdir()] == ["web"]

    def test_two_that_make_it_at_once_have_the_same(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as threads:
            made = list(threads.map(lambda _turn: kept_password("web", str(tmp_path), False), range(8)))
        assert len(set(made)) == 1

    def test_check_mode_makes_none(self, tmp_path: Path) -> None:
        assert self.passwords(tmp_path, check_mode=True) == [["********"]] * 2
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_holds_too_much_is_told_and_not_shown(self, tmp_path: Path) -> None:
        (tmp_path / "web").write_text("longer than eight\n")
        given = {"single_master_password_file": "web"}
        found = only_finding(given, inventory_dir=str(tmp_path))
        assert "single_master_password_file: has 17 bytes" in found
        assert "longer" not in found

    def test_a_directory_is_no_file(self, tmp_path: Path) -> None:
        assert "cannot be used: Is a directory" in only_finding({"single_master_password_file": str(tmp_path)})

    def test_one_of_the_two_is_enough(self, tmp_path: Path) -> None:
        given = {"single_master_password_file": str(tmp_path / "web"), "single_master_password": "s3cret"}
        assert "single_master_password is set, too" in only_finding(given)


class TestWhoSaysWhat:
    def test_the_inventory_may_name_an_interface_for_each_host(self) -> None:
        hosts = {"lb01": {"single_master_interface": "ens3"}, "lb02": {"single_master_interface": "bond0"}}
        plan = single({**ONE_VIP, "single_master_interface": "ens3"}, hosts)
        assert of_all(plan, "interface") == [["ens3"], ["bond0"]]

    def test_a_host_without_a_value_has_the_default_not_its_neighbours(self) -> None:
        hosts = {"lb01": {"single_master_interface": "ens3"}, "lb02": {}}
        assert of_all(single({**ONE_VIP, "single_master_interface": "ens3"}, hosts), "interface") == [
            ["ens3"],
            ["eth0"],
        ]

    def test_what_the_play_says_holds_for_all(self) -> None:
        hosts = {"lb01": {"single_master_interface": "ens3"}, "lb02": {"single_master_interface": "ens4"}}
        plan = single({**ONE_VIP, "single_master_interface": "bond0"}, hosts)
        assert of_all(plan, "interface") == [["bond0"], ["bond0"]]

    def test_every_host_arrives_at_the_same_plan(self) -> None:
        hosts = {"lb01": {"single_master_priority": 120}, "lb02": {"single_master_priority": 130}}
        plans = [single({**ONE_VIP, **hosts[host]}, hosts, host=host, play_hosts=["lb01", "lb02"]) for host in hosts]
        assert plans[0] == plans[1]
        assert plans[0]["holders"] == {"10.0.0.3": "lb02"}

    def test_hosts_that_disagree_are_told(self) -> None:
        hosts = {"lb01": {"single_master_virtual_router_id": 51}, "lb02": {"single_master_virtual_router_id": 52}}
        finding = only_finding({"single_master_virtual_router_id": 51}, hosts)
        assert "lb02 and lb01 disagree: 52 and 51" in finding

    def test_passwords_that_disagree_are_not_told(self) -> None:
        hosts = {"lb01": {"single_master_password": "s3cret"}, "lb02": {"single_master_password": "other"}}
        finding = only_finding({"single_master_password": "s3cret"}, hosts)
        assert "lb02 and lb01 disagree" in finding
        assert "s3cret" not in finding
        assert "other" not in finding


INSIDE_AND_OUTSIDE = MappingProxyType(
    {
        "single_master_vips": [
            {"address": "192.0.2.3/24", "instance": "outside"},
            {"address": "10.0.0.3/24", "instance": "inside"},
            {"address": "192.0.2.4/24", "instance": "outside"},
        ],
        "single_master_checks": [{"name": "web", "command": "/bin/true"}, {"name": "db", "command": "/bin/true"}],
        "single_master_password": "s3cret",
    }
)


class TestSingleInstances:
    """What ``…_instances`` says of one instance, and of one host there."""

    def test_vips_that_name_an_instance_form_it(self) -> None:
        plan = single(INSIDE_AND_OUTSIDE)
        assert of_all(plan, "name") == [["outside", "inside"]] * 2
        assert of_all(plan, "priority") == [[150, 150], [100, 100]]
        assert of_all(plan, "virtual_router_id") == [[51, 52]] * 2
        vips = [[vip["address"] for vip in one["virtual_ipaddress"]] for one in instances(plan, "lb02")]
        assert vips == [["192.0.2.3", "192.0.2.4"], ["10.0.0.3"]]

    def test_an_instance_has_one_preferred_host(self) -> None:
        vips = [{**vip, "instance": "web"} for vip in TWO_VIPS["dual_master_vips"]]
        with pytest.raises(
            AnsibleFilterError, match=r"dual_master_vips\[1\].preferred: lb02, and dual_master_vips\[0\]"
        ):
            dual({"dual_master_vips": vips})

    def test_each_may_say_what_else_is_said_for_all(self) -> None:
        inside = {
            "interface": "eth1",
            "advert_int_s": 2,
            "password": "other",
            "nopreempt": True,
            "checks": ["db", {"name": "web", "weight": -20}],
            "track_interfaces": ["eth2"],
            "notify": {"notify": {"command": "/bin/true", "user": "nobody"}},
        }
        plan = single({**INSIDE_AND_OUTSIDE, "single_master_instances": [{}, inside]})
        assert of_all(plan, "interface") == [["eth0", "eth1"]] * 2
        assert of_all(plan, "advert_int_s") == [[1.0, 2.0]] * 2
        assert of_all(plan, "nopreempt") == [[False, True]] * 2
        assert of_all(plan, "state") == [["MASTER", "BACKUP"], ["BACKUP", "BACKUP"]]
        text = plan["hosts"]["lb01"]["text"]
        assert (text.count("auth_pass s3cret"), text.count("auth_pass other")) == (1, 1)
        assert 'notify "/bin/true" nobody' in text
        first, second = instances(plan, "lb02")
        assert [track["name"] for track in first["tracks"]["scripts"]] == ["web", "db"]
        assert [(track["name"], track["weight"]) for track in second["tracks"]["scripts"]] == [
            ("db", None),
            ("web", -20),
        ]
        assert [track["name"] for track in second["tracks"]["interfaces"]] == ["eth2"]

    def test_one_host_may_say_it_for_itself(self) -> None:
        said = {
            "nopreempt": True,
            "options": {"garp_master_delay": 1},
            "hosts": {"lb02": {"nopreempt": False, "interface": "eth7", "options": {"garp_master_repeat": 2}}},
        }
        plan = single({**ONE_VIP, "single_master_instances": [said]})
        assert of_all(plan, "nopreempt") == [[True], [False]]
        assert of_all(plan, "interface") == [["eth0"], ["eth7"]]
        delays, repeats = ("garp_master_delay 1", "garp_master_repeat 2")
        found = {host: (delays in one["text"], repeats in one["text"]) for host, one in plan["hosts"].items()}
        assert found == {"lb01": (True, False), "lb02": (True, True)}

    @pytest.mark.parametrize("setting", ["nopreempt", "checks", "track_interfaces", "notify", "raw"])
    def test_hosts_may_differ(self, setting: str) -> None:
        values = {
            "nopreempt": True,
            "checks": [{"name": "x", "command": "/bin/true"}],
            "track_interfaces": ["eth1"],
            "notify": {"notify": "/bin/true"},
            "raw": "static_ipaddress {\n192.0.2.9/32 dev eth0\n}",
        }
        hosts = {"lb01": {}, "lb02": {f"single_master_{setting}": values[setting]}}
        texts = [planned["text"] for planned in single(ONE_VIP, hosts)["hosts"].values()]
        marks = ["nopreempt", "vrrp_script x", "track_interface", "notify ", "static_ipaddress"]
        assert [any(mark in text for mark in marks) for text in texts] == [False, True]

    def test_hosts_that_are_all_said_to_be_equal_are_meant_to_be(self) -> None:
        both = {"lb01": 100, "lb02": 100}
        plan = single({**ONE_VIP, "single_master_nopreempt": True, "single_master_instances": [{"priorities": both}]})
        assert of_all(plan, "priority") == [[100], [100]]
        assert plan["holders"] == {"10.0.0.3": "lb01"}

    def test_the_addresses_have_one_owner(self) -> None:
        hosts = {"lb01": {"single_master_priority": 255}, "lb02": {}}
        assert of_all(single({**ONE_VIP, "single_master_priority": 255}, hosts), "priority") == [[255], [100]]
        both = {"single_master_instances": [{"priorities": {"lb01": 255, "lb02": 255}}]}
        assert "lb01 and lb02 both have 255" in only_finding(both)

    def test_what_holds_a_password_is_not_shown(self) -> None:
        hosts = {
            "lb01": {"single_master_instances": [{"password": "s3cret"}]},
            "lb02": {"single_master_instances": [{"password": "s4cret"}]},
        }
        finding = only_finding({"single_master_instances": [{"password": "s3cret"}]}, hosts)
        assert "disagree" in finding
        assert "cret" not in finding


GROUPS = {"all": ["lb01", "lb02", "web01"], "lb": ["lb01", "lb02"], "web": ["web01"]}


class TestBehindLimit:
    def test_the_one_group_that_holds_the_plays_hosts_is_the_pair(self) -> None:
        whole = single()
        assert single(play_hosts=["lb02"], host="lb02", groups=GROUPS, limit="lb02") == whole

    def test_several_groups_are_a_question(self) -> None:
        groups = {**GROUPS, "rack1": ["lb01", "web01"]}
        found = findings(ONE_VIP, play_hosts=["lb01"], groups=groups, limit="lb01")
        assert "single_master_hosts: --limit hides" in found[0]
        assert "lb, rack1" in found[0]

    def test_named_hosts_need_no_group(self) -> None:
        given = {**ONE_VIP, "single_master_hosts": ["lb01", "lb02"]}
        assert single(given, play_hosts=["lb02"], host="lb02", limit="lb02") == single()


BAD_VALUES = [
    ("single_master_virtual_router_id", 0, "0 is not possible; write a whole number from 1 to 255"),
    ("single_master_virtual_router_id", 256, "256 is not possible"),
    ("single_master_virtual_router_id", "fifty", "'fifty' is not possible"),
    ("single_master_virtual_router_id", True, "True is not possible"),
    ("single_master_vips", ["10.0.0.300/24"], "is not an IPv4 address"),
    ("single_master_vips", ["10.0.0.3"], "has no prefix length"),
    ("single_master_vips", ["10.0.0.3/33"], "is not an IPv4 address with a prefix length"),
    ("single_master_vips", ["10.0.0.0/24"], "is the address of the network"),
    ("single_master_vips", ["10.0.0.255/24"], "is the broadcast address"),
    ("single_master_vips", ["224.0.0.18/32"], "is a multicast address"),
    ("single_master_vips", ["fd00::1"], "has no prefix length; write address/prefix, for example 2001:db8::3/64"),
    ("single_master_vips", ["fd00::1/129"], "is not an IPv6 address with a prefix length"),
    ("single_master_vips", ["ff02::12/64"], "is a multicast address"),
    ("single_master_vips", [{"address": "fd00::1/64", "label": "eth0:1"}], "fd00::1 can have none"),
    ("single_master_reserved_virtual_router_ids", [0], "reserved_virtual_router_ids[0]: 0 is not possible"),
    ("single_master_sync_groups", [{"name": "VG", "instances": ["VI_1"]}], "a group has two instances or more"),
    ("single_master_sync_groups", [{"name": "VG", "instances": ["VI_1", "VI_2"]}], "no instance is called VI_2"),
    (
        "single_master_sync_groups",
        [{"name": "VG", "instances": ["VI_1", "VI_2"], "notify": {"notify": "true"}}],
        "does not start with the full path of a program",
    ),
    (
        "single_master_instances",
        [{"states": {"lb01": "MASTER"}, "nopreempt": True}],
        "states.lb01: MASTER lets nopreempt",
    ),
    ("single_master_vips", [], "names no virtual IP"),
    ("single_master_vips", "10.0.0.3/24", "is not a list"),
    ("single_master_vips", ["10.0.0.3/24", "10.0.0.3/32"], "stands in single_master_vips[0] already"),
    ("single_master_vips", ["10.0.0.5/24"], "is the address of lb01 (ansible_host)"),
    ("single_master_vips", [{"address": "10.0.0.3/24", "labl": "x"}], "did you mean label?"),
    ("single_master_vips", [{"address": "10.0.0.3/24", "options": "nodda"}], "'nodda'"),
    ("single_master_vips", [{"address": "10.0.0.3/24", "options": "dev eth1"}], "has a word that a VIP has a key for"),
    ("single_master_vips", [{"address": "10.0.0.3/24", "options": "x\n}"}], "is not one line"),
    ("single_master_password", "123456789", "has 9 bytes; choose at most 8"),
    ("single_master_password", "häuser12", "has 9 bytes"),
    ("single_master_interface", "eth0/1", "is no name an interface can have"),
    ("single_master_interface", "a" * 16, "is no name an interface can have"),
    ("single_master_priority", 100, "lb01 and lb02 both have 100"),
    ("single_master_priority", 256, "256 is not possible"),
    ("single_master_preferred", "lb09", "lb09 is not a host of the pair; write one of lb01, lb02"),
    ("single_master_hosts", ["lb01"], "the pair would have 1 host (lb01)"),
    ("single_master_hosts", ["lb01", "lb09"], "lb09 is not in the inventory"),
    ("single_master_vipz", [], "is not known; did you mean single_master_vips?"),
    ("single_master_advert_int_s", 0.5, "0.5 is not possible; write whole seconds from 1 to 255"),
    ("single_master_checks", [{"name": "x", "command": "check"}], "does not start with the full path"),
    ("single_master_checks", [{"name": "x", "command": "/x", "weight": 254}], "checks[0].weight: 254 is not possible"),
    ("single_master_checks", [{"name": "x", "command": "/x", "intervall": 1}], "did you mean interval_s?"),
    ("single_master_checks", [{"name": "x", "command": "/x"}] * 2, "two checks are called x"),
    ("single_master_notify", {"master": "/x"}, "did you mean notify_master?"),
    ("single_master_instance_options", {"priority": 3}, "set single_master_priority instead"),
    ("single_master_instance_options", {"garp_master_dely": 3}, "did you mean garp_master_delay?"),
    ("single_master_instance_options", {"garp_master_delay": "1\n}"}, "is not one line"),
    ("single_master_global_options", {"vrrp_versoin": 3}, "did you mean vrrp_version?"),
    ("single_master_instances", [{}, {}], "describes 2 instances, and the VIPs make 1"),
    ("single_master_instances", [{"nam": "x"}], "did you mean name?"),
    ("single_master_instances", [{"name": "a b"}], "instances[0].name: 'a b' is no name"),
    ("single_master_instances", [{"priorities": {"lb09": 1}}], "priorities.lb09: is not a host of the pair"),
    ("single_master_instances", [{"priorities": {"lb01": 100}}], "lb01 and lb02 both have 100"),
    ("single_master_instances", [{"states": {"lb01": "master"}}], "write one of MASTER, BACKUP"),
    ("single_master_instances", [{"options": {"priority": 1}}], "set single_master_priority instead"),
    ("single_master_instances", [{"options": {"garp_master_dely": 1}}], "did you mean garp_master_delay?"),
    ("single_master_instances", [{"checks": ["x"]}], "lb01 has no check called x; define it there first"),
    ("single_master_instances", [{"hosts": {"lb09": {}}}], "hosts.lb09: is not a host of the pair"),
    ("single_master_instances", [{"hosts": {"lb01": {"name": "x"}}}], "instances[0].hosts.lb01.name: is not known"),
    ("single_master_instances", [{"hosts": []}], "[] is not a dictionary"),
    ("single_master_instances", [{"password": "123456789"}], "instances[0].password: has 9 bytes"),
    ("single_master_notify", {"notify": {"command": "/x", "usr": "a"}}, "notify.usr: is not known; did you mean user?"),
    ("single_master_raw", "vrrp_instanze {", "vrrp_instanze"),
]


class TestBadInput:
    @pytest.mark.parametrize(("variable", "value", "expected"), BAD_VALUES)
    def test_a_mistake_names_its_variable(self, variable: str, value: Any, expected: str) -> None:
        found = findings({**ONE_VIP, variable: value})
        assert any(finding.startswith(variable) and expected in finding for finding in found), found

    @pytest.mark.parametrize(("variable", "value", "expected"), BAD_VALUES)
    def test_a_finding_says_what_to_do(self, variable: str, value: Any, expected: str) -> None:
        assert all("; " in finding for finding in findings({**ONE_VIP, variable: value}))

    def test_all_mistakes_are_told_at_once(self) -> None:
        given = {
            "single_master_vips": ["10.0.0.300/24", "10.0.0.6/24"],
            "single_master_virtual_router_id": 256,
            "single_master_password": "longer than eight",
            "single_master_priority": 100,
            "single_master_interface": "",
        }
        named = {finding.split(":")[0].split(" ")[0] for finding in findings(given)}
        assert named == {
            "single_master_vips[0]", "single_master_vips[1]", "single_master_virtual_router_id",
            "single_master_password", "single_master_priority", "single_master_interface",
        }  # fmt: skip

    def test_one_mistake_makes_no_second_one(self) -> None:
        hosts = {"lb01": {"single_master_interface": ""}, "lb02": {}}
        assert "no name an interface can have" in only_finding({"single_master_interface": ""}, hosts)

    def test_a_secret_is_never_repeated(self) -> None:
        assert "longer than" not in "\n".join(findings({**ONE_VIP, "single_master_password": "longer than eight"}))

    def test_an_option_that_is_derived_names_the_variable_that_this_topology_has(self) -> None:
        with pytest.raises(AnsibleFilterError, match="has a variable of its own; set dual_master_vips"):
            dual({**TWO_VIPS, "dual_master_instance_options": {"priority": 3}})

    def test_priorities_of_an_instance_must_not_contradict_its_vips(self) -> None:
        with pytest.raises(AnsibleFilterError, match=r"lb02 \(100\) would outrank the preferred lb01 \(90\)"):
            dual({**TWO_VIPS, "dual_master_instances": [{"priorities": {"lb01": 90}}]})

    def test_vrids_must_not_run_out(self) -> None:
        with pytest.raises(AnsibleFilterError, match="255 leaves no number for 2 instances"):
            dual({**TWO_VIPS, "dual_master_virtual_router_id": 255})

    def test_an_overridden_priority_must_not_contradict_the_preferred_host(self) -> None:
        hosts = {"lb01": {"single_master_priority": 200}, "lb02": {}}
        given = {"single_master_priority": 200, "single_master_preferred": "lb02"}
        assert "would outrank the preferred lb02" in only_finding(given, hosts)


FACTS = {
    "interfaces": ["eth0", "lo"],
    "lo": {"device": "lo", "ipv4": {"address": "127.0.0.1"}},
    "eth0": {"device": "eth0", "ipv4": {"address": "10.0.0.3"}},
}


class TestWithFacts:
    def hosts(self, **facts: Any) -> dict[str, Any]:
        return {name: {"ansible_facts": {**FACTS, **facts}} for name in ("lb01", "lb02")}

    def test_an_unknown_interface_is_found_on_each_host(self) -> None:
        found = findings({"single_master_vips": ["10.0.0.9/24"], "single_master_interface": "eth7"}, self.hosts())
        assert found == [
            f"single_master_interface ({host}): there is no interface eth7; {host} has eth0, lo"
            for host in ("lb01", "lb02")
        ]

    def test_a_vip_of_no_network_of_a_host_is_doubted_and_deployed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It may be routed to the pair."""
        told: list[str] = []
        monkeypatch.setattr(Display, "warning", lambda _display, message: told.append(message))
        own = {"device": "eth0", "ipv4": {"address": "10.0.0.5", "prefix": "24"}}
        hosts = self.hosts(eth0=own)
        assert single({"single_master_vips": ["10.0.0.3/24", "10.9.9.9/32", "2001:db8::3/64"]}, hosts)
        assert told == []
        assert single({"single_master_vips": ["10.0.1.3/24"]}, hosts)
        assert told == [
            f"single_master_vips[0]: 10.0.1.3/24 is in no network of {host}, which has 10.0.0.0/24" for host in hosts
        ]

    def test_an_address_to_speak_from_is_one_that_the_host_has(self) -> None:
        own = {"device": "eth0", "ipv4": {"address": "10.0.0.5", "prefix": "24"}}
        hosts = {
            host: {**variables, "vipd_unicast_address": f"192.0.2.{number}"}
            for number, (host, variables) in enumerate(self.hosts(eth0=own).items(), start=1)
        }
        found = findings({"single_master_vips": ["10.0.0.3/24"], "vipd_unicast": True}, hosts)
        assert found[0] == "vipd_unicast_address (lb01): lb01 has no address 192.0.2.1; it is in 10.0.0.0/24"

    def test_a_vip_that_is_a_hosts_primary_address_is_found(self) -> None:
        assert "10.0.0.3 is the address of lb01 (eth0)" in findings(ONE_VIP, self.hosts())[0]

    def test_a_vip_on_an_interface_without_an_address_is_no_mistake(self) -> None:
        hosts = self.hosts(interfaces=["eth0", "eth1", "lo"], eth1={"device": "eth1", "ipv4": {"address": "10.9.0.1"}})
        vips = [{"address": "10.9.0.1/24", "dev": "eth1"}]
        assert single({"single_master_vips": vips}, hosts)["holders"] == {"10.9.0.1": "lb01"}

    def test_the_master_holding_the_vip_is_no_mistake(self) -> None:
        own = {"device": "eth0", "ipv4": {"address": "10.0.0.5"}}
        held = {"interfaces": ["eth0", "eth0_1", "lo"], "eth0": own, "eth0_1": {"ipv4": {"address": "10.0.0.3"}}}
        known, unknown = single(ONE_VIP, self.hosts(**held)), single()
        assert [known["hosts"][host]["text"] for host in known["hosts"]] == [
            unknown["hosts"][host]["text"] for host in unknown["hosts"]
        ]


class TestProviders:
    OWN = "HTTP_GET {\n    headers {\n        Authorization s3cret\n    }\n    body_limit 0\n}\n"

    def test_vipd_s_own_file_is_judged_with_the_rest(self) -> None:
        found = findings({**ONE_VIP, "vipd_extensions": self.OWN})
        assert [one.partition(": ")[0] for one in found] == ["vipd_extensions (lb01)", "vipd_extensions (lb02)"]
        assert "line 5: body_limit" in found[0]
        assert "s3cret" not in str(found)

    def test_each_host_may_have_one_of_its_own(self) -> None:
        hosts = {**TWO_HOSTS, "lb02": {**TWO_HOSTS["lb02"], "vipd_extensions": self.OWN}}
        assert {one.partition(": ")[0] for one in findings(ONE_VIP, hosts)} == {"vipd_extensions (lb02)"}

    def test_keepalived_does_not_read_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        single({**ONE_VIP, "vipd_provider": "keepalived", "vipd_extensions": self.OWN})
        assert "lb01: keepalived does not read what vipd_extensions says" in " ".join(capsys.readouterr().err.split())

    def test_what_vipd_does_not_know_is_keepalived_s_affair(self) -> None:
        given = {**ONE_VIP, "single_master_raw": "net_namespace blue"}
        assert "net_namespace" in findings(given)[0]
        assert "net_namespace" in single({**given, "vipd_provider": "keepalived"})["hosts"]["lb01"]["text"]
