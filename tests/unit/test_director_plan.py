# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of directors, asked as Ansible asks it: what is derived of services, and which mistakes are found."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.filter.real_server_plan import real_server_plan
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse

DIRECTORS = ("lb01", "lb02")
HOSTS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "lb01": {"ansible_host": "10.0.0.5"},
        "lb02": {"ansible_host": "10.0.0.6"},
        "web01": {"ansible_host": "10.0.0.7"},
        "web02": {"ansible_host": "bastion.example.com", "lvs_real_server_address": "10.0.0.8"},
    }
)
SMALLEST: Mapping[str, Any] = MappingProxyType(
    {"vip": "10.0.0.250/24", "port": 80, "forwarding": "dr", "real_servers": ["web01", "web02"]}
)


def directors(*services: Mapping[str, Any], hostvars: Mapping[str, Any] = HOSTS, **given: Any) -> dict[str, Any]:
    variables = {f"lvs_director_{name}": value for name, value in given.items()}
    variables["lvs_director_services"] = [dict(one) for one in services]
    return pair_plan(variables, "lvs_director", hostvars=hostvars, host="lb01", play_hosts=list(DIRECTORS))


def service(**more: Any) -> dict[str, Any]:
    return {**SMALLEST, **more}


def lvs(plan: dict[str, Any], host: str = "lb01") -> dict[str, Any]:
    found: dict[str, Any] = plan["hosts"][host]["config"]["lvs"]
    return found


def findings(*services: Mapping[str, Any], **given: Any) -> list[str]:
    with pytest.raises(AnsibleFilterError) as refusal:
        directors(*services, **given)
    return [line.strip(" -") for line in str(refusal.value).splitlines()[1:]]


def only_finding(*services: Mapping[str, Any], **given: Any) -> str:
    (finding,) = findings(*services, **given)
    return finding


LVS_OF_LB01 = """\
virtual_server 10.0.0.250 80 {
    delay_loop 5
    lb_algo wlc
    lb_kind DR
    protocol TCP
    real_server 10.0.0.7 80 {
        weight 1
        TCP_CHECK {
        }
    }
    real_server 10.0.0.8 80 {
        weight 1
        TCP_CHECK {
        }
    }
}
"""


