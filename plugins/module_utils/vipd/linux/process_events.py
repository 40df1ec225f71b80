# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's process connector: which process was forked, became another program, changed its name, or ended.

Readable when one did. Needs CAP_NET_ADMIN in the first network, pid and user namespace: elsewhere the kernel refuses,
or says nothing at all, so ``is_heard`` is true only after its first answer. For the worker process.
Source: linux/cn_proc.h, linux/connector.h.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

_NETLINK_CONNECTOR = 11
_CN_IDX_PROC, _CN_VAL_PROC = 1, 1
_LISTEN, _IGNORE = 1, 2

_HEADER = struct.Struct("=IHHII")  # nlmsghdr
_CONNECTOR = struct.Struct("=IIIIHH")  # cn_msg: idx, val, seq, ack, len, flags
_WHAT = struct.Struct("=IIQ")  # proc_event: what, cpu, timestamp
_IDS = struct.Struct("=ii")  # pid, tgid
_EVENT_AT = _HEADER.size + _CONNECTOR.size
_IDS_AT = _EVENT_AT + _WHAT.size

_NONE, _FORK, _EXEC, _COMM, _EXIT = 0x0, 0x1, 0x2, 0x200, 0x80000000

_RECEIVE_LIMIT = 8192
_BUFFER = 1024 * 1024  # a busy host starts thousands of processes a second
_EVENTS_PER_WAKE = 512


@dataclass(frozen=True)
class ProcessChanged:
    """``pid`` may be another program now, or gone; ``parent`` is named when it was forked."""

    pid: int
    parent: Optional[int] = None
    ended: bool = False


class ProcessEvents:
    """One subscription. Raises OSError where the kernel refuses it."""

    def __init__(self) -> None:
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_NETLINK, kind, _NETLINK_CONNECTOR)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            self._socket.bind((0, _CN_IDX_PROC))
            self._say(_LISTEN)
        except OSError:
            self._socket.close()
            raise
        self.is_heard = False
        self.overrun = False

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def changes(self) -> Iterator[ProcessChanged]:
        """What happened since the last call; ``overrun`` is set when some of it was lost."""
        for _turn in range(_EVENTS_PER_WAKE):
            try:
                message = self._socket.recv(_RECEIVE_LIMIT)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.overrun = True
                continue
            self.is_heard = True
            change = _decode(message)
            if change is not None:
                yield change

    def _say(self, operation: int) -> None:
        content = struct.pack("=I", operation)
        connector = _CONNECTOR.pack(_CN_IDX_PROC, _CN_VAL_PROC, 0, 0, len(content), 0)
        length = _HEADER.size + len(connector) + len(content)
        self._socket.send(_HEADER.pack(length, 0x3, 0, 0, os.getpid()) + connector + content)


def _decode(message: bytes) -> Optional[ProcessChanged]:
    """None for what concerns a thread, or nothing that is counted."""
    if len(message) < _IDS_AT + 2 * _IDS.size:
        return None
    what = _WHAT.unpack_from(message, _EVENT_AT)[0]
    pid, group = _IDS.unpack_from(message, _IDS_AT)
    if what == _FORK:
        child, child_group = _IDS.unpack_from(message, _IDS_AT + _IDS.size)
        return ProcessChanged(child, parent=group) if child == child_group else None
    if what not in (_EXEC, _COMM, _EXIT) or pid != group:
        return None
    return ProcessChanged(pid, ended=what == _EXIT)
