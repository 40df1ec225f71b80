# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dotted names: how the table names the fields of what a model holds that is no block of the grammar.

``garp.master_delay_s`` is that field of the instance's GarpSettings. ``nested`` makes models of such names,
``flat`` names of a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from .commands import Command, Fifo

# What such a part is while nothing is known of it, where the model has no default for it.
EMPTY: Mapping[str, Any] = {
    "command": Command(()),
    "notify_fifo": Fifo(""),
    "vrrp_notify_fifo": Fifo(""),
    "lvs_notify_fifo": Fifo(""),
}

_DEFAULTS: dict[type[Any], Mapping[str, Any]] = {}  # by kind, as soon as one is asked for: a file has thousands


def nested(given: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """The fields of a ``kind``, for its constructor."""
    return _joined(given, _defaults(kind))


def held(model: Any) -> dict[str, Any]:
    """Each of its fields: what makes the same of it again."""
    return {name: getattr(model, name) for name in _defaults(type(model))}


def _defaults(kind: type[Any]) -> Mapping[str, Any]:
    if kind not in _DEFAULTS:
        _DEFAULTS[kind] = {field.name: EMPTY.get(field.name, field.default) for field in fields(kind)}
    return _DEFAULTS[kind]


def onto(model: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``model`` that change when ``given`` is said as well."""
    return _joined(given, {name: EMPTY.get(name) if value is None else value for name, value in held(model).items()})


def _joined(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    if "." not in "".join(given):
        return dict(given)
    whole: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        part, dot, field = name.partition(".")
        if dot:
            parts.setdefault(part, {})[field] = value
        else:
            whole[name] = value
    return {**whole, **{name: _filled(before[name], part) for name, part in parts.items()}}


def _filled(part: Any, given: Mapping[str, Any]) -> Any:
    """Not every part keeps its place."""
    before = held(part)
    return type(part)(**{**before, **{name: value for name, value in onto(part, given).items() if name in before}})


def flat(model: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each field's dotted name, its value and its default."""
    for field in fields(model):
        value = getattr(model, field.name)
        if not field.compare:
            continue
        if is_dataclass(EMPTY.get(field.name, field.default)) and value is not None:
            yield from flat(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, value, field.default
