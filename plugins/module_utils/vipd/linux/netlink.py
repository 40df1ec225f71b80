# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of netlink messages: headers, attributes, batches. Bytes alone, no sockets. Source: netlink(7)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")  # length, type
_NESTED = 0x8000
_TYPE_MASK = 0x3FFF

REQUEST = 0x1
ACK = 0x4
EXCL = 0x200
CREATE = 0x400
APPEND = 0x800
DUMP = 0x300
DUMP_INTERRUPTED = 0x10

ERROR, DONE = 2, 3  # kinds of message that end an answer

Attributes = list[tuple[int, bytes]]


class Message(NamedTuple):
    """``port`` is that of the socket that asked for what this tells, 0 the kernel's own doing."""

    kind: int
    sequence: int
    port: int
    body: bytes
    flags: int = 0


def encode(kind: int, flags: int, body: bytes, attributes: Attributes) -> bytes:
    """A request that the kernel answers; the sequence number is filled in when it is sent."""
    octets = body + b"".join(attribute(kind, data) for kind, data in attributes)
    return HEADER.pack(HEADER.size + len(octets), kind, REQUEST | ACK | flags, 0, 0) + octets


def attribute(kind: int, data: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(data)
    return _ATTRIBUTE.pack(length, kind) + data + bytes(-length % 4)


def nested(kind: int, attributes: Attributes) -> tuple[int, bytes]:
    return kind | _NESTED, b"".join(attribute(kind, data) for kind, data in attributes)


def split(batch: bytes) -> Iterator[bytes]:
    """The messages of a batch, each with its padding to four bytes."""
    at = 0
    while at < len(batch):
        length = HEADER.unpack_from(batch, at)[0]
        if length < HEADER.size:
            raise ValueError(f"a netlink message of {length} bytes at {at}, its header alone has {HEADER.size}")
        padded = (length + 3) & ~3
        yield batch[at : at + padded]
        at += padded


def messages(octets: bytes) -> Iterator[Message]:
    for one in split(octets):
        length, kind, flags, sequence, port = HEADER.unpack_from(one)
        yield Message(kind, sequence, port, one[HEADER.size : length], flags)


def attributes(octets: bytes) -> dict[int, bytes]:
    """What follows a message's fixed part."""
    found = {}
    at = 0
    while at + _ATTRIBUTE.size <= len(octets):
        length, kind = _ATTRIBUTE.unpack_from(octets, at)
        found[kind & _TYPE_MASK] = octets[at + _ATTRIBUTE.size : at + length]
        at += (max(length, _ATTRIBUTE.size) + 3) & ~3
    return found
