# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node's keepalived runs: includes resolved, secrets kept, and nothing said that is not so."""

from __future__ import annotations

import json
import pwd
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.model_values import MASK
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import ConfigError
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.modules.keepalived_config_info import (
    command_line,
    configuration,
    option,
)

MAIN = """\
$VRID=77
global_defs {
    vrrp_rlimit_rttime 10000
}
include conf.d/*.conf
@lb01 static_routes {
@lb01    192.0.2.0/24 via 10.0.0.1 dev lo
@lb01 }
"""
INCLUDED = """\
vrrp_script chk {
    script /bin/true
}
vrrp_instance VI_WEB {
    interface lo
    virtual_router_id $VRID
    authentication {
        auth_type PASS
        auth_pass s3cret
    }
    virtual_ipaddress {
        10.0.0.3/24
    }
    track_script {
        chk
    }
}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "web.conf").write_text(INCLUDED)
    (tmp_path / "keepalived.conf").write_text(MAIN)
    return tmp_path / "keepalived.conf"


def read(path: Path, sensitive: bool = False, as_keepalived: bool = True) -> dict[str, Any]:
    return configuration(str(path), "lb01", sensitive, as_keepalived)


def test_the_text_stands_for_itself(path: Path) -> None:
    text = read(path, sensitive=True)["text"]
    found = parse(text)
    assert found.diagnostics == ()
    assert "    state BACKUP\n    interface lo\n    virtual_router_id 77\n    priority 100\n    advert_int 1\n" in text
    (instance,) = found.config.instances
    assert (instance.name, instance.virtual_router_id, instance.auth_pass) == ("VI_WEB", 77, "s3cret")
    assert len(found.config.static_routes) == 1


def test_a_secret_is_returned_only_when_it_is_asked_for(path: Path) -> None:
    assert "s3cret" not in json.dumps(read(path))
    asked = read(path, sensitive=True)
    assert "s3cret" in asked.pop("text")
    assert "s3cret" not in json.dumps(asked)
    assert asked["config"]["instances"][0]["auth_pass"] == MASK


def test_findings_name_the_file_that_they_are_in(path: Path) -> None:
    (path.parent / "conf.d" / "web.conf").write_text(INCLUDED.replace("interface lo", "interface nowhere0"))
    found = {Path(one["file"]).name: (one["severity"], one["line"], one["message"]) for one in read(path)["findings"]}
    assert found["keepalived.conf"] == ("warning", 3, "vrrp_rlimit_rttime is not acted upon by this version of vipd")
    assert found["web.conf"] == ("error", 4, "vrrp_instance VI_WEB: there is no interface nowhere0")


def accounts(*names: str) -> Any:
    root = pwd.getpwnam("root")

    def getpwnam(name: str) -> pwd.struct_passwd:
        if name not in names:
            raise KeyError(name)
        return root

    return getpwnam


@pytest.mark.parametrize(("there", "user"), [((), "root"), (("keepalived_script",), "keepalived_script")])
def test_whom_scripts_run_as_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], user: str
) -> None:
    monkeypatch.setattr(pwd, "getpwnam", accounts("root", *there))
    assert read(path)["config"]["global_defs"]["script_user"] == {"user": user, "group": None}
    assert read(path, as_keepalived=False)["config"]["global_defs"]["script_user"] is None


def test_without_scripts_nobody_is_named(path: Path) -> None:
    lines = INCLUDED.replace("vrrp_script chk {\n    script /bin/true\n}\n", "").replace("track_script", "track_file")
    (path.parent / "conf.d" / "web.conf").write_text(lines.replace("        chk\n", ""))
    assert read(path)["config"]["global_defs"]["script_user"] is None


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        read(tmp_path / "missing.conf")


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["keepalived", "-f", "/a"], "/a"),
        (["keepalived", "-f/a", "-D"], "/a"),
        (["keepalived", "--use-file", "/a"], "/a"),
        (["keepalived", "--use-file=/a"], "/a"),
        (["keepalived", "--dont-fork"], ""),
        (["keepalived", "-f"], ""),
    ],
)
def test_the_file_of_a_command_line(argv: list[str], expected: str) -> None:
    assert option(argv, ("-f", "--use-file")) == expected


def test_a_process_that_is_gone_has_no_command_line() -> None:
    assert command_line("0") == []
