# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of blocks that hold one thing a line: virtual addresses, tracked interfaces and scripts.

Each class reads a line and writes it again, like those of ``values.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Optional

from .diagnostics import Findings, shown
from .lexer import Statement, word
from .model import TrackInterface, TrackScript, VirtualAddress
from .values import INTERFACE_NAME_MAX, BadValueError, Integer, Weight, direction, extra, interface_name

SCOPES = ("global", "site", "link", "host", "nowhere")
BROADCAST_PREFIX_MAX = 30  # a longer prefix leaves no address for broadcasts

_PREFIX_LENGTH = Integer(1, 32)
_IPV6_ONLY = ("home", "-nodad", "mngtmpaddr")
_NOT_YET = (*_IPV6_ONLY, "peer", "noprefixroute", "autojoin", "preferred_lft", "no_track", "track_group", "use_vmac")


@dataclass(frozen=True)
class VirtualAddressLine:
    """``ADDRESS[/LENGTH] [brd A|+|-] [dev IF] [scope S] [label L]``."""

    def read(self, statement: Statement, findings: Findings) -> VirtualAddress:
        address, length = _address(statement.keyword)
        options = _options(statement.arguments)
        broadcast = options.get("brd")
        if broadcast in ("+", "-") and length > BROADCAST_PREFIX_MAX:
            raise BadValueError(f"brd {broadcast} needs a prefix of {BROADCAST_PREFIX_MAX} or shorter, found {length}")
        return VirtualAddress(
            address,
            length,
            dev=options.get("dev"),
            broadcast=broadcast,
            scope=options.get("scope"),
            label=options.get("label"),
            place=statement.place,
        )

    def write(self, value: VirtualAddress) -> str:
        options = {"brd": value.broadcast, "dev": value.dev, "scope": value.scope, "label": value.label}
        return " ".join((str(value), *(f"{name} {word(text)}" for name, text in options.items() if text is not None)))


@dataclass(frozen=True)
class TrackInterfaceLine:
    """``IF [weight N [reverse]]``."""

    def read(self, statement: Statement, findings: Findings) -> TrackInterface:
        weight, way = _tracked(statement, findings, ("reverse",))
        return TrackInterface(interface_name(statement.keyword), weight or 0, way == "reverse", statement.place)

    def write(self, value: TrackInterface) -> str:
        if not value.weight and not value.reverse:
            return word(value.name)
        return f"{word(value.name)} weight {Weight().write((value.weight, value.reverse))}"


@dataclass(frozen=True)
class UndirectedTrackScript(TrackScript):
    """A weight without a direction: that of the script applies, once all scripts are read."""

    def directed(self, reverse: bool) -> TrackScript:
        return TrackScript(self.name, self.weight, reverse, self.place)


@dataclass(frozen=True)
class TrackScriptLine:
    """``NAME [weight N [reverse|noreverse]]``."""

    def read(self, statement: Statement, findings: Findings) -> TrackScript:
        weight, way = _tracked(statement, findings, ("reverse", "noreverse"))
        kind = UndirectedTrackScript if weight is not None and not way else TrackScript
        return kind(statement.keyword, weight, way == "reverse", statement.place)

    def write(self, value: TrackScript) -> str:
        if value.weight is None:
            return word(value.name)
        text = f"{word(value.name)} weight {Weight().write((value.weight, value.reverse))}"
        return text if value.reverse or isinstance(value, UndirectedTrackScript) else f"{text} noreverse"


def _tracked(statement: Statement, findings: Findings, directions: tuple[str, ...]) -> tuple[Optional[int], str]:
    """The weight, None where none is given, and the direction, empty where none is given."""
    if not statement.arguments:
        return None, ""
    option, *rest = statement.arguments
    if option != "weight":
        raise BadValueError(f"{shown(statement.keyword)} has the unknown option {shown(option)}, expected weight")
    if not rest:
        raise BadValueError(f"the weight of {shown(statement.keyword)} has no value")
    extra(statement, 3, findings)
    try:
        return Weight().number.parse(rest[0]), direction(rest[1:], directions)
    except BadValueError as error:
        raise BadValueError(f"the weight of {shown(statement.keyword)} {error}") from None


def _address(text: str) -> tuple[IPv4Address, int]:
    host, slash, length = text.partition("/")
    try:
        address = IPv4Address(host)
    except ValueError:
        raise BadValueError(f"{shown(text)} is {_not_ipv4(host)}") from None
    try:
        return address, _PREFIX_LENGTH.parse(length) if slash else _PREFIX_LENGTH.high
    except BadValueError:
        raise BadValueError(f"the prefix length of {shown(text)} is not {_PREFIX_LENGTH.expected}") from None


def _not_ipv4(host: str) -> str:
    try:
        IPv6Address(host)
    except ValueError:
        return "not an IPv4 address"
    return "an IPv6 address, which this version of vipd does not support"


def _options(words: tuple[str, ...]) -> dict[str, str]:
    """Pairs of name and value, each read by its own function."""
    options: dict[str, str] = {}
    rest = iter(words)
    for given in rest:
        name = "brd" if given == "broadcast" else given
        if name in _NOT_YET:
            raise BadValueError(f"option {name} is not supported by this version of vipd")
        if name not in _OPTIONS:
            raise BadValueError(f"option {shown(name)} is unknown, expected {', '.join(_OPTIONS)}")
        if name in options:
            raise BadValueError(f"option {name} is given twice")
        text = next(rest, None)
        if text is None:
            raise BadValueError(f"option {name} has no value")
        options[name] = _OPTIONS[name](text)
    return options


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


def _scope(text: str) -> str:
    if text in SCOPES:
        return text
    try:
        return str(Integer(0, 255).parse(text))
    except BadValueError:
        raise BadValueError(f"scope is {shown(text)}, expected {', '.join(SCOPES)} or a number from 0 to 255") from None


def _label(text: str) -> str:
    if not text or len(text.encode("utf-8", "surrogateescape")) > INTERFACE_NAME_MAX:
        raise BadValueError(f"label is {shown(text)}, expected 1 to {INTERFACE_NAME_MAX} bytes")
    return text


_OPTIONS = {"brd": _broadcast, "dev": _device, "scope": _scope, "label": _label}
