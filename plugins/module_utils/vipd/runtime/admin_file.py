# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What operators want of real servers, kept where the next director finds it: one that dies must not undo a drain.

In the runtime directory: it outlives the process and not the node's boot.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from ..director.events import AdminState, AdminStateChanged


class AdminFile:
    def __init__(self, path: str) -> None:
        self._path = path
        self._beside = f"{path}.new"

    def read(self) -> list[AdminStateChanged]:
        """In the order in which they were wanted; what cannot be understood is nobody's wish."""
        try:
            with open(self._path, encoding="utf-8") as file:
                found = json.load(file)
            return [AdminStateChanged(str(name), AdminState(state)) for name, state in found.items()]
        except (OSError, ValueError, AttributeError):
            return []

    def write(self, wanted: Mapping[str, AdminState]) -> None:
        """Complete or not at all. Raises OSError."""
        with open(self._beside, "w", encoding="utf-8") as file:
            json.dump({name: state.value for name, state in wanted.items()}, file)
        os.replace(self._beside, self._path)
