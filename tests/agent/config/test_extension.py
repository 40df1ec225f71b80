# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd's own file: what it adds to the model, what it may not say, where it is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from vipd.config.diagnostics import ConfigError
from vipd.config.model import Config, GlobalDefs, Smtp
from vipd.config.parse import load, parse
from vipd.config.render import render, render_extensions

MAIN = "global_defs {\n    smtp_server mail.example.com 587\n}\n"
OWN = """\
global_defs {
    smtp {
        tls starttls
        ca_file /etc/ssl/ca.pem
        user vipd
        password_file /etc/vipd/mail.password
    }
}
"""
BOTH = Smtp(
    server="mail.example.com",
    port=587,
    tls="starttls",
    ca_file="/etc/ssl/ca.pem",
    user="vipd",
    password_file="/etc/vipd/mail.password",
)


def said(own: str, main: str = MAIN) -> list[str]:
    return [str(found) for found in parse(main, file="f", extensions=own).diagnostics]


def test_it_adds_to_what_the_main_file_says() -> None:
    parsed = parse(MAIN, extensions=OWN)
    assert parsed.config.global_defs.smtp == BOTH
    assert parsed.diagnostics == ()


def test_each_file_is_rendered_with_its_own() -> None:
    config = Config(GlobalDefs(smtp=BOTH))
    assert render(config) == MAIN
    assert render_extensions(config) == OWN
    assert render_extensions(Config()) == ""


@pytest.mark.parametrize(
    ("own", "found"),
    [
        (
            "vrrp_instance VI_9 {\n}",
            "<extensions>:1:1: error: there is no vrrp_instance VI_9 to extend; the configuration has none",
        ),
        (
            "global_defs {\nrouter_id x\n}",
            "<extensions>:2:1: error: unknown keyword 'router_id'; it belongs in the keepalived.conf beside this file",
        ),
        (
            "global_defs {\nsmtp {\ntsl none\n}\n}",
            "<extensions>:3:1: error: unknown keyword 'tsl'; did you mean tls?",
        ),
        (
            "global_defs {\nsmtp {\nuser x\ntls implicit\n}\n}",
            "<extensions>:1:1: error: smtp has no password_file; a login needs user and password_file",
        ),
        (
            "global_defs {\nsmtp {\nuser x\npassword_file /x\n}\n}",
            "<extensions>:1:1: warning: smtp would send its password without encryption;"
            " add tls starttls, or tls implicit",
        ),
        (
            "global_defs {\nsmtp {\ntls maybe\n}\n}",
            "<extensions>:3:1: error: tls has a value that is not none or starttls or implicit",
        ),
    ],
)
def test_what_it_may_not_say(own: str, found: str) -> None:
    assert said(own) == [found]


def test_the_main_file_may_not_say_what_is_vipd_s_own() -> None:
    (found,) = parse("global_defs {\nsmtp {\ntls none\n}\n}", file="f").diagnostics
    assert str(found) == "f:2:1: error: unknown keyword 'smtp' (its block is not read); it belongs in vipd.conf"


def test_it_is_found_beside_the_main_file(tmp_path: Path) -> None:
    main, own = tmp_path / "keepalived.conf", tmp_path / "vipd.conf"
    main.write_text(MAIN)
    assert load(str(main)).config.global_defs.smtp.tls == "none"
    own.write_text(OWN)
    assert load(str(main)).config.global_defs.smtp == BOTH
    assert load(str(own)).errors != (), "the own file is not read beside itself"


def test_it_can_be_named(tmp_path: Path) -> None:
    main, own = tmp_path / "keepalived.conf", tmp_path / "mail.conf"
    main.write_text(MAIN)
    own.write_text(OWN)
    assert load(str(main), extensions=str(own)).config.global_defs.smtp == BOTH
    with pytest.raises(ConfigError, match="cannot read"):
        load(str(main), extensions=str(tmp_path / "missing.conf"))
