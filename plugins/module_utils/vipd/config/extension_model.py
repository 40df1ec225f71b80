# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vipd's own file says of an instance; what it says of the node is in ``model.py``."""

from __future__ import annotations

from dataclasses import dataclass, field

from .place import NOWHERE, Place


@dataclass(frozen=True)
class InstanceExtension:
    """An instance that vipd's own file speaks of, and where."""

    name: str
    place: Place = field(default=NOWHERE, compare=False)
