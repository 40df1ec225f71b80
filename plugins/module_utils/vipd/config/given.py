# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A value that may not be given, and what holds then."""

from __future__ import annotations

from typing import Optional, TypeVar

_Value = TypeVar("_Value")


def given(value: Optional[_Value], otherwise: _Value) -> _Value:
    return otherwise if value is None else value
