# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found in the LVS half before a packet is: each mistake by itself, in a configuration without another."""

from __future__ import annotations

import pytest
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.parse import parse

GOOD = """\
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        10.0.0.250/24
    }
}
virtual_server 10.0.0.250 80 {
    lb_algo wrr
    lb_kind DR
    protocol TCP
    quorum 2
    real_server 10.0.0.11 80 {
        weight 2
        HTTP_GET {
            url {
                path /
            }
        }
    }
    real_server 10.0.0.12 80 {
        MISC_CHECK {
            misc_path /bin/true
        }
    }
}
"""


def found(text: str) -> list[str]:
    parsed = parse(text)
    assert parsed.errors == ()
    return [f"{one.severity.value} {one.place.line}: {one.message}; {one.remedy}" for one in check(parsed.config)]


def test_nothing_is_found_in_a_good_one() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    protocol TCP\n", "", "warning 9: virtual_server 10.0.0.250:80 has no protocol; it will be UDP"),
        ("10.0.0.250 80", "fwmark 3", "warning 9: virtual_server fwmark 3 TCP: protocol TCP is ignored"),
        (
            "quorum 2",
            "persistence_granularity 64",
            "error 9: virtual_server 10.0.0.250:80 TCP: persistence_granularity 64 is no prefix",
        ),
        ("quorum 2", "quorum 4", "warning 9: virtual_server 10.0.0.250:80 TCP: quorum 4 is more than"),
        ("quorum 2", "quorum 2\nhysteresis 2", "warning 9: virtual_server 10.0.0.250:80 TCP: hysteresis 2 is not less"),
        ("10.0.0.12 80", "10.0.0.12 81", "warning 22: virtual_server 10.0.0.250:80 TCP: real server 10.0.0.12:81 has"),
        ("10.0.0.12 80", "10.0.0.11 80", "error 22: virtual_server 10.0.0.250:80 TCP has the real server 10.0.0.11:80"),
        ("10.0.0.12 80", "10.0.0.11", "error 22: virtual_server 10.0.0.250:80 TCP has the real server 10.0.0.11 twice"),
        ("10.0.0.12 80", "10.0.0.250 80", "error 22: virtual_server 10.0.0.250:80 TCP: real server 10.0.0.250:80 is a"),
        ("10.0.0.12 80", "fd00::12 80", "error 22: virtual_server 10.0.0.250:80 TCP: real server [fd00::12]:80 is of"),
        ("10.0.0.250 80", "10.0.0.250", "warning 9: virtual_server 10.0.0.250 TCP has no port"),
        ("10.0.0.250 80", "fwmark 3", "warning 14: virtual_server fwmark 3 TCP: the port of real server 10.0.0.11:80"),
        ("10.0.0.250 80", "fwmark 3", "error 16: virtual_server fwmark 3 TCP: a check of 10.0.0.11:80 has no port to"),
        ("10.0.0.250 80", "group web", "error 9: virtual_server group web TCP: there is no such virtual_server_group"),
        ("misc_path /bin/true", "", "error 23: MISC_CHECK of 10.0.0.12:80 has no misc_path; add a program to run"),
        ("path /\n", "path x\n", "error 17: the HTTP check of 10.0.0.11:80 has a url whose path does not begin with /"),
        ("path /\n", "path /\nregex (\n", "error 17: the HTTP check of 10.0.0.11:80 has a regex that cannot be read"),
        (
            "path /\n",
            "path /\nregex a\nregex_options ungreedy\n",
            "warning 17: the HTTP check of 10.0.0.11:80: regex_o",
        ),
        ("url {\n                path /\n            }", "", "error 16: the HTTP check of 10.0.0.11:80 has no url"),
        (
            "weight 2",
            "weight 2\nuthreshold 3\nlthreshold 4",
            "warning 14: virtual_server 10.0.0.250:80 TCP: real server",
        ),
        (
            "weight 2",
            "weight 2\nlthreshold 4",
            "warning 14: virtual_server 10.0.0.250:80 TCP: real server 10.0.0.11:80 has lthreshold 4 and no uthreshold",
        ),
        ("lb_algo wrr", "lb_algo wrr\n hashed", "warning 9: virtual_server 10.0.0.250:80 TCP: hashed has no effect"),
        ("lb_algo wrr", "", "warning 9: virtual_server 10.0.0.250:80 TCP has no lb_algo; it will be wlc"),
        ("lb_kind DR", "", "warning 9: virtual_server 10.0.0.250:80 TCP has no lb_kind; it will be NAT"),
        ("lb_kind DR", "lb_kind DR\n ops", "warning 9: virtual_server 10.0.0.250:80 TCP: ops has no effect"),
        (
            "weight 2",
            "FILE_CHECK {\n track_file f\n}",
            "error 15: FILE_CHECK of 10.0.0.11:80: there is no track_file f",
        ),
    ],
)
def test_each_mistake_is_named(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    messages = found(GOOD.replace(old, new))
    assert any(message.startswith(expected) for message in messages), messages


def test_a_service_is_given_once_for_each_protocol() -> None:
    server = GOOD[GOOD.index("virtual_server") :].replace("misc_path /bin/true", "misc_path /bin/false")
    assert found(GOOD + server.replace("protocol TCP", "protocol UDP")) == []
    assert found(GOOD + server)[0].startswith("error 28: virtual_server 10.0.0.250:80 TCP was given before")


def bare(service: str, *lines: str) -> str:
    inside = "\n".join(("lb_algo rr", "lb_kind DR", *lines, "sorry_server 10.0.0.11"))
    return f"virtual_server {service} {{\n{inside}\n}}\n"


WEB = "virtual_server_group web {\n10.0.0.240-250 80\nfwmark 5\n}\n"
ALSO = "virtual_server_group also {\n10.0.0.250 80\n}\n"
TCP, UDP = "protocol TCP", "protocol UDP"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            WEB + bare("group web", TCP) + bare("10.0.0.250 80", TCP),
            "10.0.0.250:80 TCP is the service TCP 10.0.0.250:80, as virtual_server group web TCP at",
        ),
        (
            WEB + ALSO + bare("group web", TCP) + bare("group also", TCP),
            "group also TCP is the service TCP 10.0.0.250:80, as virtual_server group web TCP at",
        ),
        (
            WEB + bare("group web", TCP) + bare("group web", UDP),
            "group web UDP is the service FWM 5, as virtual_server group web TCP at",
        ),
        (
            bare("10.0.0.250 53", UDP) + bare("10.0.0.250 53"),
            "10.0.0.250:53 is the service UDP 10.0.0.250:53, as virtual_server 10.0.0.250:53 UDP at",
        ),
        (bare("fwmark 5", "ip_family inet") + bare("fwmark 5"), "fwmark 5 was given before, at"),
    ],
)
def test_two_virtual_servers_that_are_one_service_are_told_apart(text: str, message: str) -> None:
    errors = [one for one in found(text) if one.startswith("error")]
    assert len(errors) == 1
    assert f"virtual_server {message}" in errors[0]


