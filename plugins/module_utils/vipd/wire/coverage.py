# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checksum of a VRRP message covers: the message, and in version 3 a pseudo-header, unless it does not.

RFC 5798 left it open for IPv4, and RFC 9568 decided against what keepalived and FRR do. So the form to send is an
argument, what was received is tried for each form, and the one that fits is told.
"""

from __future__ import annotations

from enum import Enum

from .address import GROUP, IPV4_LENGTH
from .checksum import is_valid, pseudo_header, with_checksum
from .errors import Reason, WireError
from .ipv4 import PROTOCOL

_CHECKSUM_AT = 6


class Checksum(str, Enum):
    """What a checksum covers. Values are the labels under which received forms are counted."""

    PSEUDO_HEADER = "pseudo_header"  # RFC 5798: keepalived, FRR; always so over IPv6
    MESSAGE_ONLY = "message_only"  # RFC 9568 section 5.2.8 over IPv4; always so in version 2
    PSEUDO_HEADER_GROUP = "pseudo_header_group"  # unicast as keepalived before 1.3.6 sent it: with 224.0.0.18

    def __str__(self) -> str:
        return self.value


_FORMS_2 = (Checksum.MESSAGE_ONLY,)
_FORMS_3_IPV4 = (Checksum.PSEUDO_HEADER, Checksum.MESSAGE_ONLY, Checksum.PSEUDO_HEADER_GROUP)
_FORMS_3_IPV6 = (Checksum.PSEUDO_HEADER,)


def with_form(message: bytes, ends: bytes, form: Checksum) -> bytes:
    """``message`` with its checksum, which is zero now; in the only form where there is but one.

    ``ends`` are the octets of source and destination.
    """
    forms = _forms(message, ends)
    return with_checksum(message, _CHECKSUM_AT, _beyond(message, ends, form if form in forms else forms[0]))


def form_seen(message: bytes, ends: bytes) -> Checksum:
    """The form in which the checksum is right; raises :class:`WireError` when it is in none."""
    for form in _forms(message, ends):
        if is_valid(message, _beyond(message, ends, form)):
            return form
    raise WireError(Reason.BAD_CHECKSUM, "the checksum does not match the message")


def _forms(message: bytes, ends: bytes) -> tuple[Checksum, ...]:
    """The forms that occur, the usual one first."""
    if message[0] >> 4 == 2:
        return _FORMS_2
    return _FORMS_3_IPV4 if len(ends) == 2 * IPV4_LENGTH else _FORMS_3_IPV6


def _beyond(message: bytes, ends: bytes, form: Checksum) -> int:
    """The sum of what the checksum covers beyond the message."""
    if form is Checksum.MESSAGE_ONLY:
        return 0
    if form is Checksum.PSEUDO_HEADER_GROUP:
        ends = ends[:IPV4_LENGTH] + GROUP.packed
    return pseudo_header(ends, PROTOCOL, len(message))
