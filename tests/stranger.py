# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user who is in the group of a control socket, and nothing else: as the exporter is on a node. Needs root."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

STRANGER = 64999  # a user and a group that nothing else is
LIMIT_S = 30.0


def answers_to_the_group(path: Path, *lines: str) -> list[Any]:
    """nc asks: it is a program that every user may read, which the tests' Python need not be."""
    os.chmod(path.parent, 0o750)
    for place in (path.parent, path):
        os.chown(place, -1, STRANGER)
    talk = subprocess.run(
        ["nc", "-UN", path.name],
        input="".join(f"{line}\n" for line in lines),
        cwd=path.parent,  # entered as root: above it are root's own directories
        user=STRANGER,
        group=STRANGER,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    return [json.loads(line) for line in talk.stdout.splitlines()]
