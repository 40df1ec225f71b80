# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds where nothing is said, and which of three places counts: checker, real server, virtual server."""

from __future__ import annotations

import pytest
from vipd.config import lvs_defaults
from vipd.config.lvs import VirtualServer
from vipd.config.lvs_defaults import Timing
from vipd.config.parse import parse


def server(checker: str, real: str = "", virtual: str = "") -> VirtualServer:
    text = f"virtual_server 10.0.0.1 80 {{\n{virtual}\nreal_server 10.0.0.2 80 {{\n{real}\n{checker}\n}}\n}}\n"
    parsed = parse(text)
    assert parsed.errors == ()
    return parsed.config.lvs.virtual_servers[0]


def timing(checker: str, real: str = "", virtual: str = "") -> Timing:
    one = server(checker, real, virtual)
    return lvs_defaults.timing(one, one.real_servers[0], one.real_servers[0].checkers[0])


@pytest.mark.parametrize(
    ("checker", "retry", "before_retry_s"),
    [
        ("TCP_CHECK {\n}", 1, 1.0),
        ("HTTP_GET {\n}", 1, 3.0),
        ("SSL_GET {\n}", 1, 3.0),
        ("SMTP_CHECK {\n}", 1, 1.0),
        ("DNS_CHECK {\n}", 3, 60.0),
        ("MISC_CHECK {\n}", 0, 1.0),
    ],
)
def test_each_kind_has_its_own_patience(checker: str, retry: int, before_retry_s: float) -> None:
    assert timing(checker) == Timing(False, 5.0, retry, before_retry_s, 60.0, 60.0)


def test_the_nearest_place_counts() -> None:
    checker = "TCP_CHECK {\nretry 7\n}"
    found = timing(checker, "retry 8\nwarmup 0\ndelay_loop 9", "retry 6\nwarmup 5\ndelay_loop 4\nconnect_timeout 3")
    assert found == Timing(False, 3.0, 7, 1.0, 0.0, 9.0)


def test_a_switch_can_be_turned_off_again_further_in() -> None:
    assert timing("TCP_CHECK {\n}", virtual="alpha").alpha
    assert not timing("TCP_CHECK {\nalpha off\n}", virtual="alpha").alpha
    one = server("", "inhibit_on_failure off", "inhibit_on_failure")
    assert not lvs_defaults.inhibits(one, one.real_servers[0])


def test_a_real_server_weighs_what_its_virtual_server_says() -> None:
    for real, weight in (("", 4), ("weight 0", 0)):
        one = server("", real, "weight 4")
        assert lvs_defaults.weight(one, one.real_servers[0]) == weight
