# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in a configuration something stands, for the messages about it; takes part in no comparison of models."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """``file:line:column``; lines and columns count from 1, 0 means the file, or the line, as a whole."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"

    def after(self, characters: int) -> Place:
        """So many characters further on; where no column is known there is none."""
        return Place(self.file, self.line, self.column + characters) if self.column and characters else self


NOWHERE = Place("<none>", 0)
