# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node's half of the installation, on a file system of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.modules.vipd_program import Installation, install, remove


class Node:
    """What the action plugin does: ask first, send what is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.directory = root / "lib"
        self.commands = [root / "sbin" / "vipd", root / "sbin" / "vipctl"]

    def there(self, dry: bool = False) -> Installation:
        return Installation(str(self.directory), [str(command) for command in self.commands], dry)

    def deploy(self, content: bytes, dry: bool = False) -> dict[str, Any]:
        sha256 = hashlib.sha256(content).hexdigest()
        result = install(self.there(dry), sha256, None)
        if result["missing"] and not dry:
            sent = self.root / "sent"
            sent.write_bytes(content)
            result = install(self.there(), sha256, str(sent))
        return result

    def files(self) -> list[str]:
        return sorted(os.listdir(self.directory)) if self.directory.exists() else []


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def name_of(content: bytes) -> str:
    return f"vipd-{hashlib.sha256(content).hexdigest()[:12]}.pyz"


def test_a_first_program_is_in_place_behind_its_commands(node: Node) -> None:
    result = node.deploy(b"one")
    assert result["changed"]
    assert Path(result["program"]).name == name_of(b"one")
    assert all(command.read_bytes() == b"one" for command in node.commands)
    assert all(os.access(command, os.X_OK) for command in node.commands)


def test_the_same_program_again_changes_nothing(node: Node) -> None:
    node.deploy(b"one")
    assert not node.deploy(b"one")["changed"]


def test_the_program_before_is_kept_and_older_ones_go(node: Node) -> None:
    for content in (b"one", b"two", b"three"):
        result = node.deploy(content)
    assert result["previous"] == name_of(b"two")
    assert node.files() == sorted(["current.pyz", "previous.pyz", name_of(b"two"), name_of(b"three")])
    assert (node.directory / "previous.pyz").read_bytes() == b"two"


def test_a_damaged_program_is_sent_again(node: Node) -> None:
    program = Path(node.deploy(b"one")["program"])
    program.write_bytes(b"damaged")
    assert node.deploy(b"one")["changed"]
    assert program.read_bytes() == b"one"


def test_what_an_interrupted_run_left_behind_goes(node: Node) -> None:
    node.deploy(b"one")
    (node.directory / ".vipd-0123456789ab.pyz").write_bytes(b"half")
    assert node.deploy(b"one")["changed"]
    assert node.files() == sorted(["current.pyz", name_of(b"one")])


def test_check_mode_tells_and_does_nothing(node: Node) -> None:
    result = node.deploy(b"one", dry=True)
    assert result["changed"]
    assert result["diff"] == {"before": "", "after": f"current.pyz -> {name_of(b'one')}\n"}
    assert node.files() == []
    node.deploy(b"one")
    assert node.deploy(b"two", dry=True)["changed"]
    assert remove(node.there(dry=True))["changed"]
    assert node.commands[0].read_bytes() == b"one"


@pytest.mark.parametrize("umask", [0o027, 0o077])
def test_every_account_may_run_it_whatever_the_umask(node: Node, umask: int) -> None:
    before = os.umask(umask)
    try:
        node.deploy(b"one")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (node.directory, node.commands[0].parent)} == {0o755}
    assert Path(node.commands[0]).stat().st_mode & 0o777 == 0o755


def test_a_directory_that_was_closed_is_opened_again(node: Node) -> None:
    node.deploy(b"one")
    node.directory.chmod(0o700)
    assert node.deploy(b"one", dry=True)["changed"]
    assert node.directory.stat().st_mode & 0o777 == 0o700
    assert node.deploy(b"one")["changed"]
    assert node.directory.stat().st_mode & 0o777 == 0o755
    assert not node.deploy(b"one")["changed"]


def test_a_command_that_is_somebody_elses_is_left_alone(node: Node) -> None:
    node.commands[0].parent.mkdir()
    node.commands[0].write_text("mine")
    with pytest.raises(OSError, match="is no link; move it away"):
        node.deploy(b"one")
    assert node.commands[0].read_text() == "mine"


def test_removal_leaves_nothing_and_can_be_repeated(node: Node) -> None:
    node.deploy(b"one")
    assert remove(node.there())["changed"]
    assert not node.directory.exists()
    assert not any(os.path.lexists(command) for command in node.commands)
    assert not remove(node.there())["changed"]


class TestWithAnsible:
    """Both halves: what the controller builds, and what the module does with it, over a local connection."""

    def run(self, node: Node, *arguments: str, **options: str) -> dict[str, Any]:
        module = {"directory": str(node.directory), "commands": ",".join(map(str, node.commands)), **options}
        done = subprocess.run(
            [Path(sys.executable).parent / "ansible", "localhost", "-c", "local", "-m", "lbha.pair.vipd_program",
             "-a", " ".join(f"{name}={value}" for name, value in module.items()), *arguments],
            cwd=node.root,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        return dict(json.loads(done.stdout.partition("=>")[2]))

    def test_a_program_is_built_sent_and_started(self, node: Node) -> None:
        assert self.run(node, "--check")["changed"] is True
        assert not node.directory.exists()
        first = self.run(node, python=sys.executable)
        assert first["changed"] is True
        assert Path(first["program"]).name == f"vipd-{first['sha256'][:12]}.pyz"
        assert subprocess.run([node.commands[1], "--help"], capture_output=True, check=False).returncode == 0
        assert self.run(node, python=sys.executable)["changed"] is False

    def test_internal_options_are_refused(self, node: Node) -> None:
        assert "sha256 is for internal use" in self.run(node, sha256="0")["msg"]


def test_a_disk_that_is_full_is_not_left_fuller(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    node.deploy(b"one")
    before = node.files()
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        node.deploy(b"two")
    assert node.files() == before
