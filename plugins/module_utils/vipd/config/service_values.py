# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow the keywords of a virtual server: addresses with ports, forwarding methods, persistence.

Each class reads a statement and writes it again, like those of ``values.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import Optional, Union

from .address_values import address_of
from .diagnostics import Findings, shown
from .lexer import Statement
from .lvs import AddressRange, Endpoint, FirewallMark, Forwarding, GroupName
from .lvs_defaults import PERSISTENCE_DEFAULT_S
from .network import Address
from .number_values import Integer
from .values import BadValueError, extra
from .words import word

PORT = Integer(1, 65535)
VIRTUAL_PORT = Integer(0, 65535)  # 0: every port of a persistent service
MARK = Integer(1, 2**32 - 1)
TUNNELS = ("ipip", "gue", "gre")
CHECKSUMS = ("nocsum", "csum", "remcsum")
TIMEOUT_MAX_S = 31 * 86400
ADDRESSES_MAX = 65536  # in one range; more is a slip of the keyboard

_PERSISTENCE = Integer(1, TIMEOUT_MAX_S)
_PREFIX_LENGTH = Integer(1, 128)

Service = Union[Endpoint, FirewallMark, GroupName]


@dataclass(frozen=True)
class AddressAndPort:
    """``ADDRESS [PORT]``."""

    def read(self, statement: Statement, findings: Findings) -> Endpoint:
        extra(statement, 2, findings)
        where = address_of(first_word(statement, "an address"))
        return Endpoint(where, _port(statement.arguments[1:]))

    def write(self, value: Endpoint) -> str:
        return str(value.address) if value.port is None else f"{value.address} {value.port}"


@dataclass(frozen=True)
class ServiceHead:
    """``ADDRESS [PORT]``, ``fwmark N`` or ``group NAME``."""

    def read(self, statement: Statement, findings: Findings) -> Service:
        kind = first_word(statement, "an address, fwmark or group")
        if kind not in ("fwmark", "group"):
            return AddressAndPort().read(statement, findings)
        if len(statement.arguments) < 2:
            raise BadValueError(f"{kind} has no value")
        extra(statement, 2, findings)
        value = statement.arguments[1]
        return FirewallMark(MARK.parse(value)) if kind == "fwmark" else GroupName(value)

    def write(self, value: Service) -> str:
        if isinstance(value, Endpoint):
            return AddressAndPort().write(value)
        return f"fwmark {value.number}" if isinstance(value, FirewallMark) else f"group {word(value.name)}"


@dataclass(frozen=True)
class GroupLine:
    """``ADDRESS[-ADDRESS|/LENGTH] [PORT]`` or ``fwmark N [inet|inet6]``."""

    def read(self, statement: Statement, findings: Findings) -> Union[Endpoint, AddressRange, FirewallMark]:
        if statement.keyword == "fwmark":
            return self._mark(statement, findings)
        extra(statement, 1, findings)
        port = _port(statement.arguments)
        first, last = _addresses(statement.keyword)
        return Endpoint(first, port) if last is None else AddressRange(first, last, port)

    def _mark(self, statement: Statement, findings: Findings) -> FirewallMark:
        extra(statement, 2, findings)
        number = MARK.parse(first_word(statement, MARK.expected))
        family = statement.arguments[1] if len(statement.arguments) > 1 else None
        if family not in (None, "inet", "inet6"):
            raise BadValueError(f"fwmark {number} has the family {shown(family)}, expected inet or inet6")
        return FirewallMark(number, family)

    def write(self, value: Union[Endpoint, AddressRange, FirewallMark]) -> str:
        if isinstance(value, FirewallMark):
            return f"fwmark {value.number}" if value.family is None else f"fwmark {value.number} {value.family}"
        hosts = str(value.address) if isinstance(value, Endpoint) else f"{value.first}-{value.last}"
        return hosts if value.port is None else f"{hosts} {value.port}"


