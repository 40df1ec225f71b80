# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values about interfaces and who is reached through them: a virtual MAC, a peer, delays of a link.

Look in ``values.py`` for single words and for what a value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Optional

from .address_values import Interface, address_of, interface_name
from .compound import Option
from .diagnostics import Findings, shown
from .lexer import Statement
from .model import InterfaceDelays, UnicastPeer, Vmac
from .number_values import Integer, Seconds
from .values import BadValueError, extra
from .words import word

TTL = Integer(0, 255)
DELAY_MAX_S = 255

_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){4,5}")
_PROTOCOL_MAC = "00:00:5e:00:0"  # RFC 9568 7.3
_EXTRA_SECONDS = Integer(0, 86400)
_DELAY = Seconds(0, DELAY_MAX_S)


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
    """``INTERFACE``, on its own for the field that holds several."""

    def read(self, statement: Statement, findings: Findings) -> tuple[str, ...]:
        return (Interface().read(statement, findings),)

    def write(self, value: tuple[str, ...]) -> str:
        return word(value[0])
