# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that a recording is kept in: bounded, and readable by its owner alone. For the worker process."""

from __future__ import annotations

import os
from typing import IO

from ..core.events import Event
from .recording import Recorder

# A node that hears one advert a second writes 20 MB a day: two files of this size hold two days.
FILE_LIMIT_BYTES = 20 * 1024 * 1024


class RecordingFile:
    """When ``path`` is full it becomes ``path``.1, over the one before; the new one begins with what is so by then."""

    def __init__(self, path: str, limit_bytes: int = FILE_LIMIT_BYTES) -> None:
        self._path = path
        self._limit = limit_bytes
        self._recorder = Recorder()
        self._file = self._open()

    def write(self, at: float, event: Event) -> None:
        """Raises OSError, as on a full disk."""
        if self._file.tell() > self._limit:
            self._turn_over(at)
        self._file.write(self._recorder.line(at, event) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _turn_over(self, at: float) -> None:
        self._file.close()
        os.replace(self._path, f"{self._path}.1")
        self._file = self._open()
        self._file.writelines(f"{line}\n" for line in self._recorder.beginning(at))

    def _open(self) -> IO[str]:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "w", encoding="utf-8")
