# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play with one role, whose parts a test has put below ``place/roles``; every host is this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Values = Mapping[str, Any]


def play_role(
    place: Path, role: str, hosts: Values, variables: Values, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``hosts``: each with its variables; ``variables``: of all; ``environment``: of every task."""
    common = {**variables, "ansible_connection": "local"}
    (place / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": dict(hosts), "vars": common}}))
    play = {"hosts": "all", "gather_facts": False, "environment": dict(environment or {}), "roles": [role]}
    (place / "play.yml").write_text(yaml.safe_dump([play]))
    ansible = {"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    return subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", "play.yml"],
        cwd=place,
        env={**os.environ, **ansible, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
