# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every source file has in common, and ruff cannot see."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAD = """\
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


def sources() -> list[str]:
    """The Python files that git knows or would add."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(name for name in listed if (ROOT / name).exists())


@pytest.mark.parametrize("name", sources())
def test_the_licence_heads_the_file(name: str) -> None:
    assert (ROOT / name).read_text().removeprefix("#!/usr/bin/python\n").startswith(HEAD)


@pytest.mark.parametrize("name", sources())
def test_no_variable_is_called_underscore(name: str) -> None:
    """ansible-test's pylint refuses it; here it is found within a second."""
    tree = ast.parse((ROOT / name).read_text())
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "_"] == []
