# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of virtual_routes and static_routes: ip-route(8)'s, and keepalived's old ``gw`` and ``or``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from .diagnostics import Findings
from .ip_words import IpWords, prefix, unknown
from .lexer import Statement
from .network import Address, NextHop, Route
from .number_values import Integer
from .values import BadValueError
from .words import word

KINDS = ("unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole")
METRICS = (
    *("mtu", "advmss", "hoplimit", "rtt", "rttvar", "reordering", "window", "cwnd", "ssthresh", "realms", "rto_min"),
    *("initcwnd", "initrwnd", "features", "quickack", "congctl", "pref", "expires", "fastopen_no_cookie"),
    "ttl-propagate",
)
WEIGHT = Integer(1, 256)

_SYMBOLS = {"table": "table", "protocol": "protocol", "proto": "protocol", "scope": "scope", "tos": "tos"}
_SYMBOLS["dsfield"] = "tos"
_FLAGS = ("onlink", "no_track")
_PLACEMENTS = ("add", "append")
_BEFORE_OTHERS = "prepend"  # keepalived's default
_FAMILIES = {"inet": 4, "inet6": 6}


@dataclass
class _Reading:
    """What has been read so far."""

    words: IpWords
    found: dict[str, Any] = field(default_factory=dict)
    metrics: list[tuple[str, str]] = field(default_factory=list)
    nexthops: list[NextHop] = field(default_factory=list)
    family: Optional[int] = None
    alternatives: bool = False

    def set(self, name: str, value: Any) -> None:
        if name in self.found:
            raise BadValueError(f"{name} is given twice")
        self.found[name] = value


@dataclass(frozen=True)
class RouteLine:
    """``[KIND] DST [via A] [dev IF] [src A] [table T] [metric N] … [nexthop …] [no_track] [track_group G]``."""

    static: bool = False

    def read(self, statement: Statement, findings: Findings) -> Route:
        reading = _Reading(IpWords(statement.words))
        for name in reading.words:
            _option(name, reading)
        if reading.found.get("track_group") and not self.static:
            raise BadValueError("track_group is for static routes")
        if reading.alternatives:
            findings.warning(statement.place, "'or' in a route is an old form", "write nexthop via for each way")
        return _route(reading, statement)

    def write(self, value: Route) -> str:
        return " ".join(_words(value))


def _route(reading: _Reading, statement: Statement) -> Route:
    found = reading.found
    if "destination" not in found:
        raise BadValueError("a route has no destination, expected ADDRESS/LENGTH or default")
    via: Optional[Address] = found.get("via")
    family = reading.family or (via.version if via else 4)
    if via is not None and reading.nexthops:
        raise BadValueError("a route has either via or nexthop, found both")
    nexthops = tuple(reading.nexthops)
    if reading.alternatives:  # its dev is that of both ways
        dev = found.pop("dev", None)
        nexthops = tuple(replace(hop, dev=dev) for hop in nexthops)
    return Route(
        **found,
        family=family,
        metrics=tuple(reading.metrics),
        nexthops=nexthops,
        place=statement.place,
    )


def _option(name: str, reading: _Reading) -> None:
    words = reading.words
    if name in _FAMILIES:
        _family(_FAMILIES[name], reading)
    elif name in KINDS:
        reading.set("kind", name)
    elif name in _SYMBOLS:
        reading.set(_SYMBOLS[name], words.symbol(name))
    elif name in METRICS:
        lock = f"{words.take(name)} " if words.peek() == "lock" else ""
        reading.metrics.append((name, f"{lock}{words.take(name)}"))
    elif name in _FLAGS:
        reading.set(name, True)
    elif name in _PLACEMENTS:
        reading.set("placement", name)
    elif name == _BEFORE_OTHERS:
        reading.set("placement", None)
    elif name in _VALUED:
        _VALUED[name](name, reading)
    else:
        _destination(name, reading)


def _family(family: int, reading: _Reading) -> None:
    if reading.family not in (None, family):
        raise BadValueError("a route has one family, found both")
    reading.family = family


def _destination(text: str, reading: _Reading) -> None:
    if text in ("default", "all", "any"):
        reading.set("destination", "default")
        return
    if "destination" in reading.found or not any(sign in text for sign in ".:"):
        raise unknown(text, (*_FAMILIES, *KINDS, *METRICS, *_SYMBOLS, *_FLAGS, *_PLACEMENTS, *_VALUED))
    destination, family = prefix(text)
    _family(family, reading)
    reading.set("destination", "default" if destination.endswith("/0") else destination)


def _alternative(reading: _Reading) -> None:
    """``via A or B``: two ways of equal weight."""
    reading.alternatives = True
    first: Optional[Address] = reading.found.pop("via", None)
    if first is not None:
        reading.nexthops.append(NextHop(first))
    reading.nexthops.append(NextHop(reading.words.address("or")))


def _via(name: str, reading: _Reading) -> None:
    reading.set("via", reading.words.address(name))


def _nexthop(words: IpWords) -> NextHop:
    hop = NextHop()
    while words.peek() in ("via", "dev", "weight", "onlink"):
        name = words.take("nexthop")
        if name == "via":
            hop = replace(hop, via=words.address(name))
        elif name == "dev":
            hop = replace(hop, dev=words.interface(name))
        elif name == "weight":
            hop = replace(hop, weight=words.number(name, WEIGHT))
        else:
            hop = replace(hop, onlink=True)
    if hop.via is None and hop.dev is None:
        raise BadValueError("a nexthop has neither via nor dev")
    return hop


def _number(name: str, reading: _Reading) -> None:
    reading.set("metric", reading.words.number(name))


def _interface(name: str, reading: _Reading) -> None:
    reading.set("dev", reading.words.interface(name))


_VALUED: dict[str, Callable[[str, _Reading], None]] = {
    "to": lambda name, reading: _destination(reading.words.take(name), reading),
    "via": _via,
    "gw": _via,
    "or": lambda name, reading: _alternative(reading),
    "dev": _interface,
    "oif": _interface,
    "src": lambda name, reading: reading.set("source", reading.words.address(name)),
    "metric": _number,
    "priority": _number,
    "preference": _number,
    "nexthop": lambda name, reading: reading.nexthops.append(_nexthop(reading.words)),
    "track_group": lambda name, reading: reading.set(name, reading.words.take(name)),
}


def _words(route: Route) -> Iterator[str]:
    if route.kind != "unicast":
        yield route.kind
    yield "::/0" if route.destination == "default" and route.family == 6 else route.destination
    named = (("via", route.via), ("dev", route.dev), ("src", route.source), ("table", route.table))
    more = (("metric", route.metric), ("protocol", route.protocol), ("scope", route.scope), ("tos", route.tos))
    for name, value in (*named, *more, *route.metrics):
        if value is not None:
            yield f"{name} {value}"
    if route.placement is not None:
        yield route.placement
    if route.onlink:
        yield "onlink"
    if route.no_track:
        yield "no_track"
    if route.track_group is not None:
        yield f"track_group {word(route.track_group)}"
    yield from map(_hop_words, route.nexthops)  # keepalived reads nothing after them


def _hop_words(hop: NextHop) -> str:
    named = (("via", hop.via), ("dev", hop.dev), ("weight", hop.weight))
    words = ["nexthop", *(f"{name} {value}" for name, value in named if value is not None)]
    return " ".join((*words, "onlink") if hop.onlink else words)
