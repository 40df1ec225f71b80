# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived's dumps, written when one of its signals came: keepalived.data, keepalived.stats, keepalived.json.

They go into the runtime directory, where keepalived uses /tmp: a name that everybody knows in a directory where
everybody may write is an invitation. A file is exchanged whole, so that a reader never sees half of one, and no link
is followed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Callable, Optional

from ..config.model import Config

if TYPE_CHECKING:
    from .dump_view import Snapshot

MODE = 0o640


class Dumper:
    """``complain`` takes a sentence when a dump cannot be written."""

    def __init__(self, directory: str, complain: Callable[[str], None]) -> None:
        self._directory = directory
        self._complain = complain
        self._cleared: dict[str, dict[str, int]] = {}

    def dump(self, what: str, config: Config, snapshot: Snapshot, at: float) -> None:
        """``what`` is one of ``signals.DUMPS``; ``at`` is wall-clock time in seconds."""
        if what == "STATS_CLEAR":
            self._cleared = {instance["name"]: instance["stats"] for instance in snapshot["instances"]}
            return
        from .dump_json import json_dump  # noqa: PLC0415  half a MB that most workers never need
        from .dump_text import data_dump, stats_dump  # noqa: PLC0415

        node, shown = config.global_defs, self._since_cleared(snapshot)
        if what == "DATA":
            self._write("keepalived.data", node.state_dump_file, data_dump(config, shown, at))
        elif what == "STATS":
            self._write("keepalived.stats", node.stats_dump_file, stats_dump(shown))
        else:
            self._write("keepalived.json", node.json_dump_file, json_dump(config, shown, at))

    def _since_cleared(self, snapshot: Snapshot) -> Snapshot:
        instances = [
            {**instance, "stats": _less(instance["stats"], self._cleared.get(instance["name"], {}))}
            for instance in snapshot["instances"]
        ]
        return {**snapshot, "instances": instances}

    def _write(self, name: str, configured: Optional[str], text: str) -> None:
        path = configured or os.path.join(self._directory, name)
        try:
            write_whole(path, text)
        except OSError as error:
            self._complain(f"cannot write the dump {path}: {error.strerror}")


def write_whole(path: str, text: str) -> None:
    """Beside it first, under a name that must not exist; then in its place. Raises OSError."""
    temporary = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(temporary, flags, MODE), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def _less(counters: Mapping[str, int], cleared: Mapping[str, int]) -> dict[str, int]:
    """An instance that was removed and came back counts from 0 again."""
    return {name: n - cleared.get(name, 0) if n >= cleared.get(name, 0) else n for name, n in counters.items()}
