# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One end of the socket pair between the VRRP process and the worker.

Never blocks: what the other side has not read yet waits in a bounded buffer, and beyond that bound
messages are dropped and counted. Frames are pickles; both ends are the same program of the same
user, born from one fork, so nobody else can write here.
"""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct("!I")

# Room for a burst of log lines from 255 instances while the worker is busy; a configuration of
# 255 instances with 20 VIPs each takes 2 MB.
BUFFER_LIMIT = 8 * 1024 * 1024
_CHUNK = 65536


class Channel:
    """Messages in both directions; ``closed`` once the other side is gone."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self.closed = False
        self.dropped = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def has_unsent(self) -> bool:
        return bool(self._outgoing) and not self.closed

    def send(self, message: object) -> None:
        """Send, or keep for :meth:`flush`; beyond the bound, drop and count."""
        frame = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        if len(self._outgoing) + len(frame) > BUFFER_LIMIT:
            self.dropped += 1
            return
        self._outgoing += _LENGTH.pack(len(frame)) + frame
        self.flush()

    def flush(self) -> None:
        """Send what waits, as much as the socket takes now."""
        while self.has_unsent:
            try:
                sent = self._socket.send(self._outgoing)
            except BlockingIOError:
                return
            except OSError:
                self.closed = True
                return
            del self._outgoing[:sent]

    def receive(self) -> Iterator[Any]:
        """Every message that has arrived whole."""
        self._read()
        while len(self._incoming) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._incoming)
            end = _LENGTH.size + length
            if len(self._incoming) < end:
                return
            frame = bytes(self._incoming[_LENGTH.size : end])
            del self._incoming[:end]
            yield pickle.loads(frame)

    def _read(self) -> None:
        while True:
            try:
                chunk = self._socket.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self.closed = True
                return
            self._incoming += chunk

    def close(self) -> None:
        self.closed = True
        self._socket.close()