@dataclass(frozen=True)
class ForwardingMethod:
    """``NAT|DR|TUN [type ipip|gue port N|gre] [nocsum|csum|remcsum]``."""

    def read(self, statement: Statement, findings: Findings) -> Forwarding:
        method, *rest = (first_word(statement, "NAT, DR or TUN"), *statement.arguments[1:])
        if method not in ("NAT", "DR", "TUN"):
            raise BadValueError(f"is {shown(method)}, expected NAT, DR or TUN")
        if method != "TUN":
            extra(statement, 1, findings)
            return Forwarding(method)
        return self._tunnel(rest)

    def _tunnel(self, words: list[str]) -> Forwarding:
        kind, port, checksum = "ipip", None, None
        rest = iter(words)
        for option in rest:
            if option == "type":
                kind = one_of(next(rest, ""), TUNNELS, "the type")
            elif option == "port":
                port = PORT.parse(next(rest, ""))
            else:
                checksum = one_of(option, CHECKSUMS, "an option")
        if (kind == "gue") != (port is not None):
            raise BadValueError("type gue needs a port, and no other type has one")
        if checksum is not None and (kind == "ipip" or (kind == "gre" and checksum == "remcsum")):
            raise BadValueError(f"type {kind} has no {checksum}")
        return Forwarding("TUN", kind, port, checksum)

    def write(self, value: Forwarding) -> str:
        words = [value.method]
        if value.tunnel != "ipip":
            words += ["type", value.tunnel]
        if value.port is not None:
            words += ["port", str(value.port)]
        return " ".join((*words, value.checksum or "")).rstrip()


@dataclass(frozen=True)
class PersistenceTimeout:
    """``[SECONDS]``, 360 where nothing follows."""

    def read(self, statement: Statement, findings: Findings) -> int:
        extra(statement, 1, findings)
        return _PERSISTENCE.parse(statement.arguments[0]) if statement.arguments else PERSISTENCE_DEFAULT_S

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class Granularity:
    """``NETMASK`` for IPv4, which need not be a prefix; the length of a prefix for IPv6."""

    def read(self, statement: Statement, findings: Findings) -> Union[Address, int]:
        extra(statement, 1, findings)
        text = first_word(statement, "a netmask or the length of a prefix")
        try:
            return IPv4Address(text)
        except ValueError:
            return _PREFIX_LENGTH.parse(text)

    def write(self, value: Union[Address, int]) -> str:
        return str(value)


def first_word(statement: Statement, expected: str) -> str:
    if not statement.arguments:
        raise BadValueError(f"has no value, expected {expected}")
    return statement.arguments[0]


def one_of(text: str, choices: tuple[str, ...], what: str) -> str:
    if text not in choices:
        raise BadValueError(f"has {what} {shown(text)}, expected {', '.join(choices)}")
    return text


def _port(words: tuple[str, ...]) -> Optional[int]:
    try:
        return VIRTUAL_PORT.parse(words[0]) if words else None
    except BadValueError as error:
        raise BadValueError(f"has a port that {error}") from None


def _addresses(text: str) -> tuple[Address, Optional[Address]]:
    """The first and the last address of a range, None for one address; the last may be its last part alone."""
    host, slash, length = text.partition("/")
    low, dash, high = host.partition("-")
    first = address_of(low)
    if slash:
        return first, _last(first, _network(first, length)[-1])
    if not dash:
        return first, None
    separator = "." if first.version == 4 else ":"
    return first, _last(first, address_of(high if separator in high else low[: low.rindex(separator) + 1] + high))


def _network(first: Address, length: str) -> Union[IPv4Network, IPv6Network]:
    try:
        return ip_network((first, Integer(1, first.max_prefixlen).parse(length)))
    except ValueError:
        raise BadValueError(f"{first}/{length} is no network: its address has bits beyond its prefix") from None


def _last(first: Address, last: Address) -> Address:
    if first.version != last.version or not 0 <= int(last) - int(first) < ADDRESSES_MAX:
        raise BadValueError(f"{first} to {last} is no range of at most {ADDRESSES_MAX} addresses")
    return last
