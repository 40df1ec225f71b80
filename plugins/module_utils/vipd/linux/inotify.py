# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""inotify(7) for directories: the names of the files in them that were written, came or went.

Readable when one was. For the worker process.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_EVENT = struct.Struct("=iIII")  # watch, mask, cookie, length of the name that follows
_READ_LIMIT = 64 * 1024

_IN_CLOSE_WRITE = 0x8
_IN_MOVED_FROM = 0x40
_IN_MOVED_TO = 0x80
_IN_CREATE = 0x100
_IN_DELETE = 0x200
_IN_DELETE_SELF = 0x400
_IN_MOVE_SELF = 0x800
_IN_Q_OVERFLOW = 0x4000
_IN_IGNORED = 0x8000
_IN_ONLYDIR = 0x1000000

# Not IN_MODIFY: a writer truncates first, and a number must not be read as 0 between its two steps.
_CHANGES = _IN_CLOSE_WRITE | _IN_MOVED_FROM | _IN_MOVED_TO | _IN_CREATE | _IN_DELETE
_GONE = _IN_DELETE_SELF | _IN_MOVE_SELF


@dataclass(frozen=True)
class Changes:
    """``overrun``: some names are missing. ``directory_gone``: a directory was removed or moved away."""

    names: frozenset[str]
    overrun: bool
    directory_gone: bool


class DirectoryWatch:
    """One inotify descriptor. Raises OSError where the kernel refuses."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))

    def fileno(self) -> int:
        return self._descriptor

    def add(self, directory: str) -> None:
        mask = ctypes.c_uint32(_CHANGES | _GONE | _IN_ONLYDIR)
        self._checked(self._libc.inotify_add_watch(self._descriptor, os.fsencode(directory), mask))

    def changes(self) -> Changes:
        """Everything since the last call."""
        names, seen = set(), 0
        for mask, name in self._events():
            seen |= mask
            names.add(name)
        return Changes(frozenset(names), bool(seen & _IN_Q_OVERFLOW), bool(seen & (_GONE | _IN_IGNORED)))

    def _events(self) -> Iterator[tuple[int, str]]:
        while True:
            try:
                yield from _decode(os.read(self._descriptor, _READ_LIMIT))
            except BlockingIOError:
                return

    def close(self) -> None:
        os.close(self._descriptor)

    def _checked(self, answer: int) -> int:
        if answer < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return answer


def _decode(events: bytes) -> Iterator[tuple[int, str]]:
    """The mask and the name of each event."""
    at = 0
    while at < len(events):
        _watch, mask, _cookie, length = _EVENT.unpack_from(events, at)
        at += _EVENT.size + length
        yield mask, os.fsdecode(events[at - length : at].rstrip(b"\0"))
