# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number in each vrrp_track_file, at the start and whenever it changes.

Weighs nothing: that is the core's. A directory that cannot be watched is looked at each second instead, and that is
told. Source: keepalived.conf(5), track_file; strtol(3) with base 0.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import stat
from collections.abc import Collection
from typing import Callable, Optional

from ..config.model import Config, VrrpTrackFile
from ..core.events import FileRead
from ..linux.inotify import DirectoryWatch
from .tracked import all_tracks

READ_LIMIT = 128  # octets of a file that are read
POLL_S = 1.0

_LONG_MAX = 2**63 - 1
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")


class FileTracker:
    """``report`` takes every number, ``complain`` a sentence on what cannot be watched or written."""

    def __init__(self, report: Callable[[FileRead], None], complain: Callable[[str], None]) -> None:
        self._report = report
        self._complain = complain
        self._files: dict[str, VrrpTrackFile] = {}
        self._values: dict[str, int] = {}
        self._watch: Optional[DirectoryWatch] = None
        self._polling: Optional[asyncio.Task[None]] = None

    def configure(self, config: Config) -> None:
        """Watch what is tracked, and report all of it."""
        tracked = {track.name for tracks in all_tracks(config) for track in tracks.files}
        before, self._files = self._files, {file.name: file for file in config.files if file.name in tracked}
        for name, file in self._files.items():
            if file != before.get(name):
                self._initialise(file)
        self._close()
        self._values = {}
        if self._files:
            self._watch_directories()
            self._look()

    def stop(self) -> None:
        self._files = {}
        self._close()

    def _close(self) -> None:
        if self._polling is not None:
            self._polling.cancel()
            self._polling = None
        if self._watch is not None:
            asyncio.get_running_loop().remove_reader(self._watch.fileno())
            self._watch.close()
            self._watch = None

    def _watch_directories(self) -> None:
        unwatched = []
        try:
            watch = DirectoryWatch()
        except OSError as error:
            unwatched = [f"inotify: {error.strerror}"]
        else:
            self._watch = watch
            asyncio.get_running_loop().add_reader(watch.fileno(), self._changed)
            for directory in sorted({os.path.dirname(os.path.abspath(file.file)) for file in self._files.values()}):
                try:
                    watch.add(directory)
                except OSError as error:
                    unwatched.append(f"{directory}: {error.strerror}")
        if unwatched:
            self._complain(f"track files are read every {POLL_S:g} s, for want of a watch: {', '.join(unwatched)}")
            self._polling = asyncio.get_running_loop().create_task(self._poll())

    def _changed(self) -> None:
        """Read what was written; not the others: one of them may be empty just now, between two steps of its writer."""
        if self._watch is None:
            return
        changes = self._watch.changes()
        if changes.directory_gone:  # what has its name now is another
            self._close()
            self._watch_directories()
        if changes.directory_gone or changes.overrun:
            self._look()
        else:
            self._look(changes.names)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            self._look()

    def _look(self, changed: Optional[Collection[str]] = None) -> None:
        for name, file in self._files.items():
            if changed is not None and os.path.basename(file.file) not in changed:
                continue
            value = read(file.file)
            if value != self._values.get(name):
                self._values[name] = value
                self._report(FileRead(name, value))

    def _initialise(self, file: VrrpTrackFile) -> None:
        if file.init_file is None or (os.path.lexists(file.file) and not file.overwrite):
            return
        try:
            _write(file.file, file.init_file)
        except OSError as error:
            self._complain(f"track_file {file.name}: cannot write {file.init_file} to {file.file}: {error.strerror}")


def read(path: str) -> int:
    """The number in the file; 0 when it is missing, is no regular file, or has no number."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return 0
        return number(os.read(descriptor, READ_LIMIT))
    except OSError:
        return 0
    finally:
        os.close(descriptor)


def number(content: bytes) -> int:
    """As strtol(3) with base 0 reads it: 0x and 0 mark base 16 and 8, what follows the digits does not count."""
    found = _NUMBER.match(content.decode("latin-1"))
    if found is None:
        return 0
    sign, digits = found.groups()
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
    value = int(digits, base)
    return max(-_LONG_MAX - 1, -value) if sign == "-" else min(_LONG_MAX, value)


def _write(path: str, value: int) -> None:
    """Into a regular file alone: never through a link that somebody else laid."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o644)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{value}\n".encode())
    finally:
        with contextlib.suppress(OSError):
            os.close(descriptor)
