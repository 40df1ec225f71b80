# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules of the zipapp, each compiled once.

Up to Python 3.13 at least, ``zipimport`` compiles a module to tell the name of its file, throws that away, and compiles
it again to load it. The name is known without: from where the module is looked for.
"""

from __future__ import annotations

from zipimport import zipimporter


def name_without_compiling() -> None:
    """To be called before anything else is loaded."""
    zipimporter.get_filename = _filename  # type: ignore[method-assign,assignment]


def _filename(importer: zipimporter, fullname: str) -> str:
    name = fullname.rpartition(".")[2]
    ending = "/__init__.py" if importer.is_package(fullname) else ".py"
    return f"{importer.archive}/{importer.prefix}{name}{ending}"
