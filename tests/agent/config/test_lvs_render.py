# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The LVS half, rendered: what is read back is what was written, and the text is the one people expect to see."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import HealthCheck, given, settings
from vipd.config.checkers import CheckTiming, Connection, HttpGet, TcpCheck, Url
from vipd.config.lvs import Endpoint, Forwarding, RealServer, SorryServer, VirtualServer
from vipd.config.lvs_settings import Header, Lvs, LvsGlobals
from vipd.config.model import Config, GlobalDefs
from vipd.config.parse import parse
from vipd.config.render import render, render_extensions

from tests.agent.config.lvs_models import LVS, LVS_GLOBALS

FULL = """\
virtual_server 10.0.0.250 80 {
    lb_algo wrr
    lb_kind DR
    protocol TCP
    persistence_timeout 50
    delay_loop 6
    quorum 2
    hysteresis 1
    sorry_server 10.0.0.99 80
    real_server 10.0.0.11 80 {
        weight 3
        TCP_CHECK {
            connect_port 8080
            connect_timeout 3
        }
        HTTP_GET {
            url {
                path /
                status_code 200-299 503
                regex "a\\\\d \\042b\\042"
            }
            url {
                path /b
            }
            retry 3
        }
        TCP_CHECK {
        }
    }
    real_server 10.0.0.12 80 {
    }
}
"""


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(LVS, LVS_GLOBALS)
def test_what_is_rendered_reads_back_as_the_same_model(lvs: Lvs, global_defs: LvsGlobals) -> None:
    config = Config(GlobalDefs(lvs=global_defs), lvs=lvs)
    parsed = parse(render(config))
    assert parsed.config == config
    assert parsed.errors == ()


def test_the_layout() -> None:
    server = VirtualServer(
        Endpoint(IPv4Address("10.0.0.250"), 80),
        lb_algo="wrr",
        lb_kind=Forwarding("DR"),
        protocol="TCP",
        persistence_timeout_s=50,
        timing=CheckTiming(delay_loop_s=6.0),
        quorum=2,
        hysteresis=1,
        sorry_server=SorryServer(Endpoint(IPv4Address("10.0.0.99"), 80)),
        real_servers=(
            RealServer(
                Endpoint(IPv4Address("10.0.0.11"), 80),
                weight=3,
                checkers=(
                    TcpCheck(CheckTiming(connect_timeout_s=3.0), Connection(connect_port=8080)),
                    HttpGet(
                        CheckTiming(retry=3),
                        urls=(
                            Url("/", status_code=((200, 299), (503, 503)), regex='a\\d "b"'),
                            Url("/b"),
                        ),
                    ),
                    TcpCheck(),
                ),
            ),
            RealServer(Endpoint(IPv4Address("10.0.0.12"), 80)),
        ),
    )
    config = Config(lvs=Lvs(virtual_servers=(server,)))
    assert render(config) == FULL
    assert parse(FULL).config == config


def test_a_password_is_in_no_representation() -> None:
    parsed = parse("SSL {\n password geheim\n}\n")
    assert parsed.config.lvs.ssl.password == "geheim"
    assert "geheim" not in repr(parsed.config)


HEADERS = 'HTTP_GET {\n headers {\n X-Forwarded-Proto https\n Authorization: "Bearer geheim"\n }\n body_limit 4096\n}\n'


def test_headers_are_vipd_s_own_and_a_value_is_in_no_representation() -> None:
    config = parse("", extensions=HEADERS).config
    sent = [Header("X-Forwarded-Proto", "https"), Header("Authorization", "Bearer geheim")]
    assert (config.lvs.http.headers, config.lvs.http.body_limit) == (tuple(sent), 4096)
    assert "geheim" not in repr(config)
    assert "HTTP_GET" not in render(config)
    assert parse(render(config), extensions=render_extensions(config)).config == config


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("geheim", "needs the name of a header and its value"),
        ("(geheim) geheim", "needs the name of a header and its value"),
        ("Host geheim", "cannot be Host, which a check says itself"),
        ('X-Key "geheim\a"', "has a value of X-Key with a character that cannot be printed"),
    ],
)
def test_a_header_that_cannot_be_sent_is_named_without_its_value(line: str, expected: str) -> None:
    (found,) = parse("", extensions=f"HTTP_GET {{\n headers {{\n {line}\n }}\n}}\n").errors
    assert expected in found.message
    assert "geheim" not in str(found)


def test_verification_is_vipd_s_own_and_stands_in_its_own_file() -> None:
    config = parse("SSL {\n ca /etc/ssl/ca.pem\n}\n", extensions="SSL {\n verify\n}\n").config
    assert config.lvs.ssl.verify
    assert "verify" not in render(config)
    assert parse(render(config), extensions=render_extensions(config)).config == config
