# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration as plain data for JSON, and back: how ``vipctl`` shows one to a running vipd.

``from_plain(to_plain(model)) == model``. Only the model's own classes come out of it, whatever comes in; the values in
them are believed, for a configuration made of nonsense can be compared and nothing else. Places are left behind.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from . import checkers, commands, lvs, lvs_settings, model, network, tracked

DEPTH_LIMIT = 16  # a model is six deep

_CLASS = "is"
_ADDRESS = "address"
_CLASSES = {
    name: kind
    for module in (checkers, commands, lvs, lvs_settings, model, network, tracked)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind)
}


def to_plain(value: Any) -> Any:
    if is_dataclass(value):
        kept = {field.name: to_plain(getattr(value, field.name)) for field in fields(value) if field.compare}
        return {_CLASS: type(value).__name__, **kept}
    if isinstance(value, (IPv4Address, IPv6Address)):
        return {_CLASS: _ADDRESS, "text": str(value)}
    return [to_plain(item) for item in value] if isinstance(value, tuple) else value


def from_plain(data: Any, depth: int = 0) -> Any:
    """Raises ValueError for what no model became."""
    if depth > DEPTH_LIMIT:
        raise ValueError("nested too deeply")
    if isinstance(data, list):
        return tuple(from_plain(item, depth + 1) for item in data)
    if not isinstance(data, dict):
        return data
    if data.get(_CLASS) == _ADDRESS:
        return ip_address(str(data.get("text")))
    kind: Any = _CLASSES.get(str(data.get(_CLASS)))
    if kind is None:
        raise ValueError(f"{data.get(_CLASS)!r} is no class of the model")
    values = {name: from_plain(value, depth + 1) for name, value in data.items() if name != _CLASS}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(str(error)) from None
