# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsing: what a configuration means, and that none makes it raise, tell a secret or take its time.

What is said about bad ones is in transcripts/bad_input.txt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vipd.config.check import check
from vipd.config.diagnostics import Severity
from vipd.config.model import (
    Command,
    GarpSettings,
    Notify,
    ScriptUser,
    TrackInterface,
    Tracks,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)
from vipd.config.parse import Parsed, parse


def found(parsed: Parsed) -> list[str]:
    return [str(diagnostic) for diagnostic in parsed.diagnostics]


def instance(inner: str) -> VrrpInstance:
    parsed = parse(f"vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n{inner}\n}}\n")
    assert found(parsed) == []
    (only,) = parsed.config.instances
    return only


def script(inner: str) -> VrrpScript:
    parsed = parse(f"vrrp_script check {{\nscript /bin/true\n{inner}\n}}\n")
    assert found(parsed) == []
    (only,) = parsed.config.scripts
    return only


def test_where_things_stand() -> None:
    text = (
        "\nvrrp_script a { script /x }\nvrrp_instance b {\n track_script {\n  a }\n virtual_ipaddress { 10.0.0.3 } }\n"
    )
    config = parse(text, file="keepalived.conf").config
    (one,) = config.instances
    assert str(config.scripts[0].place) == "keepalived.conf:2:1"
    assert str(one.place) == "keepalived.conf:3:1"
    assert str(one.tracks.scripts[0].place) == "keepalived.conf:5:3"
    assert str(one.virtual_ipaddress[0].place) == "keepalived.conf:6:22"


@pytest.mark.parametrize(
    ("line", "vip"),
    [
        ("10.0.0.3", VirtualAddress(IPv4Address("10.0.0.3"), 32)),
        ("10.0.0.3/24", VirtualAddress(IPv4Address("10.0.0.3"), 24)),
        (
            "10.0.0.3/24 brd 10.0.0.255 dev eth1 scope link label eth1:vip",
            VirtualAddress(IPv4Address("10.0.0.3"), 24, "eth1", "10.0.0.255", "link", "eth1:vip"),
        ),
        ("10.0.0.3/24 broadcast +", VirtualAddress(IPv4Address("10.0.0.3"), 24, broadcast="+")),
        ("10.0.0.3/24 label eth0:1 brd -", VirtualAddress(IPv4Address("10.0.0.3"), 24, broadcast="-", label="eth0:1")),
        ('"10.0.0.3/24" dev "eth0"', VirtualAddress(IPv4Address("10.0.0.3"), 24, "eth0")),
        ("10.0.0.3/24 scope 200", VirtualAddress(IPv4Address("10.0.0.3"), 24, scope="200")),
    ],
)
def test_virtual_addresses(line: str, vip: VirtualAddress) -> None:
    assert instance(f"virtual_ipaddress {{\n{line}\n}}").virtual_ipaddress == (vip,)


def test_blocks_of_one_kind_add_up() -> None:
    one = instance("virtual_ipaddress { 10.0.0.3 }\nvirtual_ipaddress { 10.0.0.4\n10.0.0.5 }")
    assert [vip.address.packed[3] for vip in one.virtual_ipaddress] == [3, 4, 5]
    parsed = parse("global_defs { router_id a }\nglobal_defs { vrrp_garp_master_delay 2 }")
    assert parsed.config.global_defs.router_id == "a"
    assert parsed.config.global_defs.garp == GarpSettings(master_delay_s=2.0)


@pytest.mark.parametrize(
    ("inner", "state", "priority"),
    [
        ("", "BACKUP", 100),
        ("state BACKUP", "BACKUP", 100),
        ("state MASTER", "MASTER", 255),
        ("state MASTER\npriority 150", "MASTER", 150),
        ("priority 255", "MASTER", 255),
        ("state BACKUP\npriority 255", "BACKUP", 255),
    ],
)
def test_state_and_priority_follow_from_each_other(inner: str, state: str, priority: int) -> None:
    one = instance(inner)
    assert (one.state, one.priority) == (state, priority)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("notify /bin/tell", Command(("/bin/tell",))),
        ("notify \"/bin/tell me 'two words'\"", Command(("/bin/tell", "me", "two words"))),
        ('notify "/bin/tell me" root', Command(("/bin/tell", "me"), ScriptUser("root"))),
        ("notify '/bin/tell me' nobody nogroup", Command(("/bin/tell", "me"), ScriptUser("nobody", "nogroup"))),
        (r'notify "/bin/tell a\x22 b\\ c"', None),
        (r'notify "/bin/tell \'a\x22 b\'"', Command(("/bin/tell", 'a" b'))),
    ],
)
def test_commands(line: str, command: Command | None) -> None:
    if command is None:
        assert len(parse(f"vrrp_instance a {{ {line} }}").errors) == 1
    else:
        assert instance(line).notify.any == command


