# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of several words that mean one thing each: a mail server, a virtual MAC, a peer, delays of an interface.

Look in ``values.py`` for single words and for what a value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Optional

from .commands import Command
from .diagnostics import Findings, shown
from .lexer import Statement, word
from .model import InterfaceDelays, UnicastPeer, Vmac
from .script_line import Script
from .values import BadValueError, Integer, Interface, Seconds, Word, address_of, argument, extra, interface_name

TTL = Integer(0, 255)
DELAY_MAX_S = 255
NFTABLES_DEFAULT = "keepalived"

_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){4,5}")
_PROTOCOL_MAC = "00:00:5e:00:0"  # RFC 9568 7.3
_PORT = Integer(1, 65535)
_EXTRA_SECONDS = Integer(0, 86400)
_DELAY = Seconds(0, DELAY_MAX_S)


@dataclass(frozen=True)
class Name:
    """The one name before a block's brace."""

    def read(self, statement: Statement, findings: Findings) -> str:
        if len(statement.arguments) != 1:
            raise BadValueError("needs one name before its '{'")
        return statement.arguments[0]

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class Line:
    """A line that is one word."""

    expected: str

    def read(self, statement: Statement, findings: Findings) -> str:
        extra(statement, 0, findings)
        return statement.keyword

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class HostPort:
    """``HOST [PORT]``."""

    port: int

    def read(self, statement: Statement, findings: Findings) -> tuple[str, int]:
        if not statement.arguments:
            raise BadValueError("has no value, expected a host name or address, and perhaps a port")
        extra(statement, 2, findings)
        host, *port = statement.arguments
        return host, _PORT.parse(port[0]) if port else self.port

    def write(self, value: tuple[str, int]) -> str:
        host, port = value
        return word(host) if port == self.port else f"{word(host)} {port}"


@dataclass(frozen=True)
class Option:
    """``[WORD]``: whether the keyword is there, and whether the word follows it."""

    word: str

    def read(self, statement: Statement, findings: Findings) -> tuple[bool, bool]:
        extra(statement, 1, findings)
        if statement.arguments and statement.arguments[0] != self.word:
            raise BadValueError(f"is {shown(statement.arguments[0])}, expected {self.word} or nothing")
        return True, bool(statement.arguments)

    def write(self, value: tuple[bool, bool]) -> str:
        return self.word if value[1] else ""


@dataclass(frozen=True)
class OptionalName:
    """``[NAME]``: ``default`` where none is given."""

    default: str

    def read(self, statement: Statement, findings: Findings) -> str:
        return Word().read(statement, findings) if statement.arguments else self.default

    def write(self, value: str) -> str:
        return "" if value == self.default else word(value)


@dataclass(frozen=True)
class OptionalInteger:
    """``[N]``: ``default`` where none is given."""

    number: Integer
    default: int

    def read(self, statement: Statement, findings: Findings) -> int:
        return self.number.read(statement, findings) if statement.arguments else self.default

    def write(self, value: int) -> str:
        return str(value)

    @property
    def expected(self) -> str:
        return f"{self.number.expected}, or nothing for {self.default}"


@dataclass(frozen=True)
class ExtraInterfaces:
    """``[all] N``: seconds, and whether interfaces without a VMAC count too."""

    def read(self, statement: Statement, findings: Findings) -> tuple[int, bool]:
        everywhere = statement.arguments[:1] == ("all",)
        extra(statement, 1 + everywhere, findings)
        rest = statement.arguments[everywhere:]
        if not rest:
            raise BadValueError(f"has no value, expected {_EXTRA_SECONDS.expected}")
        return _EXTRA_SECONDS.parse(rest[0]), everywhere

    def write(self, value: tuple[int, bool]) -> str:
        seconds, everywhere = value
        return f"all {seconds}" if everywhere else str(seconds)


@dataclass(frozen=True)
class OldChecksum:
    """``[never]``."""

    def read(self, statement: Statement, findings: Findings) -> bool:
        return not Option("never").read(statement, findings)[1]

    def write(self, value: bool) -> str:
        return "" if value else "never"


@dataclass(frozen=True)
class VirtualMac:
    """``[NAME] [MAC]``; a MAC of five octets gets the VRID as its sixth."""

    def read(self, statement: Statement, findings: Findings) -> Vmac:
        vmac = Vmac()
        for text in statement.arguments:
            if _MAC.fullmatch(text) and vmac.mac is None:
                vmac = replace(vmac, mac=_own_mac(text, statement, findings))
            elif vmac.name is None:
                vmac = replace(vmac, name=interface_name(text))
            else:
                raise BadValueError(f"has the unknown option {shown(text)}, expected a name and a MAC address")
        return vmac

    def write(self, value: Vmac) -> str:
        return " ".join(word(text) for text in (value.name, value.mac) if text is not None)


def _own_mac(text: str, statement: Statement, findings: Findings) -> Optional[str]:
    """The protocol's own addresses are there without being asked for."""
    if not text.lower().startswith(_PROTOCOL_MAC):
        return text.lower()
    message = f"use_vmac: the MAC address {text} is ignored: it is one of VRRP's own"
    findings.warning(statement.place, message, "leave it out, or choose one that is locally administered")
    return None


