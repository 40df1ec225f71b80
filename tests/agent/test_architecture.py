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
    "metrics": {"metrics", "core", "director", "asking"},
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


@pytest.mark.skipif(sys.version_info < (3, 10), reason="Python does not say what is in its library")
@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_node_needs_nothing_but_python(path: Path) -> None:
    absolute = {name for name in imports(path) if not name.startswith(".")}
    assert absolute <= sys.stdlib_module_names


# Both processes live for years. What only a start needs is loaded in the process that reads the configuration and ends,
# what describes virtual servers on nodes that have some.
OF_THE_START = {
    "argparse",
    "difflib",
    "glob",
    "vipd.cli",
    "vipd.config.parse",
    "vipd.config.check",
    "vipd.config.keywords",
}
OF_DIRECTORS = {"vipd.config.lvs", "vipd.config.checkers"}
OF_DATACLASSES = set() if sys.version_info >= (3, 13) else {"inspect", "ast", "dis", "tokenize"}
BEGIN = "from vipd import lazy_inspect; lazy_inspect.load_dataclasses(); import vipd.start"


@pytest.mark.parametrize(
    ("process", "unwanted"),
    [
        ("import vipd.runtime.engine", {"asyncio", "ssl", *OF_THE_START, *OF_DIRECTORS, *OF_DATACLASSES}),
        # asyncio loads ssl unless it is told that there is none, as runtime/daemon.py does; nothing else may need it.
        (
            "sys.modules['ssl'] = None; import vipd.runtime.worker",
            {"vipd.core.router", "vipd.runtime.dump_text", *OF_THE_START, *OF_DIRECTORS},
        ),
        # ``vipd -t``, which compiles all that it loads.
        (
            "import vipd.cli, vipd.config.check, vipd.config.parse, vipd.runtime.refusals",
            {"asyncio", "ctypes", "vipd.core", "vipd.linux.ipvs", "vipd.runtime.daemon", *OF_DATACLASSES},
        ),
    ],
    ids=["VRRP process", "worker", "check"],
)
def test_what_a_process_does_not_load(process: str, unwanted: set[str]) -> None:
    program = f"import sys; {BEGIN}; {process}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert not unwanted & set(done.stdout.split())


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_dataclass_has_a_docstring(path: Path) -> None:
    """Else ``dataclasses`` writes one, and loads ``inspect`` for it."""
    classes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    made = [one for one in classes if any("dataclass" in ast.unparse(by) for by in one.decorator_list)]
    assert [one.name for one in made if not ast.get_docstring(one)] == []


def test_who_asks_inspect_gets_the_real_one() -> None:
    program = f"""if True:
        {BEGIN}
        import dataclasses, inspect, sys
        assert inspect.signature(int.bit_length) and "ast" in sys.modules
        @dataclasses.dataclass
        class WithoutDocstring:
            number: int = 7
        print(WithoutDocstring.__doc__)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert "number: int = 7" in done.stdout.replace("'", "")
