# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the program that nodes run: the agent in one zipapp.

The same input gives the same bytes, whoever builds it, where and when: names are sorted, times and modes are fixed,
and members are stored, because what a compressor makes depends on its version. Only sources go in.
Look next at ``action/vipd_program.py`` (which sends it) and ``module_utils/vipd/__main__.py`` (which it starts).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AGENT = Path(__file__).resolve().parent.parent / "module_utils" / "vipd"
START = "from vipd.__main__ import main\n\nraise SystemExit(main())\n"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can say
MODE = 0o100644 << 16
UNIX = 3


@dataclass(frozen=True)
class Program:
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def build(interpreter: str) -> Program:
    """``interpreter`` is the path of Python on the nodes."""
    members = {"__main__.py": START.encode(), **dict(_sources(AGENT))}
    packed = io.BytesIO(f"#!{interpreter} -I\n".encode())
    packed.seek(0, io.SEEK_END)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            archive.writestr(_entry(name), members[name])
    return Program(packed.getvalue())


def _sources(package: Path) -> Iterator[tuple[str, bytes]]:
    for path in package.rglob("*.py"):
        yield path.relative_to(package.parent).as_posix(), path.read_bytes()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = MODE
    entry.create_system = UNIX
    return entry
