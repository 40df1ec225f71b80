# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``dataclasses`` without ``inspect`` and the compiler's modules behind it: 1.2 MB that the VRRP process never uses.

Up to Python 3.12 ``dataclasses`` asks ``inspect`` for one thing, the docstring of a class that has none; ours have one.
It gets a module that fetches the real one as soon as anything is asked of it; everybody else gets the real one.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

NAME = "inspect"


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(NAME), name)


def load_dataclasses() -> None:
    """To be called before anything else loads them."""
    if NAME in sys.modules or "dataclasses" in sys.modules:
        return
    sys.modules[NAME] = _Later(NAME)
    try:
        import_module("dataclasses")
    finally:
        del sys.modules[NAME]
