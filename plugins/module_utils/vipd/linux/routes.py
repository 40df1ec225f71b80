# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares the messages that add and remove routes. For the worker process; ``rtnetlink.py`` sends them.

What a line leaves out is filled in as ip-route(8) does it. Numbers are those of <linux/rtnetlink.h>.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping
from ipaddress import ip_network

from ..config.network import Address, NextHop, Route
from . import netlink
from .iproute_names import UnknownNameError, number
from .netlink import Attributes

_BODY = struct.Struct(
    "=BBBBBBBBI"
)  # family, lengths of destination and source, tos, table, protocol, scope, kind, flags
_NEXT_HOP = struct.Struct("=HBBi")  # length, flags, weight - 1, interface index
_U32 = struct.Struct("=I")

NEW_ROUTE, DELETE_ROUTE = 24, 25
_DESTINATION, _INTERFACE, _GATEWAY, _PRIORITY, _SOURCE, _METRICS, _MULTIPATH = 1, 4, 5, 6, 7, 8, 9
_REALMS, _TABLE, _VIA, _PREFERENCE, _EXPIRES, _TTL_PROPAGATE = 11, 15, 18, 20, 23, 26

_PROTOCOL_KEEPALIVED = 18
_MAIN_TABLE = 254
_TABLE_ELSEWHERE = 252  # the field has one octet, the attribute four
_SCOPE_UNIVERSE, _SCOPE_LINK, _SCOPE_HOST, _SCOPE_NOWHERE = 0, 253, 254, 255
_ON_LINK = 4

_KINDS = {
    **{"unicast": 1, "local": 2, "broadcast": 3, "anycast": 4, "multicast": 5},
    **{"blackhole": 6, "unreachable": 7, "prohibit": 8, "throw": 9},
}
_SCOPES = {"local": _SCOPE_HOST, "broadcast": _SCOPE_LINK, "multicast": _SCOPE_LINK, "anycast": _SCOPE_LINK}
_ROUTER_PREFERENCES = {"medium": 0, "high": 1, "low": 3}

_LOCK = 1
_METRIC_NUMBERS = {
    **{"mtu": 2, "window": 3, "rtt": 4, "rttvar": 5, "ssthresh": 6, "cwnd": 7, "advmss": 8, "reordering": 9},
    **{"hoplimit": 10, "initcwnd": 11, "features": 12, "rto_min": 13, "initrwnd": 14, "quickack": 15},
    **{"congctl": 16, "fastopen_no_cookie": 17},
}
_FEATURES = {"ecn": 1}
# In the kernel's units: eighths and quarters of a millisecond.
_MILLISECONDS = {"rtt": 8, "rttvar": 4, "rto_min": 1}


class AbsentInterfaceError(LookupError):
    """The message is the name of an interface that is not there."""


def encode_add(route: Route, indexes: Mapping[str, int]) -> bytes:
    """The message that adds ``route``; the kernel answers EEXIST when it is there already.

    ``indexes`` are those of interfaces by name. Raises AbsentInterfaceError, and ValueError for a word that has
    no meaning here.
    """
    flags = netlink.CREATE | (netlink.APPEND if route.placement == "append" else netlink.EXCL)
    return netlink.encode(NEW_ROUTE, flags, _body(route, _scope(route)), _attributes(route, indexes))


def encode_delete(route: Route, indexes: Mapping[str, int]) -> bytes:
    """The message that removes it; the kernel answers ESRCH when it is not there."""
    return netlink.encode(DELETE_ROUTE, 0, _body(route, _SCOPE_NOWHERE), _attributes(route, indexes))


def _body(route: Route, scope: int) -> bytes:
    return _BODY.pack(
        _family(route.family),
        0 if route.destination == "default" else ip_network(route.destination).prefixlen,
        0,
        number("rt_dsfield", route.tos) if route.tos else 0,
        _table(route) if _table(route) < 256 else _TABLE_ELSEWHERE,
        number("rt_protos", route.protocol) if route.protocol else _PROTOCOL_KEEPALIVED,
        scope,
        _KINDS[route.kind],
        _ON_LINK if route.onlink else 0,
    )


