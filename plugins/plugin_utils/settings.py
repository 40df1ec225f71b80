# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables as people write them, read into typed values; what is wrong becomes a finding.

A reader is a function from one raw value to one typed value that raises ``RefusedError``. Reading never stops at the
first mistake: ``Reading`` collects them, so that a person corrects all of them at once. A secret never enters a
finding. Nothing here knows a role or a topology: look next at ``plan.py`` and ``proxy.py``.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Interface,
    IPv6Interface,
    NetmaskValueError,
    ip_interface,
    ip_network,
)
from typing import Any, TypeVar

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.address_values import INTERFACE_NAME_MAX
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.values import AUTH_PASS_BYTES_MAX

T = TypeVar("T")
Reader = Callable[[Any], T]

_INTERFACE = re.compile(r"[^\s/:]+")
_LABEL = re.compile(r"[^\s/:]+:[A-Za-z0-9_.-]+")
_SYMBOL = re.compile(r"[A-Za-z0-9_.-]+")
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")


class RefusedError(ValueError):
    """A value that cannot be used: what is wrong with it, and what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Finding:
    """``variable`` is a path such as ``single_master_vips[0]``; ``host`` is empty when the value is everybody's."""

    variable: str
    message: str
    remedy: str
    host: str = ""

    def __str__(self) -> str:
        where = f"{self.variable} ({self.host})" if self.host else self.variable
        return f"{where}: {self.message}; {self.remedy}"


class FindingsError(Exception):
    """All that is wrong, one line a finding."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(dict.fromkeys(findings))
        count = len(self.findings)
        title = "1 mistake" if count == 1 else f"{count} mistakes"
        super().__init__("\n".join([f"{title} in the variables; nothing was changed:", *map(_bullet, self.findings)]))


def _bullet(finding: Finding) -> str:
    return f"  - {finding}"


class Reading:
    """Applies readers and collects what they refuse."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def report(self, variable: str, message: str, remedy: str, host: str = "") -> None:
        self.findings.append(Finding(variable, message, remedy, host))

    def take(self, variable: str, reader: Reader[T], value: Any, instead: T, host: str = "") -> T:
        """What ``reader`` makes of ``value``; ``instead`` when it refuses, so that reading goes on."""
        try:
            return reader(value)
        except RefusedError as refused:
            self.report(variable, refused.message, refused.remedy, host)
            return instead

    def items(self, variable: str, value: Any, what: str) -> Iterator[tuple[str, Any]]:
        """The items of a list, each with its path."""
        if not isinstance(value, (list, tuple)):
            self.report(variable, f"{shown(value)} is not a list", f"write a list of {what}")
            return
        for index, item in enumerate(value):
            yield f"{variable}[{index}]", item

    def mapping(self, variable: str, value: Any, known: Iterable[str], what: str) -> Mapping[str, Any]:
        """A dictionary with known keys; unknown ones are reported and left out."""
        if not isinstance(value, Mapping):
            self.report(variable, f"{shown(value)} is not a dictionary", f"write {what}")
            return {}
        names = tuple(known)
        for key in value:
            if key not in names:
                self.unknown(f"{variable}.{key}", str(key), names)
        return {key: item for key, item in value.items() if key in names}

    def unknown(self, variable: str, name: str, known: Iterable[str], host: str = "") -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
        self.report(variable, "is not known", remedy, host)


def shown(value: Any) -> str:
    """A value as a finding quotes it: short, printable."""
    written = repr(value)
    return written if len(written) <= 48 else written[:45] + "..."


def integer(low: int, high: int, what: str = "a whole number") -> Reader[int]:
    def read(value: Any) -> int:
        # A number given with -e arrives as text; True is an int to Python and a mistake here.
        number = int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value) else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise RefusedError(f"{shown(value)} is not possible", f"write {what} from {low} to {high}")
        return int(number)

    return read


def seconds(low: float, high: float) -> Reader[float]:
    def read(value: Any) -> float:
        try:
            number = float("nan") if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not low <= number <= high:
            raise RefusedError(f"{shown(value)} is not possible", f"write seconds from {low:g} to {high:g}")
        return number

    return read


def boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    raise RefusedError(f"{shown(value)} is neither true nor false", "write true or false")


