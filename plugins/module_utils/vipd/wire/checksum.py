# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Internet checksum (RFC 1071), in one big-integer division.

The one's complement sum of 16-bit words is their sum modulo 0xFFFF, and so is the whole message read as one number,
because 0x10000 is 1 modulo 0xFFFF. Python divides a 40-byte number faster than it adds twenty words.
"""

from __future__ import annotations


def checksum(message: bytes) -> int:
    """What goes into the checksum field of ``message``, whose field is zero. An even number of bytes, not all zero."""
    return -int.from_bytes(message, "big") % 0xFFFF


def is_valid(message: bytes) -> bool:
    """Whether ``message``, its checksum field included, sums to zero. An even number of bytes, not all zero."""
    return int.from_bytes(message, "big") % 0xFFFF == 0
