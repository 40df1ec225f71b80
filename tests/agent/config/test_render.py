# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rendering: what is read back is what was written, and the text is the one people expect to see."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import HealthCheck, given, settings
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.model import (
    Command,
    Config,
    GarpSettings,
    GlobalDefs,
    Notify,
    ScriptUser,
    TrackInterface,
    Tracks,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)
from vipd.config.parse import parse
from vipd.config.render import render, render_extensions

from tests.agent.config.models import configs

VIP = VirtualAddress(IPv4Address("10.0.0.3"), 24, dev="eth0", label="eth0:1")

FULL = """\
global_defs {
    router_id lb01
    script_user vipd-script
    enable_script_security
    vrrp_garp_master_refresh 60
}

vrrp_script proxy {
    script "/usr/local/bin/check-proxy --url 'http://10.0.0.3/a b'"
    interval 2
    timeout 0.5
    weight -60 reverse
    rise 2
    fall 3
    user nobody nogroup
    init_fail
}

vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    dont_track_primary
    garp_master_delay 1
    authentication {
        auth_type PASS
        auth_pass "a # b"
    }
    track_interface {
        eth1
        eth2 weight -10
    }
    track_script {
        proxy weight 5 noreverse
    }
    virtual_ipaddress {
        10.0.0.3/24 dev eth0 label eth0:1
        10.0.0.4/32
    }
    notify_master "/usr/local/bin/tell master" root
}
"""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_what_is_rendered_reads_back_as_the_same_model(config: Config) -> None:
    parsed = parse(render(config), extensions=render_extensions(config))
    assert parsed.config == config
    assert parsed.diagnostics == ()
    assert [found for found in check(config) if found.severity is Severity.ERROR] == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_rendering_is_stable(config: Config) -> None:
    assert render(parse(render(config)).config) == render(config)


def test_the_layout() -> None:
    config = Config(
        GlobalDefs("lb01", ScriptUser("vipd-script"), True, GarpSettings(master_refresh_s=60.0)),
        scripts=(
            VrrpScript(
                name="proxy",
                command=Command(
                    ("/usr/local/bin/check-proxy", "--url", "http://10.0.0.3/a b"), ScriptUser("nobody", "nogroup")
                ),
                interval_s=2.0,
                timeout_s=0.5,
                weight=-60,
                reverse=True,
                rise=2,
                fall=3,
                init_fail=True,
            ),
        ),
        instances=(
            VrrpInstance(
                name="VI_1",
                interface="eth0",
                virtual_router_id=51,
                state="MASTER",
                priority=150,
                auth_pass="a # b",
                virtual_ipaddress=(VIP, VirtualAddress(IPv4Address("10.0.0.4"))),
                dont_track_primary=True,
                tracks=Tracks(
                    interfaces=(TrackInterface("eth1"), TrackInterface("eth2", -10)),
                    scripts=(TrackScript("proxy", 5, reverse=False),),
                ),
                notify=Notify(master=Command(("/usr/local/bin/tell", "master"), ScriptUser("root"))),
                garp=GarpSettings(master_delay_s=1.0),
            ),
        ),
    )
    assert render(config) == FULL
    assert parse(FULL).config == config


def test_defaults_are_left_out_but_for_the_five_lines_everybody_looks_for() -> None:
    assert render(Config(instances=(VrrpInstance("VI_1", "eth0", 51),))) == (
        "vrrp_instance VI_1 {\n"
        "    state BACKUP\n"
        "    interface eth0\n"
        "    virtual_router_id 51\n"
        "    priority 100\n"
        "    advert_int 1\n"
        "}\n"
    )


def test_nothing_renders_as_nothing() -> None:
    assert render(Config()) == ""
    assert parse("").config == Config()


@pytest.mark.parametrize("router_id", ['a"b', "a b\\", "a\nb", "a\0b", "$_PWD x", "${_PWD}", "{", "}"])
def test_what_the_grammar_cannot_say_is_refused(router_id: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        render(Config(GlobalDefs(router_id=router_id)))


@pytest.mark.parametrize(
    "router_id",
    ["a\x07b", "a\x0bb\x0c", "a\rb\r", "caf\udce9", "\u2028", "\ufeffa", "$_PWD", "${_x}", "a\\", "a b\\\\", " }"],
)
def test_what_keepalived_takes_for_a_word_is_written_as_one(router_id: str) -> None:
    config = Config(GlobalDefs(router_id=router_id))
    assert parse(render(config)).config == config


def test_escapes_are_those_that_every_keepalived_reads_alike() -> None:
    script = VrrpScript("s", Command(("/bin/x", '"7', "$HOME", "\n7", "it's", "back\\slash")))
    text = render(Config(scripts=(script,)))
    written = r"/bin/x '\0427' '\044HOME' '\0127' 'it\\'s' 'back\\\\slash'"
    assert f'    script "{written}"\n' in text
    assert parse(text).config.scripts == (script,)


def test_names_that_begin_a_directive_are_quoted() -> None:
    tracks = tuple(TrackScript(name) for name in ("include", "@lb01", "$A=1", "~SEQ(a,1)", "#", "{}"))
    config = Config(
        instances=(VrrpInstance("VI_1", "eth0", 51, virtual_ipaddress=(VIP,), tracks=Tracks(scripts=tracks)),)
    )
    assert parse(render(config), config_id="lb02").config == config