class TestWhatIsDerived:
    def test_the_smallest_service_is_the_one_of_the_handbook(self) -> None:
        plan = directors(SMALLEST)
        texts = [plan["hosts"][host]["text"] for host in DIRECTORS]
        assert all(text.endswith(f"\n{LVS_OF_LB01}") for text in texts)
        assert ["10.0.0.250/24 dev eth0 label eth0:1" in text for text in texts] == [True, True]
        assert plan["holders"] == {"10.0.0.250": "lb01"}
        assert plan["kernel"] == {"modules": ["ip_vs", "ip_vs_wlc"], "settings": {}, "masquerade": []}

    def test_services_of_one_vip_share_it(self) -> None:
        plan = directors(SMALLEST, service(port=443), service(port=53, protocol="udp"))
        (instance,) = plan["hosts"]["lb01"]["config"]["instances"]
        assert [vip["address"] for vip in instance["virtual_ipaddress"]] == ["10.0.0.250"]
        assert [server["checkers"] != [] for one in lvs(plan)["virtual_servers"] for server in one["real_servers"]] == [
            *(True, True, True, True),
            *(False, False),  # UDP tells nothing of a server that is asked nothing
        ]

    def test_vips_of_services_come_first_but_for_one_that_the_list_has_too(self) -> None:
        def order(*listed: str) -> list[str]:
            plan = directors(SMALLEST, vips=list(listed))
            (instance,) = plan["hosts"]["lb01"]["config"]["instances"]
            return [vip["address"] for vip in instance["virtual_ipaddress"]]

        assert order("10.0.0.9/24") == ["10.0.0.250", "10.0.0.9"]
        assert order("10.0.0.9/24", "10.0.0.250/24") == ["10.0.0.9", "10.0.0.250"]
        assert "10.0.0.250" in only_finding(SMALLEST, vips=["10.0.0.250/32"])

    def test_each_director_may_prefer_services_of_its_own(self) -> None:
        plan = directors(service(preferred="lb01"), service(vip="10.0.0.251/24", preferred="lb02"))
        assert plan["holders"] == {"10.0.0.250": "lb01", "10.0.0.251": "lb02"}

    def test_three_directors(self) -> None:
        hostvars = {**HOSTS, "lb03": {"ansible_host": "10.0.0.9"}}
        variables = {"lvs_director_services": [dict(SMALLEST)]}
        plan = pair_plan(variables, "lvs_director", hostvars=hostvars, host="lb01", play_hosts=["lb01", "lb02", "lb03"])
        instances = [plan["hosts"][host]["config"]["instances"][0]["priority"] for host in ("lb01", "lb02", "lb03")]
        assert instances == [150, 100, 90]

    def test_nat_forwards_translates_ports_and_has_a_gateway(self) -> None:
        servers = [{"host": "web01", "port": 8080}, "192.168.1.9:8081"]
        plan = directors(
            service(forwarding="nat", real_servers=servers),
            vips=[{"address": "192.168.1.1/24", "dev": "eth1"}],
            masquerade=["192.168.1.0/24"],
        )
        assert plan["kernel"]["settings"] == {"net.ipv4.ip_forward": "1"}
        assert plan["kernel"]["masquerade"] == ["192.168.1.0/24"]
        assert plan["holders"]["192.168.1.1"] == "lb01"
        (server,) = lvs(plan)["virtual_servers"]
        assert [one["endpoint"] for one in server["real_servers"]] == [
            {"address": "10.0.0.7", "port": 8080},
            {"address": "192.168.1.9", "port": 8081},
        ]

    def test_tunnels(self) -> None:
        plan = directors(service(forwarding="tun", tunnel="type gue port 6080", real_servers=["10.9.0.7"]))
        assert lvs(plan)["virtual_servers"][0]["lb_kind"] == {
            **{"method": "TUN", "tunnel": "gue", "port": 6080, "checksum": None}
        }

    def test_a_firewall_mark_has_no_port_and_its_vips_are_said(self) -> None:
        mark = {key: value for key, value in SMALLEST.items() if key not in ("vip", "port")}
        plan = directors({**mark, "fwmark": 7, "check": {"ping": {}}}, vips=["10.0.0.250/24"])
        assert "virtual_server fwmark 7 {" in plan["hosts"]["lb02"]["text"]
        assert lvs(plan)["virtual_servers"][0]["real_servers"][0]["endpoint"]["port"] is None

    def test_connections_are_told_to_the_other_director(self) -> None:
        plan = directors(SMALLEST, sync_daemon=True)
        assert "    lvs_sync_daemon eth0 inst VI_1\n" in plan["hosts"]["lb02"]["text"]

    def test_every_keyword_is_within_reach(self) -> None:
        plan = directors(
            service(
                persistence_timeout_s=50,
                quorum=2,
                sorry_server="10.0.0.99:8080",
                check={"http": {"url": [{"path": "/a", "digest": "0" * 32}, {"path": "/b"}], "connect_timeout": 3}},
                check_interval_s=0.5,
                options={
                    "hysteresis": 1,
                    "alpha": True,
                    "quorum_up": "/bin/true",
                    "persistence_granularity": "255.255.255.0",
                },
                real_servers=[
                    {"host": "web01", "weight": 3, "options": {"uthreshold": 100, "inhibit_on_failure": True}},
                    {"address": "10.0.0.9", "check": {"misc": {"misc_path": '"/bin/check 10.0.0.9"'}}},
                ],
            )
        )
        (server,) = lvs(plan)["virtual_servers"]
        first, second = server["real_servers"]
        assert (server["persistence_timeout_s"], server["quorum"], server["hysteresis"]) == (50, 2, 1)
        assert server["sorry_server"]["endpoint"] == {"address": "10.0.0.99", "port": 8080}
        assert (first["weight"], first["uthreshold"], first["inhibit_on_failure"]) == (3, 100, True)
        assert [url["path"] for url in first["checkers"][0]["urls"]] == ["/a", "/b"]
        assert second["checkers"][0]["misc_path"]["argv"] == ["/bin/check", "10.0.0.9"]

    def test_programs_run_with_script_security(self) -> None:
        security = "    script_user root\n    enable_script_security\n"
        assert security not in directors(SMALLEST)["hosts"]["lb01"]["text"]
        for own in ({"check": {"misc": {"misc_path": "/bin/true"}}}, {"options": {"quorum_down": "/bin/true"}}):
            assert security in directors(service(**own))["hosts"]["lb01"]["text"]
        fifo = {"lvs_notify_fifo": "/run/told", "lvs_notify_fifo_script": "/bin/true"}
        assert security in directors(SMALLEST, global_options=fifo)["hosts"]["lb01"]["text"]

    def test_an_http_check_that_says_nothing_wants_a_page(self) -> None:
        plan = directors(service(check={"http": {}}))
        assert "path /\n" in plan["hosts"]["lb01"]["text"]
        assert "status_code 200\n" in plan["hosts"]["lb01"]["text"]

    def test_every_text_is_one_that_the_agent_accepts(self) -> None:
        for forwarding in ("dr", "nat", "tun"):
            for planned in directors(service(forwarding=forwarding))["hosts"].values():
                parsed = parse(planned["text"])
                assert (parsed.diagnostics, check(parsed.config)) == ((), ())

    @pytest.mark.skipif(which("keepalived") is None, reason="Debian's keepalived is not installed")
    def test_keepalived_accepts_it_too(self, tmp_path: Path) -> None:
        (tmp_path / "keepalived.conf").write_text(directors(SMALLEST, sync_daemon=True)["hosts"]["lb01"]["text"])
        done = subprocess.run(
            ["keepalived", "-t", "-f", tmp_path / "keepalived.conf"], capture_output=True, text=True, check=False
        )
        assert "nterface eth0" in done.stderr or done.returncode == 0, done.stderr  # this machine may have no eth0


