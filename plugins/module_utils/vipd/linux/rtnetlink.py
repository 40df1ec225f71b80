# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands prepared rtnetlink messages to the kernel: 7 us each in a batch, where pyroute2 takes 200.

The kernel carries a message out, and queues its answer, before ``send`` returns; so reading the answers never waits.
``addresses.py`` prepares the messages.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_SEQUENCE_OFFSET = 8
_ERRNO = struct.Struct("=i")
_NLMSG_ERROR = 2

# The kernel charges 768 bytes for each answer; a default receive buffer of 208 KiB holds this many with room to spare.
_MESSAGES_PER_SEND = 128
_LARGEST_ANSWER_BYTES = 4096


class AddressSocket:
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
        messages = list(_split(batch))
        errors: list[int] = []
        for start in range(0, len(messages), _MESSAGES_PER_SEND):
            errors += self._exchange(messages[start : start + _MESSAGES_PER_SEND])
        return errors

    def _exchange(self, messages: list[bytearray]) -> list[int]:
        first = self._sequence = (self._sequence + _MESSAGES_PER_SEND) & 0x7FFFFFFF
        for offset, message in enumerate(messages):
            struct.pack_into("=I", message, _SEQUENCE_OFFSET, first + offset)
        self._socket.send(b"".join(messages))
        errors = [errno.ENOBUFS] * len(messages)  # what an answer that got lost means
        for sequence, error in self._answers():
            if first <= sequence < first + len(messages):
                errors[sequence - first] = error
        return errors

    def _answers(self) -> Iterator[tuple[int, int]]:
        while True:
            try:
                data = self._socket.recv(_LARGEST_ANSWER_BYTES)
            except BlockingIOError:
                return
            for answer in _split(data):
                _length, kind, _flags, sequence, _port = _HEADER.unpack_from(answer)
                if kind == _NLMSG_ERROR:
                    yield sequence, -_ERRNO.unpack_from(answer, _HEADER.size)[0]

    def close(self) -> None:
        self._socket.close()


def _split(batch: bytes) -> Iterator[bytearray]:
    """The messages of a batch, each with its padding to four bytes."""
    at = 0
    while at < len(batch):
        length = _HEADER.unpack_from(batch, at)[0]
        if length < _HEADER.size:
            raise ValueError(f"a netlink message of {length} bytes at {at}, its header alone has {_HEADER.size}")
        padded = (length + 3) & ~3
        yield bytearray(batch[at : at + padded])
        at += padded