def test_the_rest_of_an_instance() -> None:
    assert instance(
        "advert_int 2\nnopreempt\ndont_track_primary\ngarp_master_delay 1\ngarp_master_repeat 2\n"
        "garp_master_refresh 60\ngarp_master_refresh_repeat 3\ngarp_lower_prio_delay 4\ngarp_lower_prio_repeat 0\n"
        "authentication { auth_type PASS\nauth_pass 1111 }\n"
        "track_interface { eth1\neth2 weight -5\neth3 weight 5 reverse }\n"
        "track_script { a\nb weight 0\nc weight -5 reverse\n d weight 5 noreverse }\n"
        "notify_master /m\nnotify_backup /b\nnotify_fault /f\nnotify_stop /s\nversion 2\naccept\npreempt_delay 0"
    ) == VrrpInstance(
        name="VI_1",
        interface="eth0",
        virtual_router_id=51,
        advert_int_s=2.0,
        version=2,
        accept=True,
        nopreempt=True,
        dont_track_primary=True,
        auth_pass="1111",
        garp=GarpSettings(1.0, 2, 60.0, 3, 4.0, 0),
        tracks=Tracks(
            interfaces=(TrackInterface("eth1"), TrackInterface("eth2", -5), TrackInterface("eth3", 5, True)),
            scripts=(TrackScript("a"), TrackScript("b", 0), TrackScript("c", -5, True), TrackScript("d", 5)),
        ),
        notify=Notify(Command(("/m",)), Command(("/b",)), Command(("/f",)), Command(("/s",))),
    )


def test_the_rest_of_a_script() -> None:
    assert script("interval 0.25\ntimeout 3\nweight -60 reverse\nrise 2\nfall 3\nuser u g\ninit_fail") == VrrpScript(
        name="check",
        command=Command(("/bin/true",), ScriptUser("u", "g")),
        interval_s=0.25,
        timeout_s=3.0,
        weight=-60,
        reverse=True,
        rise=2,
        fall=3,
        init_fail=True,
    )


def test_what_keepalived_ignores_is_not_in_the_model() -> None:
    (one,) = parse(
        "vrrp_instance a { interface eth0\nstate MASTER\nnopreempt\ntrack_interface { eth0 weight 5\neth1 } }"
    ).config.instances
    assert not one.nopreempt
    assert one.tracks.interfaces == (TrackInterface("eth1"),)


def test_preempt_takes_nopreempt_back() -> None:
    parsed = parse("vrrp_instance a {\nnopreempt\npreempt\n}")
    assert not parsed.config.instances[0].nopreempt
    assert found(parsed) == ["<string>:3:1: warning: preempt was given before, in line 2; this one counts"]


def test_a_weight_without_direction_takes_that_of_the_script() -> None:
    text = "vrrp_script s { script /x\nweight 5 reverse }\nvrrp_instance a { track_script { s weight 7 } }\n"
    (one,) = parse(text).config.instances
    assert one.tracks.scripts == (TrackScript("s", 7, reverse=True),)


