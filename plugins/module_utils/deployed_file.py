# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that a module writes on a node, and later needs to read what it wrote: drop-ins, units, records.

It is complete or as before, for a reader at any moment. Whether it is to be written, a module decides.
"""

from __future__ import annotations

import os

MODE = 0o644


class DeployedFile:
    """Every method raises OSError, as on a read-only file system."""

    def __init__(self, path: str, mode: int = MODE) -> None:
        self.path = path
        self.mode = mode

    def text(self) -> str:
        """Empty when there is none."""
        if not os.path.exists(self.path):
            return ""
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def write(self, text: str) -> None:
        """Nobody reads it before it has its mode."""
        beside = f"{self.path}.new"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, self.mode & 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(beside, self.mode)
        os.replace(beside, self.path)

    def remove(self) -> None:
        if os.path.exists(self.path):
            os.unlink(self.path)