@pytest.mark.parametrize(
    "text",
    [
        bare("fwmark 5", "ip_family inet") + bare("fwmark 5", "ip_family inet6"),
        "virtual_server_group marks {\nfwmark 5\n}\n"
        + bare("group marks", "ip_family inet")
        + bare("group marks", "ip_family inet6"),
        WEB + ALSO + bare("group web", TCP) + bare("group also", UDP),
    ],
)
def test_each_family_and_each_protocol_is_a_service(text: str) -> None:
    assert not [one for one in found(text) if one.startswith("error")]


def test_a_director_s_address_within_a_group_s_range_is_no_real_server() -> None:
    group = "virtual_server_group web {\n 10.0.0.10-12 80\n}\n"
    messages = found(group + GOOD.replace("10.0.0.250 80", "group web"))
    assert sum("is a virtual address of this director" in message for message in messages) == 2


GROUP = "virtual_server_group web {\n fwmark 7\n 10.0.0.250 80\n 10.0.0.251-252 80\n}\n"


@pytest.mark.parametrize(
    ("group", "method", "said"),
    [
        (GROUP, "NAT", []),
        (GROUP, "DR", ["warning 19: virtual_server group web TCP: the port of real server 10.0.0.11:80 is ignored"]),
        (
            GROUP.replace(" fwmark 7\n", "").replace("250 80", "250 81"),
            "DR",
            ["warning 18: virtual_server group web TCP: real server 10.0.0.11:80 has another port than some of the"],
        ),
        (
            "virtual_server_group web {\n fwmark 7\n}\n",
            "NAT",
            ["warning 12: virtual_server group web TCP: protocol TCP is ignored"],
        ),
    ],
)
def test_what_a_group_makes_of_the_ports_of_its_real_servers(group: str, method: str, said: list[str]) -> None:
    text = group + GOOD.replace("10.0.0.250 80", "group web").replace("lb_kind DR", f"lb_kind {method}")
    text = text.replace("10.0.0.12 80", "10.0.0.12")
    messages = found(text)
    assert len(messages) == len(said)
    assert all(message.startswith(start) for message, start in zip(messages, said))


def test_nat_translates_the_ports_of_a_service_by_mark() -> None:
    text = (
        GOOD.replace("10.0.0.250 80", "fwmark 3")
        .replace("    protocol TCP\n", "")
        .replace("HTTP_GET {", "HTTP_GET {\nconnect_port 80")
    )
    assert len(found(text)) == 2
    assert found(text.replace("lb_kind DR", "lb_kind NAT")) == []


def test_a_virtual_server_without_real_servers_is_ignored() -> None:
    assert found("virtual_server 10.0.0.1 80 {\n lb_algo rr\n protocol TCP\n}\n") == [
        "warning 1: virtual_server 10.0.0.1:80 TCP has no real server; it is ignored"
    ]


def test_the_sync_daemon_follows_an_instance_that_exists() -> None:
    text = "global_defs {\n lvs_sync_daemon eth0 VI_2\n}\n"
    assert "lvs_sync_daemon follows vrrp_instance VI_2" in found(text + GOOD)[0]
    assert found(text.replace("VI_2", "VI_1") + GOOD) == []


def test_severities() -> None:
    findings = check(parse(GOOD.replace("10.0.0.12 80", "10.0.0.250 80")).config)
    assert [one.severity for one in findings] == [Severity.ERROR]
