# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the kernel for what is there: links, addresses. Changes nothing; ``rtnetlink.py`` does.

The kernel writes an answer as fast as it is read, so nothing here waits. Source: netlink(7), rtnetlink(7).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable, Iterator

from . import netlink
from .netlink import Message, messages

_ERRNO = struct.Struct("=i")
_LARGEST_ANSWER_BYTES = 64 * 1024

# A table that changes while it is read is read again: an entry may be missing. Whoever changed it is told to all who
# watch, so the last reading need not be whole.
_READINGS = 5


def dump(kind: int, body: bytes) -> list[Message]:
    """All entries of a table."""
    for _reading in range(_READINGS):
        with netlink_socket() as sock:
            answers = _converse(sock, kind, netlink.DUMP, body)
        if not any(answer.flags & netlink.DUMP_INTERRUPTED for answer in answers):
            break
    return [answer for answer in answers if answer.kind != netlink.DONE]


def get(kind: int, body: bytes) -> list[Message]:
    """The one entry that ``body`` names. Raises OSError with the kernel's errno when there is none."""
    with netlink_socket() as sock:
        return _get(sock, kind, body)


def get_each(kind: int, bodies: Iterable[bytes]) -> Iterator[list[Message]]:
    """As :func:`get` for each of thousands, over one socket; nothing where the kernel has no such entry."""
    with netlink_socket() as sock:
        for body in bodies:
            try:
                yield _get(sock, kind, body)
            except OSError:
                yield []


def _get(sock: socket.socket, kind: int, body: bytes) -> list[Message]:
    return [answer for answer in _converse(sock, kind, netlink.ACK, body) if answer.kind != netlink.ERROR]


def _converse(sock: socket.socket, kind: int, flags: int, body: bytes) -> list[Message]:
    """Every message of the answer, with the one that ends it."""
    sock.send(netlink.HEADER.pack(netlink.HEADER.size + len(body), kind, netlink.REQUEST | flags, 1, 0) + body)
    answers: list[Message] = []
    while not answers or answers[-1].kind not in (netlink.ERROR, netlink.DONE):
        answers += messages(sock.recv(_LARGEST_ANSWER_BYTES))
    if answers[-1].kind == netlink.ERROR:
        (number,) = _ERRNO.unpack_from(answers[-1].body)
        if number:
            raise OSError(-number, os.strerror(-number))
    return answers


def netlink_socket(groups: int = 0) -> socket.socket:
    """``groups``: a bit for each kind of notification that it is to receive."""
    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    sock = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
    sock.bind((0, groups))
    return sock
