# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Internet checksum (RFC 1071), in one big-integer division.

The one's complement sum of 16-bit words is their sum modulo 0xFFFF, and so is the whole message read as one number,
because 0x10000 is 1 modulo 0xFFFF. Python divides a 40-byte number faster than it adds twenty words.

A message is an even number of octets, not all zero.
"""

from __future__ import annotations


def checksum(message: bytes, pseudo: int = 0) -> int:
    """What goes into the checksum field of ``message``, whose field is zero."""
    return -(int.from_bytes(message, "big") + pseudo) % 0xFFFF


def is_valid(message: bytes, pseudo: int = 0) -> bool:
    """Whether ``message``, its checksum field included, sums to zero."""
    return (int.from_bytes(message, "big") + pseudo) % 0xFFFF == 0


def with_checksum(message: bytes, at: int, pseudo: int = 0) -> bytes:
    """``message`` with its checksum in the two octets at ``at``, which are zero now."""
    return message[:at] + checksum(message, pseudo).to_bytes(2, "big") + message[at + 2 :]


def pseudo_header(addresses: bytes, protocol: int, length: int) -> int:
    """The sum of a pseudo-header; ``addresses`` are the octets of source and destination.

    IPv4 and IPv6 (RFC 8200 section 8.1) order the same fields differently; the zeros between them add nothing.
    """
    return int.from_bytes(addresses, "big") + protocol + length
