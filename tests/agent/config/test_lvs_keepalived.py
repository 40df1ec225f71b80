# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived accepts the LVS half that is rendered, and both find the same faults in it.

Needs root and keepalived; where they are missing, the round trip of test_lvs_render.py is all there is.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from vipd.config.check import check
from vipd.config.checkers import (
    DIRECT,
    BfdCheck,
    Checker,
    CheckTiming,
    FileCheck,
    HttpGet,
    MiscCheck,
    SmtpCheck,
    SslGet,
    UdpCheck,
    Url,
)
from vipd.config.lvs import AnyChecker, Endpoint, Forwarding, RealServer, SorryServer, VirtualServer
from vipd.config.lvs_settings import Lvs
from vipd.config.model import Command, Config, GlobalDefs, ScriptUser
from vipd.config.parse import load, parse
from vipd.config.render import render

from tests.agent.config.lvs_models import LVS
from tests.agent.config.test_keepalived import judged

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived"
)

SAMPLES = Path("/usr/share/doc/keepalived/samples")
TRUSTED = GlobalDefs(script_user=ScriptUser("root"), enable_script_security=True)


def sound(lvs: Lvs) -> Lvs:
    """The same with addresses that differ, limits that hold, and what keepalived 2.2 knows."""
    servers = (_server(number, server) for number, server in enumerate(lvs.virtual_servers))
    return Lvs(virtual_servers=tuple(servers), ssl=lvs.ssl)


def _server(number: int, server: VirtualServer) -> VirtualServer:
    reals = tuple(_real(10 * number + last, real) for last, real in enumerate(server.real_servers or (REAL,)))
    return replace(
        server,
        service=Endpoint(IPv4Address("10.0.0.1") + number, 80),
        lb_algo=server.lb_algo or "rr",
        lb_kind=server.lb_kind or Forwarding("DR"),
        protocol="UDP" if server.ops else server.protocol or "TCP",
        ip_family=None,
        hashed=server.hashed and server.lb_algo == "sh",
        persistence_granularity=IPv4Address("255.255.255.0") if server.persistence_granularity else None,
        persistence_timeout_s=server.persistence_timeout_s or 50,
        timing=_timing(server.timing),
        quorum=1,
        hysteresis=0,
        quorum_up=_command(server.quorum_up),
        quorum_down=_command(server.quorum_down),
        sorry_server=SorryServer(Endpoint(IPv4Address("10.0.9.9"), 80), server.sorry_server.inhibit),
        real_servers=reals,
    )


REAL = RealServer(Endpoint(IPv4Address("10.0.1.1"), 80))


def _real(number: int, real: RealServer) -> RealServer:
    return replace(
        real,
        endpoint=Endpoint(IPv4Address("10.0.1.1") + number, 80),
        weight=max(1, real.weight or 0),
        uthreshold=0,
        lthreshold=0,
        notify_up=_command(real.notify_up),
        notify_down=_command(real.notify_down),
        timing=_timing(real.timing),
        checkers=tuple(_checker(one) for one in real.checkers if not isinstance(one, (FileCheck, BfdCheck))),
    )


def _timing(timing: CheckTiming) -> CheckTiming:
    return replace(
        timing, retry=None if timing.retry is None else max(1, timing.retry), delay_loop_s=timing.delay_loop_s and 6.0
    )


def _checker(checker: AnyChecker) -> AnyChecker:
    if isinstance(checker, MiscCheck):
        command = Command(("/bin/true", "a b"))
        return replace(checker, misc_path=command, user=None, misc_timeout_s=3.0, timing=_timing(checker.timing))
    assert isinstance(checker, Checker)
    checker = replace(checker, timing=_timing(checker.timing), connection=DIRECT)
    if isinstance(checker, SmtpCheck):
        return replace(checker, hosts=())
    if isinstance(checker, UdpCheck):
        # keepalived 2.2 refuses the octet ff
        texts = {"payload": checker.payload and "01fe", "require_reply": checker.require_reply and "x1fe"}
        return replace(checker, min_reply_length=0, max_reply_length=255, **texts)
    if isinstance(checker, SslGet):
        checker = replace(checker, sni_name=None)
    if isinstance(checker, HttpGet):
        return replace(checker, urls=tuple(map(_url, checker.urls or (Url(),))), tls_compliant=None)
    return checker


def _url(url: Url) -> Url:
    regex = {"regex": url.regex and "a.b", "regex_options": (), "regex_stack": None, "regex_no_match": False}
    return replace(url, path="/", tls_compliant=None, regex_min_offset=None, regex_max_offset=None, **regex)


def _command(command: Command | None) -> Command | None:
    return command and Command(("/bin/true", *command.argv[1:]), command.user and ScriptUser("root", "root"))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(LVS)
def test_keepalived_accepts_what_is_rendered(tmp_path: Path, lvs: Lvs) -> None:
    config = Config(TRUSTED, lvs=sound(lvs))
    assert check(config) == ()
    text = render(config)
    assert judged(text, tmp_path) == "", text


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="keepalived's samples are not installed")
@pytest.mark.parametrize("name", ["virtualhost", "quorum", "SMTP_CHECK", "status_code", "virtual_server_group", "IPv6"])
def test_keepalived_accepts_its_own_samples_rendered_anew(name: str, tmp_path: Path) -> None:
    config = load(str(SAMPLES / f"keepalived.conf.{name}")).config
    lvs = Lvs(
        config.lvs.groups, tuple(replace(one, quorum_up=None, quorum_down=None) for one in config.lvs.virtual_servers)
    )
    assert judged(render(Config(TRUSTED, lvs=lvs)), tmp_path) == ""


SERVER = "virtual_server 10.0.0.1 80 {\n lb_algo rr\n lb_kind DR\n protocol TCP\n real_server 10.0.0.2 80 {\n }\n}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("lb_algo rr", "lb_algo foo"),
        ("lb_kind DR", "lb_kind FOO"),
        ("protocol TCP", "protocol"),
        ("protocol TCP", ""),
        ("lb_algo rr", ""),
        ("lb_kind DR", ""),
        ("10.0.0.1 80", "10.0.0.1"),
        ("10.0.0.1 80", "fwmark 3"),
        ("10.0.0.2 80", "10.0.0.2 81"),
        ("10.0.0.2 80", "fd00::1 80"),
        ("10.0.0.2 80", "10.0.0.2 65536"),
        ("protocol TCP", "protocol TCP\n quorum 2"),
        ("80 {\n }", "80 {\n weight 0\n }"),
        ("protocol TCP", "protocol TCP\n hysteresis 2"),
        ("protocol TCP", "protocol TCP\n ops"),
        ("protocol TCP", "protocol TCP\n persistence_timeout 0"),
        ("80 {\n }", "80 {\n HTTP_GET {\n }\n }"),
        ("80 {\n }", "80 {\n FILE_CHECK {\n track_file none\n }\n }"),
    ],
)
def test_keepalived_finds_fault_where_we_do(old: str, new: str, tmp_path: Path) -> None:
    assert old in SERVER
    text = SERVER.replace(old, new, 1)
    parsed = parse(text)
    ours = parsed.errors or check(parsed.config)
    assert ours
    assert "exit status" in judged(text, tmp_path)
    assert judged(SERVER, tmp_path) == ""
