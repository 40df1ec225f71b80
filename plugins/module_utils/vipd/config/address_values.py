# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow a keyword and names something of the network: an address, its label, an interface.

What ``read`` and ``write`` are for is said in ``values.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Optional

from .diagnostics import Findings, shown
from .lexer import Statement
from .network import NAME_MAX, Address
from .values import BadValueError, argument
from .words import word

INTERFACE_NAME_MAX = NAME_MAX  # address labels share it

_INTERFACE = re.compile(rf"[^\s/]{{1,{INTERFACE_NAME_MAX}}}")


@dataclass(frozen=True)
class IpAddress:
    """``family`` and ``multicast`` narrow what is expected; None and False: any."""

    family: Optional[int] = None
    multicast: bool = False

    def read(self, statement: Statement, findings: Findings) -> Address:
        text = argument(statement, self.expected, findings)
        address = address_of(text)
        if self.family not in (None, address.version) or (self.multicast and not address.is_multicast):
            raise BadValueError(f"is {address}, expected {self.expected}")
        return address

    def write(self, value: Address) -> str:
        return str(value)

    @cached_property
    def expected(self) -> str:
        kind = f"IPv{self.family}" if self.family else "IP"
        return f"{'a multicast' if self.multicast else 'an'} {kind} address"


@dataclass(frozen=True)
class Interface:
    """A name that an interface can have; whether there is one is for ``check`` to say."""

    def read(self, statement: Statement, findings: Findings) -> str:
        return interface_name(argument(statement, "the name of an interface", findings))

    def write(self, value: str) -> str:
        return word(value)


def interface_name(text: str) -> str:
    if not _INTERFACE.fullmatch(text):
        raise BadValueError(
            f"is {shown(text)}, expected the name of an interface (at most {INTERFACE_NAME_MAX} characters)"
        )
    return text


def address_of(text: str) -> Address:
    if "%" in text:  # Python reads a scope, keepalived and the kernel's messages know none
        remedy = "an IP address without %: a line interface or a word dev names the link"
        raise BadValueError(f"is {shown(text)}, expected {remedy}")
    try:
        return ip_address(text)
    except ValueError:
        raise BadValueError(f"is {shown(text)}, expected an IP address") from None


def address_label(text: str) -> str:
    if not text or len(text.encode("utf-8", "surrogateescape")) > INTERFACE_NAME_MAX:
        raise BadValueError(f"label is {shown(text)}, expected 1 to {INTERFACE_NAME_MAX} bytes")
    return text
