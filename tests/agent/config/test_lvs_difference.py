# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reload does to virtual servers, their real servers and their checks, in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from vipd.config.difference import differences
from vipd.config.model import Config
from vipd.config.parse import parse

from tests.agent.config.lvs_models import LVS

SERVER = """\
virtual_server 10.0.0.250 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 10.0.0.11 80 {
        weight 2
        TCP_CHECK {
            retry 3
        }
    }
    real_server 10.0.0.12 80 {
    }
}
"""
NAME = "virtual_server 10.0.0.250:80 TCP"


def told(before: str, after: str) -> list[str]:
    return [str(found) for found in differences(parse(before).config, parse(after).config)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rr", "wrr", [f"{NAME}: lb_algo rr -> wrr"]),
        ("DR", "NAT", [f"{NAME}: lb_kind is changed"]),
        ("protocol TCP\n", "protocol TCP\ndelay_loop 3\n", [f"{NAME}: the times of its checks are changed"]),
        ("weight 2", "weight 5", [f"real_server 10.0.0.11:80 of {NAME}: weight 2 -> 5"]),
        ("weight 2", "weight 0", [f"real_server 10.0.0.11:80 of {NAME}: weight 2 -> 0, it is drained"]),
        ("retry 3", "retry 4", [f"real_server 10.0.0.11:80 of {NAME}: the settings of its checks are changed"]),
        ("TCP_CHECK", "PING_CHECK", [f"real_server 10.0.0.11:80 of {NAME}: its checks are changed and begin anew"]),
        (
            "10.0.0.12",
            "10.0.0.13",
            [
                f"real_server 10.0.0.12:80 leaves the IPVS table: its connections through {NAME} end",
                f"real_server 10.0.0.13:80 enters the IPVS table at once, for {NAME}",
            ],
        ),
        (
            "10.0.0.12 80 {",
            "10.0.0.13 80 {\nalpha",
            [
                f"real_server 10.0.0.12:80 leaves the IPVS table: its connections through {NAME} end",
                f"real_server 10.0.0.13:80 enters the IPVS table once its checks pass, for {NAME}",
            ],
        ),
        (
            "10.0.0.250 80",
            "10.0.0.251 80",
            [
                f"{NAME} ends: it leaves the IPVS table with its real servers",
                f"{NAME.replace('250', '251')} begins, with 2 real servers",
            ],
        ),
    ],
)
def test_what_is_told(old: str, new: str, expected: list[str]) -> None:
    assert told(SERVER, SERVER.replace(old, new, 1)) == expected


def test_groups_and_the_client_s_certificate() -> None:
    group = "virtual_server_group web {\n10.0.0.250 80\n}\n"
    assert told(group, group.replace("250", "251")) == ["virtual_server_group web: members is changed"]
    assert told("", "SSL {\npassword s3cret\n}\n") == ["SSL: password is changed"]


def test_requests_of_checks_and_no_value_of_a_header() -> None:
    before, after = (
        parse("", extensions=f"HTTP_GET {{\n headers {{\n X-Key {value}\n }}\n body_limit {limit}\n}}\n").config
        for value, limit in (("old-geheim", 10), ("new-geheim", 20))
    )
    found = [str(one) for one in differences(before, after)]
    assert found == ["HTTP_GET: headers is changed", "HTTP_GET: body_limit 10 -> 20"]


def test_an_order_is_a_difference_too() -> None:
    other = SERVER.replace("250", "251")
    assert told(SERVER + other, other + SERVER) == ["the virtual servers are listed in another order"]


@settings(max_examples=30, deadline=None)
@given(LVS, LVS)
def test_it_always_has_an_answer(before: object, after: object) -> None:
    one, other = Config(lvs=before), Config(lvs=after)  # type: ignore[arg-type]
    assert bool(differences(one, other)) == (one != other)
    assert differences(one, one) == ()