def _attributes(route: Route, indexes: Mapping[str, int]) -> Attributes:
    attributes: Attributes = [(_TABLE, _U32.pack(_table(route)))]
    if route.destination != "default":
        attributes.append((_DESTINATION, ip_network(route.destination).network_address.packed))
    if route.via is not None:
        attributes.append(_gateway(route.family, route.via))
    if route.dev is not None:
        attributes.append((_INTERFACE, _U32.pack(_index(route.dev, indexes))))
    if route.source is not None:
        attributes.append((_SOURCE, route.source.packed))
    if route.metric is not None:
        attributes.append((_PRIORITY, _U32.pack(route.metric)))
    if route.nexthops:
        attributes.append((_MULTIPATH, b"".join(_next_hop(route.family, hop, indexes) for hop in route.nexthops)))
    return [*attributes, *_metrics(route)]


def _index(name: str, indexes: Mapping[str, int]) -> int:
    if name not in indexes:
        raise AbsentInterfaceError(name)
    return indexes[name]


def _family(family: int) -> int:
    return socket.AF_INET if family == 4 else socket.AF_INET6


def _table(route: Route) -> int:
    return number("rt_tables", route.table) if route.table else _MAIN_TABLE


def _scope(route: Route) -> int:
    if route.scope:
        return number("rt_scopes", route.scope)
    if route.family == 6:
        return _SCOPE_UNIVERSE
    leads_further = route.via is not None or bool(route.nexthops)
    on_link = route.kind == "unicast" and not leads_further
    return _SCOPES.get(route.kind, _SCOPE_LINK if on_link else _SCOPE_UNIVERSE)


def _gateway(family: int, via: Address) -> tuple[int, bytes]:
    """IPv4 may go by a neighbour that is known by its IPv6 address."""
    if via.version == family:
        return _GATEWAY, via.packed
    return _VIA, struct.pack("=H", _family(via.version)) + via.packed


def _next_hop(family: int, hop: NextHop, indexes: Mapping[str, int]) -> bytes:
    gateway = netlink.attribute(*_gateway(family, hop.via)) if hop.via is not None else b""
    index = _index(hop.dev, indexes) if hop.dev is not None else 0
    length = _NEXT_HOP.size + len(gateway)
    return _NEXT_HOP.pack(length, _ON_LINK if hop.onlink else 0, (hop.weight or 1) - 1, index) + gateway


def _metrics(route: Route) -> Attributes:
    """The route's own attributes, and those that the kernel keeps in a nest of metrics."""
    own: Attributes = []
    metrics: Attributes = []
    locked = 0
    for name, text in route.metrics:
        if name in _OTHERS:
            own.append(_OTHERS[name](text))
            continue
        lock, _space, value = text.rpartition(" ")
        locked |= 1 << _METRIC_NUMBERS[name] if lock else 0
        data = value.encode() + b"\0" if name == "congctl" else _U32.pack(_metric(name, value))
        metrics.append((_METRIC_NUMBERS[name], data))
    if locked:
        metrics.append((_LOCK, _U32.pack(locked)))
    return [*own, netlink.nested(_METRICS, metrics)] if metrics else own


def _metric(name: str, text: str) -> int:
    if name == "features":
        return _FEATURES.get(text) or int(text, 0)
    if name in _MILLISECONDS:
        seconds = text.endswith("s") and not text.endswith("ms")
        digits = text.rstrip("ms")
        return int(float(digits) * (1000 if seconds else 1) * (_MILLISECONDS[name] if digits != text else 1))
    try:
        return int(text, 0)
    except ValueError:
        raise UnknownNameError(f"{name} is {text!r}, expected a number") from None


def _preference(text: str) -> int:
    if text not in _ROUTER_PREFERENCES:
        raise UnknownNameError(f"pref is {text!r}, expected low, medium or high")
    return _ROUTER_PREFERENCES[text]


def _realms(text: str) -> tuple[int, bytes]:
    source, slash, destination = text.rpartition("/")
    first = number("rt_realms", source) if slash else 0
    return _REALMS, _U32.pack(first << 16 | number("rt_realms", destination))


_OTHERS: dict[str, Callable[[str], tuple[int, bytes]]] = {
    "realms": _realms,
    "pref": lambda text: (_PREFERENCE, bytes([_preference(text)])),
    "expires": lambda text: (_EXPIRES, _U32.pack(int(text.rstrip("s")))),
    "ttl-propagate": lambda text: (_TTL_PROPAGATE, bytes([text == "enabled"])),
}
