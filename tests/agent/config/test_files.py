# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading files: includes, and what cannot be read at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from vipd.config.diagnostics import ConfigError, Severity
from vipd.config.files import BYTES_MAX, DEPTH_MAX, FILES_MAX
from vipd.config.parse import load

NOBODY = 65534


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    (found,) = caught.value.diagnostics
    return str(found)


@pytest.fixture
def fragments(tmp_path: Path) -> Path:
    (tmp_path / "here").write_text("# nothing\n")
    (tmp_path / "directory").mkdir()
    (tmp_path / "program").write_text("vrrp_instance X { }\n")
    (tmp_path / "program").chmod(0o755)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


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
    (found,) = parsed.errors
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


# An include, and whether what it does not find is an error.
NOT_INCLUDED = [
    # A name without wildcards
    ("include nothing", False),
    ("includer nothing", False),
    ("includeb nothing", False),
    ("includem nothing", True),
    ("includew nothing", True),
    ("includea nothing", True),
    # What braces stand for
    ("include {here,nothing}", False),
    ("includem {here,nothing}", False),
    ("includeb {here,nothing}", True),
    ("includea {here,nothing}", True),
    # Something that is there and not read
    ("include directory", False),
    ("includer directory", True),
    ("includem {here,directory}", True),
    ("include program", False),
    ("includer prog*", True),
    ("include pipe", False),
    ("includer pipe", True),
]


@pytest.mark.parametrize(("line", "error"), NOT_INCLUDED)
def test_what_is_not_included(fragments: Path, line: str, error: bool) -> None:
    (fragments / "main").write_text(f"{line}\n")
    (found,) = load(str(fragments / "main")).diagnostics
    assert found.severity is (Severity.ERROR if error else Severity.WARNING)
    assert "names no file" in found.message or "is not included" in found.message or found.remedy
    assert str(found.place) == f"{fragments}/main:1:1"


@pytest.mark.parametrize("variant", ["", "r", "m", "b"])
@pytest.mark.parametrize("pattern", ["nothing-*.conf", "{nothing,none}-*.conf"])
def test_a_directory_of_fragments_may_be_empty(fragments: Path, variant: str, pattern: str) -> None:
    (fragments / "main").write_text(f"include{variant} {pattern}\n")
    assert load(str(fragments / "main")).diagnostics == ()


@pytest.mark.parametrize("variant", ["w", "a"])
def test_unless_it_is_said_that_it_must_not(fragments: Path, variant: str) -> None:
    (fragments / "main").write_text(f"include{variant} nothing-*.conf\n")
    (found,) = load(str(fragments / "main")).errors
    assert str(found) == (
        f"{fragments}/main:1:1: error: include 'nothing-*.conf' names no file;"
        " make it, or insist on less than this include does"
    )


def test_include_check_holds_for_a_file_and_what_it_includes(fragments: Path) -> None:
    (fragments / "main").write_text(
        "global_defs {\ninclude_check +match\n}\ninclude part\ninclude gone\n"
        "global_defs {\ninclude_check -match\n}\ninclude gone\n"
    )
    (fragments / "part").write_text("include gone\nglobal_defs {\ninclude_check\n}\ninclude nothing-*\n")
    found = load(str(fragments / "main")).diagnostics
    assert [(str(one.place)[len(str(fragments)) + 1 :], one.severity.value) for one in found] == [
        ("main:5:1", "error"),
        ("main:9:1", "warning"),
        ("part:1:1", "error"),
        ("part:5:1", "error"),
    ]


def test_braces_and_wildcards_in_their_order(fragments: Path) -> None:
    for name in ("b1", "b2", "a1", "c*"):
        (fragments / name).write_text(f"$LIST=${{LIST}}x\nvrrp_instance {name} {{\n}}\n")
    (fragments / "main").write_text("include {b?,[a],a1,c\\*,[ab]1}\n")
    names = [one.name for one in load(str(fragments / "main")).config.instances]
    assert names == ["b1", "b2", "a1", "c*", "a1", "b1"]


def test_include_through_a_definition_is_relative_to_the_file_that_uses_it(fragments: Path) -> None:
    (fragments / "main").write_text("$PART=include part\ninclude deeper/main\n")
    (fragments / "deeper").mkdir()
    (fragments / "deeper" / "main").write_text("$PART\n")
    (fragments / "deeper" / "part").write_text('global_defs { router_id "${_PWD}" }\n')
    assert load(str(fragments / "main")).config.global_defs.router_id == f"{fragments}/deeper"