def text(value: Any) -> str:
    """A string; numbers are taken as they are written, None as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise RefusedError(f"{shown(value)} is not a text", "write a text")
    return str(value)


def one_line(value: Any) -> str:
    """A text that stays one line of keepalived.conf and opens or closes no block."""
    line = text(value)
    if not line.isprintable() or any(mark in line for mark in "{}"):
        raise RefusedError(f"{shown(value)} is not one line of keepalived.conf", "write one line without braces")
    return line


def choice(*allowed: str) -> Reader[str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise RefusedError(f"{shown(value)} is not possible", f"write one of {', '.join(allowed)}")
        return str(value)

    return read


def interface_name(value: Any) -> str:
    name = text(value)
    if not _INTERFACE.fullmatch(name) or len(name.encode()) > INTERFACE_NAME_MAX or name in (".", ".."):
        raise RefusedError(
            f"{shown(value)} is no name an interface can have",
            f"write a name of at most {INTERFACE_NAME_MAX} characters without space, '/' and ':', such as eth0",
        )
    return name


def label(value: Any) -> str:
    """``eth0:1``; empty means that the VIP gets no label."""
    name = text(value)
    if name and (not _LABEL.fullmatch(name) or len(name.encode()) > INTERFACE_NAME_MAX):
        raise RefusedError(
            f"{shown(value)} is no label", f"write interface:name, at most {INTERFACE_NAME_MAX} characters, or ''"
        )
    return name


def symbol(value: Any) -> str:
    """A name that keepalived.conf takes without quotes."""
    name = text(value)
    if not _SYMBOL.fullmatch(name):
        raise RefusedError(f"{shown(value)} is no name", "use letters, digits, '_', '-' and '.'")
    return name


def password(value: Any) -> str:
    """The value itself is never repeated in a message."""
    secret = text(value)
    size = len(secret.encode())
    if size > AUTH_PASS_BYTES_MAX:
        raise RefusedError(f"has {size} bytes", f"choose at most {AUTH_PASS_BYTES_MAX}: an advert carries no more")
    if not secret.isascii() or not secret.isprintable() or any(mark in secret for mark in "\"'\\"):
        raise RefusedError(
            "has a character that cannot be written safely in keepalived.conf",
            "use printable ASCII characters without quotes and backslash",
        )
    return secret


def command(value: Any) -> tuple[str, ...]:
    """A program by its full path and its arguments, as one text or as a list."""
    remedy = "write the full path of a program and its arguments"
    try:
        words = shlex.split(value) if isinstance(value, str) else [text(word) for word in value]
    except (TypeError, ValueError, RefusedError) as error:
        raise RefusedError(f"{shown(value)} is not a command", remedy) from error
    if not words or not words[0].startswith("/"):
        raise RefusedError(f"{shown(value)} does not start with the full path of a program", remedy)
    if not all(word.isprintable() for word in words):
        raise RefusedError(f"{shown(value)} has an unprintable character", remedy)
    return tuple(words)


def address(value: Any) -> IPv4Address:
    try:
        return IPv4Address(text(value))
    except (AddressValueError, RefusedError) as error:
        raise RefusedError(f"{shown(value)} is not an IPv4 address", "write an address such as 10.0.0.3") from error


def network(value: Any) -> str:
    try:
        return str(ip_network(text(value)))
    except (ValueError, RefusedError) as error:
        raise RefusedError(f"{shown(value)} is not a network", "write one such as 192.168.1.0/24") from error


def broadcast(value: Any) -> str:
    return str(value) if value in ("+", "-") else str(address(value))


def virtual_address(value: Any) -> IPv4Interface | IPv6Interface:
    """``address/prefix``, as a host can hold it."""
    written = text(value)
    host, slash, prefix = written.partition("/")
    is_ipv6 = ":" in host
    remedy = f"write address/prefix, for example {'2001:db8::3/64' if is_ipv6 else '10.0.0.3/24'}"
    if not slash:
        raise RefusedError(f"{shown(value)} has no prefix length", f"{remedy}, or /{128 if is_ipv6 else 32} for a host")
    try:
        if not re.fullmatch(r"[0-9]{1,3}", prefix):
            raise NetmaskValueError
        found = ip_interface(written)
    except ValueError as error:
        family = "IPv6" if is_ipv6 else "IPv4"
        raise RefusedError(f"{shown(value)} is not an {family} address with a prefix length", remedy) from error
    if unusable := _why_unusable(found):
        raise RefusedError(f"{written} is {unusable}, which no host can hold", remedy)
    return found


def _why_unusable(found: IPv4Interface | IPv6Interface) -> str:
    kinds = (
        ("a multicast address", found.ip.is_multicast),
        ("a loopback address", found.ip.is_loopback),
        ("a reserved address", found.ip.is_unspecified or (found.version == 4 and int(found.ip) >= 0xF0000000)),
    )
    unusable = next((kind for kind, is_of_it in kinds if is_of_it), "")
    if unusable or found.version == 6 or found.network.prefixlen >= 31:
        return unusable
    if found.ip == found.network.network_address:
        return f"the address of the network {found.network}"
    return f"the broadcast address of {found.network}" if found.ip == found.network.broadcast_address else ""
