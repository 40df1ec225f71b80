# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy's variables, asked as Ansible asks: through the filter."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.proxy_plan import proxy_plan

SMALLEST: dict[str, Any] = {"proxy_vips": ["10.0.0.3/24"], "proxy_upstreams": {"web": ["10.0.0.7", "10.0.0.8:8080"]}}


def blocks(given: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    return [tuple(block.values()) for block in proxy_plan({**SMALLEST, **given})["servers"]]


def test_one_block_for_each_site_and_vip() -> None:
    sites = [{"server_name": "www.example.com"}, {"server_name": "bbs.example.com", "port": 8080}]
    assert blocks({"proxy_vips": ["10.0.0.3/24", "10.0.0.4/24"], "proxy_sites": sites}) == [
        ("10.0.0.3", 80, "www.example.com", "web"),
        ("10.0.0.4", 80, "www.example.com", "web"),
        ("10.0.0.3", 8080, "bbs.example.com", "web"),
        ("10.0.0.4", 8080, "bbs.example.com", "web"),
    ]


def test_without_sites_the_only_upstream_serves_every_name() -> None:
    assert blocks({}) == [("10.0.0.3", 80, "_", "web")]


def test_a_list_of_servers_is_one_upstream() -> None:
    plan = proxy_plan({**SMALLEST, "proxy_upstreams": ["10.0.0.7:80", "10.0.0.8:80"]})
    assert plan["upstreams"] == {"backend": ["10.0.0.7:80", "10.0.0.8:80"]}


def test_vips_may_look_like_those_of_a_topology() -> None:
    assert blocks({"proxy_vips": [{"address": "10.0.0.4/24", "preferred": "lb02"}]})[0][0] == "10.0.0.4"


def test_a_site_may_have_vips_of_its_own() -> None:
    assert blocks({"proxy_vips": [], "proxy_sites": [{"server_name": "a", "vips": ["10.0.0.9"]}]})[0][0] == "10.0.0.9"


def test_an_ipv6_vip_is_written_in_brackets_and_needs_a_setting_of_its_own() -> None:
    plan = proxy_plan({**SMALLEST, "proxy_vips": ["10.0.0.3/24", "2001:db8::3/64"]})
    assert [block["address"] for block in plan["servers"]] == ["10.0.0.3", "[2001:db8::3]"]
    assert plan["kernel_settings"] == {"net.ipv4.ip_nonlocal_bind": 1, "net.ipv6.ip_nonlocal_bind": 1}


class TestHaproxy:
    def plan(self, **given: Any) -> dict[str, Any]:
        return proxy_plan({**SMALLEST, "proxy_provider": "haproxy", **given})

    def test_a_frontend_for_each_address_and_port(self) -> None:
        upstreams = {"www": ["10.0.0.7"], "bbs": ["10.0.0.8"]}
        sites = [
            {"server_name": "www.example.com *.example.org", "upstream": "www"},
            {"server_name": "bbs.*", "upstream": "bbs"},
            {"server_name": "_", "upstream": "bbs", "port": 8080},
        ]
        first, second = self.plan(proxy_upstreams=upstreams, proxy_sites=sites)["frontends"]
        assert first == {
            "name": "lbha_1",
            "bind": "10.0.0.3:80",
            "routes": [
                {"match": "str", "name": "www.example.com", "upstream": "www"},
                {"match": "end", "name": ".example.org", "upstream": "www"},
                {"match": "beg", "name": "bbs.", "upstream": "bbs"},
            ],
            "default": "www",
        }
        assert (second["bind"], second["routes"], second["default"]) == ("10.0.0.3:8080", [], "bbs")

    def test_servers_are_checked_and_keep_their_options(self) -> None:
        servers = [
            "10.0.0.7",
            "10.0.0.8:8080 weight=2 backup",
            "[2001:db8::7]:80 max_conns=9",
            "[2001:db8::8]",
            "unix:/s",
        ]
        assert self.plan(proxy_upstreams={"web": servers})["backends"] == {
            "web": [
                "server web1 10.0.0.7:80 check",
                "server web2 10.0.0.8:8080 check weight 2 backup",
                "server web3 [2001:db8::7]:80 check maxconn 9",
                "server web4 [2001:db8::8]:80 check",
                "server web5 unix@/s check",
            ]
        }

    def test_an_option_that_only_nginx_has_is_told(self) -> None:
        with pytest.raises(
            AnsibleFilterError, match=r"proxy_upstreams.web\[0\]: haproxy has no counterpart for max_fails=3"
        ):
            self.plan(proxy_upstreams={"web": ["10.0.0.7 max_fails=3"]})


BAD_VALUES = [
    ("proxy_provider", "apache", "'apache' is not possible; write one of nginx, haproxy"),
    ("proxy_vips", [], "names no VIP to listen on"),
    ("proxy_vips", ["10.0.0.999"], "proxy_vips[0]: '10.0.0.999' is not an IP address"),
    ("proxy_upstreams", {}, "names no server"),
    ("proxy_upstreams", {"web": []}, "proxy_upstreams.web: names no server"),
    ("proxy_upstreams", {"web": "10.0.0.7"}, "is not a list"),
    ("proxy_upstreams", {"web": ["10.0.0.7; } evil {"]}, "proxy_upstreams.web[0]"),
    ("proxy_upstreams", {"a b": ["10.0.0.7"]}, "is no name"),
    ("proxy_sites", [{"server_name": "a", "upstream": "wbe"}], "'wbe' is not in proxy_upstreams; write one of web"),
    ("proxy_sites", [{"server_name": "a;b"}], "is no server name"),
    ("proxy_sites", [{"server_nam": "a"}], "did you mean server_name?"),
    ("proxy_sites", [{"server_name": "a"}, {"server_name": "b a"}], "two sites are called a on 10.0.0.3:80"),
    ("proxy_port", 0, "0 is not possible; write a port from 1 to 65535"),
    ("proxy_check_port", 80, "80 is proxy_port, too"),
    ("proxy_upstream", {}, "did you mean proxy_upstreams?"),
]


@pytest.mark.parametrize(("variable", "value", "expected"), BAD_VALUES)
def test_a_mistake_names_its_variable_and_what_to_do(variable: str, value: Any, expected: str) -> None:
    with pytest.raises(AnsibleFilterError) as refusal:
        proxy_plan({**SMALLEST, variable: value})
    findings = [line for line in str(refusal.value).splitlines()[1:] if expected in line]
    assert findings
    assert all(f"- {variable}" in finding and "; " in finding for finding in findings)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(AnsibleFilterError, match="4 mistakes"):
        proxy_plan(
            {"proxy_vips": ["x"], "proxy_upstreams": {"web": ["10.0.0.7;"]}, "proxy_port": 0, "proxy_check_port": -1}
        )
