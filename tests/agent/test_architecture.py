# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports point one way, and what must stay pure or small does: read from the import statements."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import vipd

PACKAGE = Path(vipd.__file__).parent
IMPURE = {"os", "socket", "time", "asyncio", "random", "logging", "subprocess", "threading", "select", "signal"}
ALLOWED = {
    "config": {"config"},
    "wire": {"wire"},
    "core": {"core", "config", "wire"},
    "director": {"director", "config"},
    "linux": {"linux", "config", "wire", "director"},
    "checks": {"checks", "config", "core", "linux", "director"},
    "runtime": {"runtime", "core", "config", "wire", "linux", "checks", "director"},
}
# The one module of config/ that reads files.
READS_FILES = {"config/files.py"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PACKAGE / folder).rglob("*.py"))


def folder_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def imports(path: Path) -> set[str]:
    """Absolute imports as they are, relative ones as the folder of the package they reach."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
        if isinstance(node, ast.ImportFrom) and node.level:
            within = path.relative_to(PACKAGE).parts[: -node.level]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {f".{(*within, *name.split('.'))[0]}" for name in names if name}
    return found


@pytest.mark.parametrize(
    "path", modules("config", "wire", "core", "director"), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_pure_modules_do_no_input_or_output(path: Path) -> None:
    if f"{path.parent.name}/{path.name}" not in READS_FILES:
        assert not imports(path) & IMPURE


@pytest.mark.parametrize("path", modules(*ALLOWED), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_arrows_point_one_way(path: Path) -> None:
    reached = {name[1:] for name in imports(path) if name.startswith(".")}
    assert reached <= ALLOWED[folder_of(path)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pyroute2_lives_in_linux_only(path: Path) -> None:
    assert "pyroute2" not in imports(path) or path.parent.name == "linux"


@pytest.mark.parametrize("path", sorted(PACKAGE.joinpath("linux").glob("*.py")), ids=lambda path: path.name)
def test_nothing_is_imported_from_pyroute2_itself(path: Path) -> None:
    """In the program that nodes run its ``__init__`` is empty (plugin_utils/program.py)."""
    tree = ast.parse(path.read_text())
    assert "pyroute2" not in [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [
        alias
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if "pyroute2" in alias.name
    ]


def test_the_vrrp_process_loads_neither_asyncio_nor_pyroute2() -> None:
    program = "import sys, vipd.cli; print(*({'asyncio', 'pyroute2'} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