def test_global_settings_that_ask_for_what_vipd_does_anyway_are_silent() -> None:
    text = "global_defs { vrrp_version 2\nvrrp_mcast_group4 224.0.0.18\nreload_check_config }"
    assert found(parse(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zzz\x1b[31m", "f:1:1: error: unknown keyword 'zzz\\x1b[31m'"),
        ("x" * 99, f"f:1:1: error: unknown keyword '{'x' * 48}...'"),
    ],
)
def test_what_a_terminal_could_not_show_is_escaped_and_what_is_too_long_is_cut(text: str, expected: str) -> None:
    assert found(parse(text, file="f")) == [f"{expected}; remove it, or give it its block"]


def test_a_bad_value_leaves_the_default_and_everything_else() -> None:
    (one,) = parse(
        "vrrp_instance a {\npriority 0\ninterface eth0\nvirtual_ipaddress { x\n10.0.0.3 }\n}"
    ).config.instances
    assert one.priority == 100
    assert one.interface == "eth0"
    assert [str(vip) for vip in one.virtual_ipaddress] == ["10.0.0.3/32"]


@pytest.mark.parametrize(
    "text",
    [
        "vrrp_instance V {\nvirtual_ipaddress {\nfe80::7%eth0/64\n}\n}\n",
        "vrrp_instance V {\nunicast_src_ip fe80::7%eth0\n}\n",
        "vrrp_instance V {\nunicast_peer {\nfe80::7%eth0\n}\n}\n",
        "static_routes {\n2001:db8::/32 via fe80::7%eth0\n}\n",
        "static_ipaddress {\nfe80::7%eth0/64 dev eth0\n}\n",
        "global_defs {\nvrrp_mcast_group6 ff02::12%eth0\n}\n",
        "virtual_server fe80::7%eth0 80 {\n}\n",
    ],
)
def test_an_address_has_no_scope(text: str) -> None:
    """Python reads one; keepalived refuses it, and a kernel message has no place for it."""
    assert any("'fe80::7%eth0" in line or "'ff02::12%eth0" in line for line in found(parse(text)) if " error: " in line)


def test_a_password_is_cut_at_eight_bytes() -> None:
    text = "vrrp_instance a { authentication { auth_type PASS\nauth_pass éééé1 } }"
    assert parse(text).config.instances[0].auth_pass == "éééé"


def test_the_password_is_in_no_representation() -> None:
    assert "hunter2" not in repr(instance("authentication { auth_type PASS\nauth_pass hunter2 }"))


SECRET = "hunter2secret"
AROUND_A_SECRET = (
    "vrrp_instance VI_1 {\n    interface eth0\n    authentication {\n        auth_type PASS\n"
    f"        auth_pass {SECRET}\n    }}\n    virtual_ipaddress {{\n        10.0.0.3/24\n    }}\n}}\n"
)


@pytest.mark.parametrize("inserted", ["", "\n", " ", "{", "}", "\n{\n", '"', "'", "#", "\\", "$", "@", "x"])
@pytest.mark.parametrize("removed", [0, 1, 2])
def test_no_slip_of_the_pen_puts_the_password_into_a_diagnostic(inserted: str, removed: int) -> None:
    for at in range(len(AROUND_A_SECRET)):
        text = AROUND_A_SECRET[:at] + inserted + AROUND_A_SECRET[at + removed :]
        for diagnostic in parse(text).diagnostics:
            assert SECRET[2:-2] not in str(diagnostic), text


@pytest.mark.parametrize(
    "text",
    [
        "$X=hunter2\nvrrp_instance a { priority $X\n auth_pas $X\n }",
        "$X=hunter2\nvrrp_instance a { priority $X\n}\nvrrp_instance b { authentication {\n auth_pass $X\n}}",
        "$VRRP_PASSWORD=hunter2\nvrrp_instance $VRRP_PASSWORD x {\n}\nvirtual_router_id $VRRP_PASSWORD\n$VRRP_PASSWORD",
        "$A=auth_pass $X\n$X=hunter2\n$A\nhunter2\n",
        "$A=\\\nauthentication { \\\n auth_pass hunter2 hunter2\\\n}\n$A\nvirtual_ipaddress { hunter2 }",
        "~SEQ(a,1,2) auth_pass hunter2$a\npriority hunter21",
        "~LST(a,hunter2,x) auth_pass $a\npriority hunter2",
        "~SEQ(a,hunter2) auth_pass $a\nauth_pass $hunter2 x",
        'vrrp_instance a {\n auth_pass "hunter2\n priority hunter2\n}',
    ],
)
def test_no_definition_puts_the_password_into_a_diagnostic(text: str) -> None:
    assert not [str(found) for found in parse(text).diagnostics if "hunter2" in str(found)]


NAMES = ("vrrp_instance", "vrrp_script", "global_defs", "interface", "authentication", "auth_pass", "notify", "script")
BLOCKS = ("virtual_ipaddress", "track_script", "10.0.0.3/24", "dev", "weight", "include", "@x", "$A", "$A=", "${A}")
SIGNS = ("{", "}", '"', "'", "\\", "#", "!", "~SEQ(a,1,2)", "\n")
PIECES = st.sampled_from((*NAMES, *BLOCKS, *SIGNS)) | st.text(max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=40).map(" ".join) | st.text())
def test_nothing_makes_it_raise(text: str) -> None:
    parsed = parse(text)
    for one in (*parsed.diagnostics, *check(parsed.config, ["eth0"])):
        assert one.severity in Severity
        assert 1 <= one.place.line <= text.count("\n") + 1
        assert str(one).isprintable()


