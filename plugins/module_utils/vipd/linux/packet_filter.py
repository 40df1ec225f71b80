# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets the kernel drop adverts of VRIDs that nobody here has: a busy segment then does not even wake the process.

A classic BPF program per socket, made from the set of VRIDs. It reads the VRID and nothing else: whether the packet is
any good is for ``wire/`` and the core to say. Source: the kernel's Documentation/networking/filter.rst.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Collection, Iterator

_SO_ATTACH_FILTER = 26  # <asm-generic/socket.h>; the socket module does not name it
_INSTRUCTION = struct.Struct("=HBBI")  # operation, offset if true, offset if false, operand

_LOAD_BYTE = 0x30  # A = packet[k]
_LOAD_HEADER_LENGTH = 0xB1  # X = 4 * (packet[k] & 15): the length of the IPv4 header at k
_LOAD_BYTE_BEYOND = 0x50  # A = packet[X + k]
_JUMP_IF_EQUAL = 0x15
_JUMP_IF_AT_LEAST = 0x35
_JUMP_IF_GREATER = 0x25
_RETURN = 0x06

_WHOLE_PACKET = 0xFFFFFFFF
_NOTHING = 0
_VRRP = 112
_VRID_AT = 1  # in the VRRP message
_IPV6_HEADER_BYTES = 40

Instruction = tuple[int, int, int, int]  # operation, offset if true, offset if false, operand


def program(family: int, vrids: Collection[int]) -> bytes:
    """Instructions that accept packets of ``vrids`` alone, on a raw socket of ``family``, 4 or 6.

    A raw socket of IPv4 sees the packet from its header on, of 20 to 60 octets; one of IPv6 sees the message
    alone. A packet that ends before its VRID is dropped.
    """
    load = [(_LOAD_BYTE, 0, 0, _VRID_AT)]
    if family == 4:
        load = [(_LOAD_HEADER_LENGTH, 0, 0, 0), (_LOAD_BYTE_BEYOND, 0, 0, _VRID_AT)]
    return _assemble(*load, *_tests(vrids))


def tap_program(family: int, vrids: Collection[int]) -> bytes:
    """The same on a packet socket, which sees every packet of the family from its header on. An IPv6 packet with
    extension headers is dropped: no router sends adverts with any."""
    tests = _tests(vrids)
    header = [(_LOAD_HEADER_LENGTH, 0, 0, 0), (_LOAD_BYTE_BEYOND, 0, 0, _VRID_AT)]
    protocol_at = 9
    if family == 6:
        header, protocol_at = [(_LOAD_BYTE, 0, 0, _IPV6_HEADER_BYTES + _VRID_AT)], 6
    is_vrrp = [(_LOAD_BYTE, 0, 0, protocol_at), (_JUMP_IF_EQUAL, 1, 0, _VRRP), (_RETURN, 0, 0, _NOTHING)]
    return _assemble(*is_vrrp, *header, *tests)


def _tests(vrids: Collection[int]) -> list[Instruction]:
    """Of the VRID that was loaded."""
    return [
        *(
            one
            for first, last in _ranges(vrids)
            for one in (
                (_JUMP_IF_AT_LEAST, 0, 2, first),
                (_JUMP_IF_GREATER, 1, 0, last),
                (_RETURN, 0, 0, _WHOLE_PACKET),
            )
        ),
        (_RETURN, 0, 0, _NOTHING),
    ]


def _assemble(*instructions: Instruction) -> bytes:
    return b"".join(_INSTRUCTION.pack(*one) for one in instructions)


def attach(sock: socket.socket, instructions: bytes) -> None:
    """From now on; what already waits in the socket stays. Replaces the program before it. Raises OSError."""
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    count = len(instructions) // _INSTRUCTION.size
    described = struct.pack("HL", count, ctypes.addressof(buffer))  # struct sock_fprog
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)


def _ranges(vrids: Collection[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring VRIDs as one range: 255 instances are usually numbered in a row."""
    first = last = None
    for vrid in sorted(set(vrids)):
        if first is None or last is None or vrid != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = vrid
        last = vrid
    if first is not None and last is not None:
        yield first, last
