# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of ip(8) that routes and rules share, read one after the other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from ipaddress import ip_network

from .address_line import with_length
from .address_values import address_of, interface_name
from .diagnostics import shown
from .network import Address
from .number_values import Integer
from .values import BadValueError

U32 = Integer(0, 2**32 - 1)

_SYMBOL = re.compile(r"[A-Za-z0-9_.-]+")


class IpWords:
    """The words of one line; a word that is wanted and not there is a BadValueError that names its option."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = list(reversed(words))

    def __iter__(self) -> Iterator[str]:
        while self._words:
            yield self._words.pop()

    def peek(self) -> str:
        """The next word, which stays; empty at the end."""
        return self._words[-1] if self._words else ""

    def take(self, option: str) -> str:
        if not self._words:
            raise BadValueError(f"option {option} has no value")
        return self._words.pop()

    def address(self, option: str) -> Address:
        text = self.take(option)
        if text in ("inet", "inet6"):  # via inet6 fe80::1: the family that is there to see
            text = self.take(option)
        try:
            return address_of(text)
        except BadValueError as error:
            raise BadValueError(f"{option} {error}") from None

    def interface(self, option: str) -> str:
        text = self.take(option)
        try:
            return interface_name(text)
        except BadValueError as error:
            raise BadValueError(f"{option} {error}") from None

    def number(self, option: str, number: Integer = U32) -> int:
        text = self.take(option)
        try:
            return number.parse(text)
        except BadValueError as error:
            raise BadValueError(f"{option} {error}") from None

    def symbol(self, option: str) -> str:
        """A name or number, as the files in /etc/iproute2 have them."""
        text = self.take(option)
        if not _SYMBOL.fullmatch(text):
            raise BadValueError(f"{option} is {shown(text)}, expected a name or number")
        return text


def prefix(text: str) -> tuple[str, int]:
    """``ADDRESS/LENGTH`` and its family. Raises BadValueError, also for bits beyond the length."""
    address, length = _with_length(text)
    network = ip_network((address, length), strict=False)
    if network.network_address != address:
        raise BadValueError(f"{shown(text)} has bits beyond its prefix length; the network is {network}")
    return str(network), address.version


def _with_length(text: str) -> tuple[Address, int]:
    host, slash, length = text.partition("/")
    if slash and length == "0":
        return address_of(host), 0
    return with_length(text)


def unknown(option: str, known: Collection[str]) -> BadValueError:
    return BadValueError(f"option {shown(option)} is unknown here, expected one of {', '.join(sorted(known))}")
