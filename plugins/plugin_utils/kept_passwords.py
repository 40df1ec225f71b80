# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords that are made once and kept in files on the controller, as Ansible's lookup ``password`` keeps them.

A file is made whole and readable by its owner alone, and never written again: two runs, or two hosts of one run, that
make it at the same moment read the same. A message never holds a password.
"""

from __future__ import annotations

import os
import secrets
import string
import tempfile
from pathlib import Path

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.values import AUTH_PASS_BYTES_MAX
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import RefusedError

LETTERS = string.ascii_letters + string.digits
NOT_MADE_YET = "*" * AUTH_PASS_BYTES_MAX  # in check mode: it shows that there will be one


def kept_password(path: str, directory: str, dry: bool) -> str:
    """``directory`` is where a relative path begins, the inventory's. Raises RefusedError."""
    file = Path(directory or ".", os.path.expanduser(path))
    try:
        if not file.exists():
            if dry:
                return NOT_MADE_YET
            _make(file)
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text"
        raise RefusedError(f"{file} cannot be used: {reason}", "name a file that can be read, or made") from error


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = "".join(secrets.choice(LETTERS) for _letter in range(AUTH_PASS_BYTES_MAX))
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.") as beside:  # mode 0600
        beside.write(f"{made}\n")
        beside.flush()
        try:
            os.link(beside.name, file)
        except FileExistsError:
            pass  # somebody else was faster, and theirs counts
