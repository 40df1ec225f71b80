# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/controllers.md shows is what ansible-builder and ansible-galaxy take."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BUILDER = ROOT / ".venvs/core-newest/bin/ansible-builder"


def shown(name: str) -> str:
    """The example whose first line is a comment with the name of its file."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/controllers.md").read_text(), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if block.startswith(f"# {name}")]
    return str(block)


@pytest.mark.skipif(not BUILDER.exists(), reason="no Python for the newest ansible-core on this machine")
def test_ansible_builder_takes_the_definition(tmp_path: Path) -> None:
    for name in ("requirements.yml", "execution-environment.yml"):
        (tmp_path / name).write_text(shown(name))
    (collection,) = yaml.safe_load(shown("requirements.yml"))["collections"]
    (tmp_path / collection["name"]).touch()
    command = [str(BUILDER), "create", "--file", "execution-environment.yml", "--output-filename", "Containerfile"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ansible-galaxy collection install" in (tmp_path / "context" / "Containerfile").read_text()
    assert (tmp_path / "context" / "_build" / collection["name"]).exists()


def test_the_requirements_name_the_file_of_this_version() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    file = f"{galaxy['namespace']}-{galaxy['name']}-{galaxy['version']}.tar.gz"
    assert yaml.safe_load(shown("requirements.yml")) == {"collections": [{"name": file, "type": "file"}]}