def test_depth_and_number_are_bounded(tmp_path: Path) -> None:
    for number in range(DEPTH_MAX + 1):
        (tmp_path / f"deep{number}").write_text(f"include deep{number + 1}\n")
    assert f"more than {DEPTH_MAX} files deep" in refusal(tmp_path / "deep0")
    (tmp_path / "part").write_text("# nothing\n")
    (tmp_path / "many").write_text("include part\n" * FILES_MAX)
    assert f"more than {FILES_MAX} files" in refusal(tmp_path / "many")


def test_what_cannot_be_read(fragments: Path) -> None:
    path = fragments / "f"
    assert refusal(path) == f"{path}: error: cannot read '{path}': No such file or directory; correct the path"
    for name, fault in (("directory", "a directory"), ("pipe", "no regular file"), ("program", "executable")):
        place = fragments / name
        assert refusal(place) == f"{place}: error: '{place}' is {fault}; keepalived would not read it either"
    path.write_bytes(b"#\n\x7fELF\0\0\n")
    assert refusal(path) == f"{path}:2: error: there is a NUL byte here: this is a binary file; name a text file"


def test_too_much_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    started = time.perf_counter()
    message = f"{path}: error: with '{path}' more than {BYTES_MAX} bytes are read; is it a configuration?"
    assert refusal(path) == message
    assert time.perf_counter() - started < 1
    path.write_bytes(b"#" * BYTES_MAX)
    (found,) = load(str(path)).errors
    assert str(found).startswith(f"{path}:1: error: the line is longer than")
    (tmp_path / "main").write_text("include f\n")
    assert refusal(tmp_path / "main").startswith(f"{tmp_path}/main:1:1: error: with '{path}' more than")


def test_a_file_without_permission(tmp_path: Path) -> None:
    """Root may read everything, and so becomes somebody else for it."""
    path = tmp_path / "f"
    path.touch(mode=0o000)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        said = refusal(path)
    finally:
        os.seteuid(user)
    assert said == f"{path}: error: cannot read '{path}': Permission denied; let its reader read it"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_device_is_never_opened(tmp_path: Path, device: str) -> None:
    (tmp_path / "link").symlink_to(device)
    assert "is no regular file; keepalived would not read it either" in refusal(tmp_path / "link")
    (tmp_path / "main").write_text(f"include {device}\nrouter_id\n")
    (found, unknown) = load(str(tmp_path / "main")).diagnostics
    assert str(found) == f"{tmp_path}/main:1:1: warning: '{device}' is no regular file: it is not included"
    assert "unknown keyword 'router_id'; it belongs in global_defs" in str(unknown)


def test_links_in_a_ring(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert "Too many levels of symbolic links; let its reader read it" in refusal(tmp_path / "one")


def test_ten_thousand_includes_end_at_once(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("# nothing\n")
    (tmp_path / "main").write_text("include part\n" * 10_000)
    assert refusal(tmp_path / "main") == (
        f"{tmp_path}/main:{FILES_MAX}:1: error: more than {DEPTH_MAX} files deep, or more than {FILES_MAX} files,"
        " are included; put several into one"
    )


def test_a_secret_in_an_included_file_is_in_no_message(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("auth_pass hunter2 hunter2\nhunter2\n")
    text = "vrrp_instance A {\nauthentication {\ninclude secret\n}\ninterface hunter2-and-what-follows\nhunter2\n}\n"
    (tmp_path / "main").write_text(text)
    parsed = load(str(tmp_path / "main"))
    assert [found.place.file for found in parsed.errors] == [
        str(tmp_path / name) for name in ("main", "main", "secret")
    ]
    assert "hunter2'" not in "".join(map(str, parsed.diagnostics))
    assert "unknown keyword '***'" in str(parsed.errors[1])


def test_line_ends_of_other_systems(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"global_defs {\r\n    router_id lb01\r\n}\r\n$A= \\\r\nvrrp_instance A {\\\r\n}\r\n$A\r\n")
    parsed = load(str(path))
    assert parsed.diagnostics == ()
    assert (parsed.config.global_defs.router_id, [one.name for one in parsed.config.instances]) == ("lb01", ["A"])


def test_text_that_is_no_utf8_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xef\xbb\xbf# caf\xe9\nglobal_defs { router_id caf\xe9 }\n")
    parsed = load(str(tmp_path / "latin"))
    (found,) = parsed.diagnostics
    assert "a byte order mark precedes the first word" in found.message
    assert os.fsencode(parsed.config.global_defs.router_id or "") == b"caf\xe9"
