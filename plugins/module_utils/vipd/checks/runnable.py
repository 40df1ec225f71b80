# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a command can be run on this node at all, told before it is needed. Runs nothing: ``program.py`` does."""

from __future__ import annotations

import os
import shutil

from ..config.model import Command


def fault(command: Command) -> str:
    """In words what keeps it from running; empty if nothing does."""
    program = command.argv[0]
    path = program if "/" in program else shutil.which(program)
    if path is None:
        return "is in no directory of PATH"
    if not os.path.exists(path):
        return "does not exist"
    if not os.path.isfile(path):
        return "is no file"
    return "" if os.access(path, os.X_OK) else "is not executable"
