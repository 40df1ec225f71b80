# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of virtual_ipaddress, virtual_ipaddress_excluded and static_ipaddress, as ip-address(8) writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Optional

from .address_values import address_label, address_of, interface_name
from .diagnostics import Findings, shown
from .lexer import Statement
from .network import Address, VirtualAddress
from .number_values import Integer
from .values import BadValueError
from .words import word

SCOPES = ("global", "site", "link", "host", "nowhere")
BROADCAST_PREFIX_MAX = 30  # a longer prefix leaves no address for broadcasts
LIFETIME_MAX_S = 2**32 - 2
FOREVER = LIFETIME_MAX_S + 1

Option = tuple[str, Callable[[str], Any]]  # the model's field, and what reads the word after the option


def _broadcast(text: str) -> str:
    if text in ("+", "-"):
        return text
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise BadValueError(f"brd is {shown(text)}, expected an IPv4 address, + or -") from None


def _device(text: str) -> str:
    try:
        return interface_name(text)
    except BadValueError as error:
        raise BadValueError(f"dev {error}") from None


def scope(text: str) -> str:
    if text in SCOPES:
        return text
    try:
        return str(Integer(0, 255).parse(text))
    except BadValueError:
        raise BadValueError(f"scope is {shown(text)}, expected {', '.join(SCOPES)} or a number from 0 to 255") from None


def _peer(text: str) -> str:
    address, length = with_length(text)
    return f"{address}/{length}" if "/" in text else str(address)


def _lifetime(text: str) -> int:
    """``forever`` is the greatest number there is."""
    if text == "forever":
        return FOREVER
    try:
        return Integer(0, LIFETIME_MAX_S).parse(text)
    except BadValueError as error:
        raise BadValueError(f"preferred_lft {error}, or forever") from None


_VALUED: dict[str, Option] = {
    "brd": ("broadcast", _broadcast),
    "dev": ("dev", _device),
    "scope": ("scope", scope),
    "label": ("label", address_label),
    "peer": ("peer", _peer),
    "preferred_lft": ("preferred_lft_s", _lifetime),
    "track_group": ("track_group", str),
}
_FLAGS = {
    "home": "home",
    "-nodad": "dad",
    "mngtmpaddr": "mngtmpaddr",
    "noprefixroute": "noprefixroute",
    "autojoin": "autojoin",
    "no_track": "no_track",
    "use_vmac": "use_vmac",
}
_STATIC_ONLY = frozenset(("track_group",))
_VIRTUAL_ONLY = frozenset(("use_vmac",))
_IPV4_ONLY = ("scope", "label")


@dataclass(frozen=True)
class AddressLine:
    """``ADDRESS[/LENGTH] [brd A|+|-] [dev IF] [scope S] [label L] [peer A[/LENGTH]] [preferred_lft N|forever] …``."""

    static: bool = False

    def read(self, statement: Statement, findings: Findings) -> VirtualAddress:
        address, length = with_length(statement.keyword)
        options = dict(self._options(statement.arguments, address))
        for option, reason in _vain(address, "/" in statement.keyword, options):
            message = f"{option} of {shown(statement.keyword)} is ignored: {reason}"
            findings.warning(statement.place, message, f"remove {option}")
            options.pop(_VALUED[option][0] if option in _VALUED else "", None)
        if options.get("peer"):
            length = address.max_prefixlen
        broadcast = options.get("broadcast")
        if broadcast in ("+", "-") and length > BROADCAST_PREFIX_MAX:
            raise BadValueError(f"brd {broadcast} needs a prefix of {BROADCAST_PREFIX_MAX} or shorter, found {length}")
        return VirtualAddress(address, length, place=statement.place, **options)

    def write(self, value: VirtualAddress) -> str:
        parts = [str(value.address) if value.peer else str(value)]
        for name, (field, _read) in _VALUED.items():
            given = getattr(value, field)
            if given is not None:
                parts.append(f"{name} {'forever' if given == FOREVER else word(str(given))}")
        return " ".join((*parts, *(name for name, field in _FLAGS.items() if getattr(value, field))))

    def _options(self, words: tuple[str, ...], address: Address) -> Iterator[tuple[str, Any]]:
        """Pairs of field and value, each given once."""
        refused = _VIRTUAL_ONLY if self.static else _STATIC_ONLY
        known = [name for name in (*_VALUED, *_FLAGS) if name not in refused]
        seen = set()
        rest = iter(words)
        for given in rest:
            name = "brd" if given == "broadcast" else given
            if name not in known:
                raise BadValueError(f"option {shown(name)} is unknown here, expected one of {', '.join(known)}")
            if name in seen:
                raise BadValueError(f"option {name} is given twice")
            if name == "brd" and address.version == 6:
                raise BadValueError(f"option brd is for IPv4 addresses, found {address}")
            seen.add(name)
            yield (_FLAGS[name], True) if name in _FLAGS else _valued(name, next(rest, None))


def _vain(address: Address, has_length: bool, options: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What keepalived reads over, and why."""
    if options.get("peer"):
        if has_length:
            yield "the prefix length", "the peer says what the address reaches"
        if options.get("broadcast"):
            yield "brd", "a peer has none"
    if address.version == 6:
        yield from ((name, "IPv6 addresses have none of their own") for name in _IPV4_ONLY if options.get(name))


def _valued(name: str, text: Optional[str]) -> tuple[str, Any]:
    if text is None:
        raise BadValueError(f"option {name} has no value")
    field, read = _VALUED[name]
    return field, read(text)


def with_length(text: str) -> tuple[Address, int]:
    """An address and its prefix length; without one, that of a single host."""
    host, slash, length = text.partition("/")
    try:
        address = address_of(host)
    except BadValueError:
        raise BadValueError(f"{shown(text)} is not an IP address") from None
    longest = Integer(1 if slash else 0, address.max_prefixlen)
    try:
        return address, longest.parse(length) if slash else longest.high
    except BadValueError:
        raise BadValueError(f"the prefix length of {shown(text)} is not {longest.expected}") from None
