# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is at the other end of a unix socket: the kernel says so, whatever the other end claims (unix(7))."""

from __future__ import annotations

import socket
import struct
from typing import Protocol

_CREDENTIALS = struct.Struct("=iII")  # struct ucred: pid, uid, gid


class _Connected(Protocol):
    def getsockopt(self, level: int, name: int, size: int) -> bytes: ...


def peer_uid(connection: _Connected) -> int:
    """The effective user of the process that connected, as of then."""
    _pid, uid, _gid = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return int(uid)