@pytest.mark.parametrize(
    "piece",
    [
        "zzz\n",
        "{\n",
        "}\n",
        "a {\n",
        '"\n',
        "vrrp_instance a {\n}\n",
        "priority 1\n",
        "$A=$A$A\n$A\n",
        "global_defs { x }\n",
        "~SEQ\n",
        "~SEQ(a,1,3) x$a\n",
        "$A=x \\\ny\n$A\n",
        "${U} ${U\n",
        "include_check +match\n",
        "auth_pass secret\n",
    ],
)
def test_work_grows_with_the_length_of_the_text_and_no_faster(piece: str) -> None:
    def text(count: int) -> str:
        return "vrrp_instance x {\nvirtual_ipaddress {\n10.0.0.3\n}\n" + piece * count

    assert work(text(1600)) < 4.4 * work(text(400))


def test_what_is_said_again_has_a_place_of_its_own_and_is_found_fault_with_again() -> None:
    check = "TCP_CHECK {\nretry 3\n}\n"
    servers = "".join(f"real_server 10.0.1.{n} 80 {{\nweight 7\n{check}lthreshold x\n}}\n" for n in (1, 2))
    parsed = parse(f"virtual_server 10.0.0.3 80 {{\nprotocol TCP\nlb_algo rr\nlb_kind DR\n{servers}}}\n", file="f")
    (server,) = parsed.config.lvs.virtual_servers
    assert [(real.weight, real.checkers[0].timing.retry) for real in server.real_servers] == [(7, 3), (7, 3)]
    assert [real.checkers[0].place.line for real in server.real_servers] == [7, 14]
    assert [found.place.line for found in parsed.errors] == [10, 17]


def work(text: str) -> int:
    """How many functions are called to read and check it: a number that no busy machine changes."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        check(parse(text).config)
    finally:
        sys.setprofile(None)
    return calls


def instances(number: int) -> str:
    return "".join(
        f"vrrp_instance V{n} {{\ninterface eth{n}\nvirtual_router_id 7\n"
        f"virtual_ipaddress {{\n10.0.{n >> 8}.{n & 255}\n}}\n}}\n"
        for n in range(number)
    )


def servers(number: int) -> str:
    lines = "".join(
        f"real_server 10.1.{n >> 8}.{n & 255} 80 {{\nTCP_CHECK {{\nretry 3\n}}\n}}\n" for n in range(number)
    )
    return f"virtual_server 10.0.0.3 80 {{\nprotocol TCP\nlb_algo rr\nlb_kind DR\n{lines}}}\n"


TEXTS: dict[str, Callable[[int], str]] = {
    "instances": instances,
    "servers": servers,
    "comments": lambda number: "".join(f"# {n} \\# !\n" for n in range(number)),
    "definitions": lambda number: "".join(f"$A{n}=x\nglobal_defs {{\nrouter_id ${{A{n}}}\n}}\n" for n in range(number)),
    "faults": lambda number: "".join(f"}}\nx{n} {{\n" for n in range(number)),
}


@pytest.mark.parametrize("made", ["instances", "servers", "comments", "definitions", "faults"])
def test_the_work_grows_with_the_length_of_the_file_and_no_faster(made: str) -> None:
    few, many = (work(TEXTS[made](number)) for number in (300, 1200))
    assert many < 4.4 * few