@dataclass(frozen=True)
class PeerLine:
    """``ADDRESS [min_ttl N] [max_ttl N]``."""

    def read(self, statement: Statement, findings: Findings) -> UnicastPeer:
        bounds = dict(_pairs(statement.arguments, ("min_ttl", "max_ttl")))
        try:
            address = address_of(statement.keyword)
        except BadValueError:
            raise BadValueError(f"{shown(statement.keyword)} is not an IP address") from None
        peer = UnicastPeer(address, bounds.get("min_ttl"), bounds.get("max_ttl"), statement.place)
        if peer.min_ttl is not None and peer.max_ttl is not None and peer.min_ttl > peer.max_ttl:
            raise BadValueError(f"min_ttl {peer.min_ttl} of {address} is above its max_ttl {peer.max_ttl}")
        return peer

    def write(self, value: UnicastPeer) -> str:
        bounds = {"min_ttl": value.min_ttl, "max_ttl": value.max_ttl}
        return " ".join((str(value.address), *(f"{name} {ttl}" for name, ttl in bounds.items() if ttl is not None)))


def _pairs(words: tuple[str, ...], names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    rest = iter(words)
    for name in rest:
        if name not in names:
            raise BadValueError(f"option {shown(name)} is unknown, expected {' or '.join(names)}")
        text = next(rest, None)
        if text is None:
            raise BadValueError(f"option {name} has no value, expected {TTL.expected}")
        try:
            yield name, TTL.parse(text)
        except BadValueError as error:
            raise BadValueError(f"{name} {error}") from None


@dataclass(frozen=True)
class DelaysLine:
    """``IF DOWN [UP]``: seconds; without UP there is no delay of coming up."""

    def read(self, statement: Statement, findings: Findings) -> InterfaceDelays:
        if not statement.arguments:
            raise BadValueError(f"{shown(statement.keyword)} has no delay, expected {_DELAY.expected}")
        extra(statement, 2, findings)
        try:
            down, *up = map(_DELAY.parse, statement.arguments[:2])
        except BadValueError as error:
            raise BadValueError(f"the delay of {shown(statement.keyword)} {error}") from None
        return InterfaceDelays(interface_name(statement.keyword), down, up[0] if up else 0.0, statement.place)

    def write(self, value: InterfaceDelays) -> str:
        up = [_DELAY.write(value.up_s)] if value.up_s else []
        return " ".join((word(value.interface), _DELAY.write(value.down_s), *up))


@dataclass(frozen=True)
class OneInterface:
    """An interface on its own, for the field that holds several."""

    def read(self, statement: Statement, findings: Findings) -> tuple[str, ...]:
        return (Interface().read(statement, findings),)

    def write(self, value: tuple[str, ...]) -> str:
        return word(value[0])


@dataclass(frozen=True)
class InitFile:
    """``[VALUE] [overwrite]``."""

    number: Integer

    def read(self, statement: Statement, findings: Findings) -> tuple[int, bool]:
        words = statement.arguments
        overwrite = words[-1:] == ("overwrite",)
        value = words[: len(words) - overwrite]
        extra(statement, 1 + overwrite, findings)
        return self.number.parse(value[0]) if value else 0, overwrite

    def write(self, value: tuple[Optional[int], bool]) -> str:
        number, overwrite = value
        return f"{number} overwrite" if overwrite else str(number)


@dataclass(frozen=True)
class Both:
    """One value for two fields."""

    of: Seconds

    def read(self, statement: Statement, findings: Findings) -> tuple[float, float]:
        value = self.of.read(statement, findings)
        return value, value

    def write(self, value: tuple[float, float]) -> str:
        return self.of.write(value[0])

    @property
    def expected(self) -> str:
        return self.of.expected


@dataclass(frozen=True)
class Words:
    """``WORD...``: one or more."""

    expected: str

    def read(self, statement: Statement, findings: Findings) -> tuple[str, ...]:
        if not statement.arguments:
            raise BadValueError(f"has no value, expected {self.expected}")
        return statement.arguments

    def write(self, value: tuple[str, ...]) -> str:
        return " ".join(map(word, value))


@dataclass(frozen=True)
class ParameterMatch:
    """``[initial|partial]``: bare, the parameters have to be exactly those given."""

    choices: tuple[str, ...] = ("initial", "partial")

    def read(self, statement: Statement, findings: Findings) -> str:
        if not statement.arguments:
            return "exact"
        text = argument(statement, "", findings)
        if text not in self.choices:
            raise BadValueError(f"is {shown(text)}, expected {' or '.join(self.choices)}, or nothing")
        return text

    def write(self, value: str) -> str:
        return "" if value == "exact" else value


@dataclass(frozen=True)
class DeletedScript:
    """``[COMMAND [USER [GROUP]]]``: what to run, and that DELETED is what is told."""

    def read(self, statement: Statement, findings: Findings) -> tuple[Optional[Command], bool]:
        return (Script().read(statement, findings) if statement.arguments else None), True

    def write(self, value: tuple[Optional[Command], bool]) -> str:
        command, _told = value
        return Script().write(command) if command is not None else ""