class TestMistakes:
    @pytest.mark.parametrize(
        ("servers", "expected"),
        [
            (["10.0.0.250"], "10.0.0.250 is the VIP of lvs_director_services[0].vip"),
            (["10.0.0.6"], "10.0.0.6 is the address of the director lb02 (ansible_host)"),
            (["lb01"], "10.0.0.5 is the address of the director lb01 (ansible_host)"),
            (["web03"], "'web03' is no host of the inventory and no address"),
            (["web01", "10.0.0.7"], "10.0.0.7 is lvs_director_services[0].real_servers[0] already"),
            (["10.1.0.7"], "10.1.0.7 is in none of the networks of lb01 (10.0.0.0/24), and dr needs a neighbour"),
            ([{"host": "web01", "port": 8080}], "port 8080 is not the service's 80; only nat translates ports"),
            ([], "names no real server"),
        ],
    )
    def test_a_real_server_that_would_lose_packets(self, servers: list[Any], expected: str) -> None:
        finding = only_finding(service(real_servers=servers))
        assert finding.startswith("lvs_director_services[0].real_servers")
        assert expected in finding

    def test_a_host_that_has_no_address(self) -> None:
        hostvars = {**HOSTS, "web01": {"ansible_host": "web01.example.com"}}
        assert only_finding(SMALLEST, hostvars=hostvars) == (
            "lvs_director_services[0].real_servers[0]: the inventory does not say which address web01 has;"
            " set lvs_real_server_address, or ansible_host, for that host"
        )

    def test_facts_say_which_networks_a_director_reaches(self) -> None:
        facts = {
            "interfaces": ["eth0"],
            "eth0": {"device": "eth0", "ipv4": {"address": "10.1.0.5", "prefix": "24"}},
        }
        hostvars = {**HOSTS, "lb01": {"ansible_host": "10.1.0.5", "ansible_facts": facts}}
        narrow = service(vip="10.0.0.250/32", real_servers=["10.1.0.7"])
        assert directors(narrow, hostvars=hostvars)
        assert "networks of lb01 (10.1.0.0/24)" in only_finding(
            {**narrow, "real_servers": ["10.2.0.7"]}, hostvars=hostvars
        )

    def test_a_service_that_is_there_twice(self) -> None:
        assert only_finding(SMALLEST, SMALLEST).startswith(
            "lvs_director_services[1]: 10.0.0.250 80 tcp is lvs_director_services[0] already"
        )

    def test_a_mark_is_one_service_for_each_family(self) -> None:
        mark = {"fwmark": 7, "forwarding": "nat", "check": {"ping": {}}, "real_servers": ["10.0.0.7"]}
        both = mark, {**mark, "real_servers": ["fd00::7"]}
        plan = directors(*both, vips=["10.0.0.250/24"])
        assert plan["hosts"]["lb02"]["text"].count("virtual_server fwmark 7 {") == 2
        assert only_finding(mark, {**mark, "real_servers": ["10.0.0.8"]}, vips=["10.0.0.250/24"]).startswith(
            "lvs_director_services[1]: fwmark 7 tcp is lvs_director_services[0] already"
        )

    def test_a_vip_that_is_written_in_two_ways(self) -> None:
        assert "lvs_director_services[1].vip: 10.0.0.250 is written differently in lvs_director_services[0]" in (
            only_finding(SMALLEST, service(port=81, vip="10.0.0.250/32"))
        )

    def test_a_real_server_that_is_not_prepared(self) -> None:
        web01 = {
            "ansible_host": "10.0.0.7",
            "lvs_real_server_vips": ["10.0.0.251"],
            "lvs_real_server_forwarding": "tun",
        }
        found = findings(SMALLEST, hostvars={**HOSTS, "web01": web01})
        assert found == [
            "lvs_real_server_forwarding (web01): web01 is set up for tun, and lvs_director_services[0] says dr;"
            " make both say the same",
            "lvs_real_server_vips (web01): 10.0.0.250 is missing, which lvs_director_services[0] sends there; add it",
        ]
        web01 = {"ansible_host": "10.0.0.7", "lvs_real_server_vips": ["10.0.0.250/32"]}
        assert directors(SMALLEST, hostvars={**HOSTS, "web01": web01})

    @pytest.mark.parametrize(
        ("sent", "ends", "expected"),
        [
            ("type gre", None, "web01 ends tunnels of ipip, and lvs_director_services[0] sends type gre"),
            ("", "type gre", "web01 ends tunnels of type gre, and lvs_director_services[0] sends ipip"),
            ("type gue port 6080", "type gue port 6081", "sends type gue port 6080; make both say the same"),
            ("type gre csum", "type gre", "sends type gre csum; make both say the same"),
            ("type ipip", None, ""),
            ("type gue port 6080 remcsum", "type gue port 6080", ""),
        ],
    )
    def test_tunnels_end_where_they_are_sent_to(self, sent: str, ends: str | None, expected: str) -> None:
        web01 = {"ansible_host": "10.9.0.7", "lvs_real_server_forwarding": "tun", "lvs_real_server_tunnel": ends}
        tunnelled = service(forwarding="tun", tunnel=sent, real_servers=["web01"])
        hostvars = {**HOSTS, "web01": web01}
        if expected:
            finding = only_finding(tunnelled, hostvars=hostvars)
            assert finding.startswith("lvs_real_server_tunnel (web01): ")
            assert expected in finding
        else:
            assert directors(tunnelled, hostvars=hostvars)

    def test_ipv6_tunnels_do_not_begin_at_the_vip(self) -> None:
        tunnelled = service(forwarding="tun", real_servers=["2001:db8:9::7"])
        finding = only_finding({**tunnelled, "vip": "2001:db8::250/64"})
        assert finding.startswith(
            "lvs_director_services[0].vip: the director's packets would come from 2001:db8::250, "
        )
        assert "write 2001:db8::250/128" in finding
        assert directors({**tunnelled, "vip": "2001:db8::250/128"})
        assert directors({**tunnelled, "vip": {"address": "2001:db8::250/64", "options": "preferred_lft 0"}})
        assert directors({**tunnelled, "vip": "2001:db8::250/64", "tunnel": "type gre"})

    @pytest.mark.parametrize(
        ("key", "value", "expected"),
        [
            ("scheduler", "wrrr", "'wrrr' is not possible; write one of rr, wrr"),
            ("forwarding", "DSR", "'DSR' is not possible; write one of dr, nat, tun"),
            ("protocol", "icmp", "'icmp' is not possible; write one of tcp, udp, sctp"),
            ("port", 65536, "65536 is not possible"),
            ("vip", "10.0.0.250", "has no prefix length"),
            ("tunnel", "type gre", "forwarding dr has none"),
            ("preferred", "web01", "web01 is not a host of the pair"),
            ("sorry_server", "nobody", "is no host of the inventory and no address"),
            (
                "check",
                {"tcp": {"conect_timeout": 3}},
                "unknown keyword 'conect_timeout'; did you mean connect_timeout?",
            ),
            ("check", {"telnet": {}}, "is not known"),
            ("check", {"tcp": 3}, "3 is no check"),
            ("options", {"lb_algo": "rr"}, "set lvs_director_services[0].scheduler instead"),
            ("options", {"quorm_up": "/bin/true"}, "unknown keyword 'quorm_up'; did you mean quorum_up?"),
            ("prot", "tcp", "did you mean port?"),
        ],
    )
    def test_a_finding_names_the_key(self, key: str, value: Any, expected: str) -> None:
        finding = only_finding(service(**{key: value}))
        assert finding.startswith(f"lvs_director_services[0].{key}")
        assert expected in finding

    @pytest.mark.parametrize("key", ["vip", "forwarding", "real_servers"])
    def test_what_a_service_needs(self, key: str) -> None:
        without = {name: value for name, value in SMALLEST.items() if name != key}
        assert f"lvs_director_services[0].{key}: is missing; give one to the service" in findings(without)

    def test_a_director_without_services(self) -> None:
        assert "lvs_director_services: names no service" in only_finding()

    def test_marks_without_vips(self) -> None:
        assert "lvs_director_vips: no service has a VIP" in only_finding(
            {"fwmark": 1, "forwarding": "nat", "real_servers": ["web01"]}
        )

    def test_a_network_to_masquerade(self) -> None:
        assert "'192.168.1.7/24' is not a network" in only_finding(SMALLEST, masquerade=["192.168.1.7/24"])


