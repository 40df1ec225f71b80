# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading files: includes, and what cannot be read at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from vipd.config.diagnostics import ConfigError
from vipd.config.files import BYTES_MAX, DEPTH_MAX, FILES_MAX
from vipd.config.parse import load


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    (found,) = caught.value.diagnostics
    return str(found)


def test_includes_are_relative_to_the_file_that_includes(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    main = tmp_path / "keepalived.conf"
    main.write_text("$IF=eth0\ninclude conf.d/*.conf\nglobal_defs { router_id $ID }\n")
    (tmp_path / "conf.d" / "20-b.conf").write_text("vrrp_instance B { interface $IF\n virtual_router_id 0 }\n")
    (tmp_path / "conf.d" / "10-a.conf").write_text("$ID=lb01\ninclude inner\n")
    (tmp_path / "conf.d" / "inner").write_text("vrrp_instance A { interface $IF }\n")
    (tmp_path / "conf.d" / "30-script.conf").write_text("not read: executable")
    (tmp_path / "conf.d" / "30-script.conf").chmod(0o755)
    (tmp_path / "conf.d" / "40.conf").mkdir()
    parsed = load(str(main))
    assert [(one.name, one.interface) for one in parsed.config.instances] == [("A", "eth0"), ("B", "eth0")]
    assert parsed.config.global_defs.router_id == "lb01"
    (found,) = parsed.diagnostics
    assert str(found) == (
        f"{tmp_path}/conf.d/20-b.conf:2:2: error: virtual_router_id is 0, expected a number from 1 to 255"
    )


def test_a_block_may_span_an_include(tmp_path: Path) -> None:
    (tmp_path / "vips").write_text("10.0.0.3/24\n10.0.0.4/24\n")
    (tmp_path / "main").write_text("vrrp_instance A {\n virtual_ipaddress {\n include vips\n }\n}\n")
    (instance,) = load(str(tmp_path / "main")).config.instances
    assert [str(vip) for vip in instance.virtual_ipaddress] == ["10.0.0.3/24", "10.0.0.4/24"]


def test_the_same_file_may_be_included_twice_but_not_within_itself(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("# nothing\n")
    (tmp_path / "main").write_text("include part\ninclude part\n")
    assert load(str(tmp_path / "main")).diagnostics == ()
    (tmp_path / "part").write_text("\ninclude main\n")
    assert refusal(tmp_path / "main") == (
        f"{tmp_path}/part:2:1: error: '{tmp_path}/main' includes itself; remove this include"
    )


@pytest.mark.parametrize(("keyword", "count"), [("include", 0), ("includea", 1), ("includem", 1)])
def test_an_include_without_a_match(tmp_path: Path, keyword: str, count: int) -> None:
    (tmp_path / "main").write_text(f"{keyword} nothing-*.conf\n")
    assert len(load(str(tmp_path / "main")).errors) == count


def test_braces_in_an_include_are_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("include {a,b}.conf\n")
    (found,) = load(str(tmp_path / "main")).errors
    assert found.message == "braces in include are not supported by this version of vipd"


def test_depth_and_number_are_bounded(tmp_path: Path) -> None:
    for number in range(DEPTH_MAX + 1):
        (tmp_path / f"deep{number}").write_text(f"include deep{number + 1}\n")
    assert f"more than {DEPTH_MAX} files deep" in refusal(tmp_path / "deep0")
    (tmp_path / "part").write_text("# nothing\n")
    (tmp_path / "many").write_text("include part\n" * FILES_MAX)
    assert f"more than {FILES_MAX} files" in refusal(tmp_path / "many")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert refusal(path) == f"{path}: error: cannot read '{path}': No such file or directory"
    assert refusal(tmp_path) == f"{tmp_path}: error: cannot read '{tmp_path}': Is a directory"
    path.write_bytes(b"\x7fELF\0\0")
    assert refusal(path) == f"{path}: error: '{path}' is a binary file; name a text file"
    path.write_bytes(b"#" * (BYTES_MAX + 1))
    assert "bytes are read; is it a configuration?" in refusal(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch(mode=0o000)
    assert "Permission denied" in refusal(path)


def test_text_that_is_no_utf8_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xef\xbb\xbf# caf\xe9\nglobal_defs { router_id caf\xe9 }\n")
    parsed = load(str(tmp_path / "latin"))
    assert parsed.diagnostics == ()
    assert os.fsencode(parsed.config.global_defs.router_id or "") == b"caf\xe9"
