# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares the messages that add and remove routing policy rules. For the worker process; ``rtnetlink.py`` sends them.

Numbers are those of <linux/fib_rules.h>; words are those of ip-rule(8).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from ipaddress import ip_network
from typing import Optional

from ..config.network import Rule
from . import netlink
from .iproute_names import number
from .netlink import Attributes

_BODY = struct.Struct("=BBBBBBBBI")  # family, lengths of destination and source, tos, table, two unused, action, flags
_U32 = struct.Struct("=I")
_PORTS = struct.Struct("=HH")
_USERS = struct.Struct("=II")

NEW_RULE, DELETE_RULE = 32, 33
_DESTINATION, _SOURCE, _INTERFACE_IN, _GOTO, _PREFERENCE = 1, 2, 3, 4, 6
_MARK, _REALMS, _TUNNEL, _NO_GROUP, _NO_SHORTER, _TABLE, _MASK, _INTERFACE_OUT = 10, 11, 12, 13, 14, 15, 16, 17
_L3MDEV, _USER_RANGE, _PROTOCOL, _IP_PROTOCOL, _SOURCE_PORTS, _DESTINATION_PORTS = 19, 20, 21, 22, 23, 24

_ACTIONS = {"lookup": 1, "goto": 2, "nop": 3, "blackhole": 6, "unreachable": 7, "prohibit": 8}
_INVERTED = 2
_PROTOCOL_KEEPALIVED = 18


def encode_add(rule: Rule, preference: int) -> bytes:
    """The message that adds ``rule``; the kernel answers EEXIST when it is there already.

    Raises ValueError for a word that means nothing here.
    """
    return netlink.encode(NEW_RULE, netlink.CREATE | netlink.EXCL, _body(rule), _attributes(rule, preference))


def encode_delete(rule: Rule, preference: int) -> bytes:
    """The message that removes it; the kernel answers ENOENT when it is not there."""
    return netlink.encode(DELETE_RULE, 0, _body(rule), _attributes(rule, preference))


def _body(rule: Rule) -> bytes:
    selectors = dict(rule.selectors)
    return _BODY.pack(
        socket.AF_INET if rule.family == 4 else socket.AF_INET6,
        _length(rule.destination),
        _length(rule.source),
        number("rt_dsfield", selectors["tos"]) if "tos" in selectors else 0,
        0,
        0,
        0,
        _ACTIONS[rule.action],
        _INVERTED if rule.inverted else 0,
    )


def _length(prefix: Optional[str]) -> int:
    return ip_network(prefix).prefixlen if prefix else 0


def _attributes(rule: Rule, preference: int) -> Attributes:
    attributes: Attributes = [(_PREFERENCE, _U32.pack(preference))]
    for kind, prefix in ((_SOURCE, rule.source), (_DESTINATION, rule.destination)):
        if prefix:
            attributes.append((kind, ip_network(prefix).network_address.packed))
    if rule.table is not None:
        attributes.append((_TABLE, _U32.pack(number("rt_tables", rule.table))))
    if rule.goto is not None:
        attributes.append((_GOTO, _U32.pack(rule.goto)))
    if "protocol" not in dict(rule.selectors):
        attributes.append((_PROTOCOL, bytes([_PROTOCOL_KEEPALIVED])))
    for name, value in rule.selectors:
        attributes += _SELECTORS[name](value)
    return attributes


def _mark(text: str) -> Attributes:
    mark, slash, mask = text.partition("/")
    attributes = [(_MARK, _U32.pack(int(mark, 0)))]
    return [*attributes, (_MASK, _U32.pack(int(mask, 0)))] if slash else attributes


def _range(kind: int, form: struct.Struct) -> Callable[[str], Attributes]:
    def encode(text: str) -> Attributes:
        first, _dash, last = text.partition("-")
        return [(kind, form.pack(int(first, 0), int(last or first, 0)))]

    return encode


def _ip_protocol(text: str) -> Attributes:
    return [(_IP_PROTOCOL, bytes([int(text, 0) if text[0].isdigit() else socket.getprotobyname(text)]))]


def _realms(text: str) -> Attributes:
    source, slash, destination = text.rpartition("/")
    first = number("rt_realms", source) if slash else 0
    return [(_REALMS, _U32.pack(first << 16 | number("rt_realms", destination)))]


_SELECTORS: dict[str, Callable[[str], Attributes]] = {
    "tos": lambda _text: [],  # a field of the message's fixed part
    "fwmark": _mark,
    "iif": lambda text: [(_INTERFACE_IN, text.encode() + b"\0")],
    "oif": lambda text: [(_INTERFACE_OUT, text.encode() + b"\0")],
    "uidrange": _range(_USER_RANGE, _USERS),
    "ipproto": _ip_protocol,
    "sport": _range(_SOURCE_PORTS, _PORTS),
    "dport": _range(_DESTINATION_PORTS, _PORTS),
    "tunnel-id": lambda text: [(_TUNNEL, struct.pack("!Q", int(text, 0)))],
    "protocol": lambda text: [(_PROTOCOL, bytes([number("rt_protos", text)]))],
    "realms": _realms,
    "suppress_prefixlength": lambda text: [(_NO_SHORTER, _U32.pack(int(text)))],
    "suppress_ifgroup": lambda text: [(_NO_GROUP, _U32.pack(number("group", text)))],
    "l3mdev": lambda _text: [(_L3MDEV, b"\1")],
}