HANDBOOK = (Path(__file__).resolve().parents[2] / "docs" / "lvs.md").read_text()
INVENTORIES = [
    content
    for text in re.findall(r"^```yaml\n(.*?)^```$", HANDBOOK, re.MULTILINE | re.DOTALL)
    if isinstance(content := yaml.safe_load(text), dict)
]


def test_there_are_inventories_in_the_handbook() -> None:
    assert len(INVENTORIES) == 4


@pytest.mark.parametrize("inventory", INVENTORIES)
def test_the_handbook_is_right(inventory: dict[str, Any]) -> None:
    lb, web = inventory["lb"], inventory.get("web", {})
    hostvars = {name: {**HOSTS[name], **lb.get("hosts", {}).get(name, {}), **lb["vars"]} for name in DIRECTORS}
    for name in ("web01", "web02"):
        hostvars[name] = {**HOSTS[name], **web.get("hosts", {}).get(name, {}), **web.get("vars", {})}
    plan = pair_plan(lb["vars"], "lvs_director", hostvars=hostvars, host="lb01", play_hosts=list(DIRECTORS))
    for planned in plan["hosts"].values():
        parsed = parse(planned["text"])
        assert [found.message for found in (*parsed.diagnostics, *check(parsed.config))] == []
    if web:
        assert real_server_plan({**web["vars"], "lvs_real_server_address": web["hosts"]["web01"]["ansible_host"]})[
            "steps"
        ]
