# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model to text, in keepalived's grammar: stable, and nothing said that the default says already.

``parse(render(model)).config == model`` for every model that ``check`` finds no fault with. The order
is that of ``keywords.py``; so a keyword that vipd learns is written as soon as it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from .items import UndirectedTrackScript
from .keywords import GLOBAL_DEFS, VRRP_INSTANCE, VRRP_SCRIPT
from .lexer import word
from .model import Config, GlobalDefs, VrrpInstance, VrrpScript
from .table import Block, Items, Keyword, Repeated
from .values import Flag

INDENT = "    "


def render(config: Config) -> str:
    """Text with a newline at its end. Raises ValueError for what the grammar has no way to say."""
    reversed_scripts = frozenset(script.name for script in config.scripts if script.reverse)
    blocks = [
        *_global_defs(config.global_defs),
        *(_block(f"vrrp_script {word(script.name)}", VRRP_SCRIPT, _script_fields(script)) for script in config.scripts),
        *(
            _block(f"vrrp_instance {word(instance.name)}", VRRP_INSTANCE, _instance_fields(instance, reversed_scripts))
            for instance in config.instances
        ),
    ]
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _global_defs(global_defs: GlobalDefs) -> Iterator[list[str]]:
    if global_defs != GlobalDefs():
        yield _block("global_defs", GLOBAL_DEFS, _fields(global_defs, GLOBAL_DEFS))


def _script_fields(script: VrrpScript) -> dict[str, Any]:
    found = _fields(script, VRRP_SCRIPT)
    if script.weight or script.reverse:
        found["weight"] = (script.weight, script.reverse)
    if script.command.user is not None:
        found["user"] = script.command.user
    return found


def _instance_fields(instance: VrrpInstance, reversed_scripts: frozenset[str]) -> dict[str, Any]:
    found = _fields(instance, VRRP_INSTANCE)
    if instance.auth_pass is not None:
        found["auth_type"] = "PASS"
    found["tracks.scripts"] = tuple(
        track if track.reverse or track.name in reversed_scripts else UndirectedTrackScript(track.name, track.weight)
        for track in instance.tracks.scripts
    )
    return found


def _fields(model: Any, block: Block, prefix: str = "") -> dict[str, Any]:
    """What the model says beyond its defaults, by the table's field names: those of ``garp`` are ``garp.…``."""
    always = {keyword.field for keyword in block.keywords if keyword.always}
    found: dict[str, Any] = {}
    for field in fields(model):
        value = getattr(model, field.name)
        if is_dataclass(field.default):
            found.update(_fields(value, block, f"{prefix}{field.name}."))
        elif value != field.default or field.name in always:
            found[prefix + field.name] = value
    return found


def _block(header: str, block: Block, values: dict[str, Any]) -> list[str]:
    return _braced(header, _body(block, values))


def _body(block: Block, values: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for keyword in block.keywords:
        if isinstance(keyword.value, Repeated):
            lines += _objects(block, values.pop(keyword.field, ()))
        elif keyword.kept and not keyword.alias:
            lines += _lines(keyword, values)
    return lines


def _objects(block: Block, objects: Iterable[Any]) -> list[str]:
    """A block for each, in their order, whatever their kinds."""
    opened = {of.kind: (keyword.name, of) for keyword, of in block.repeated}
    return [line for one in objects for line in _object(one, *opened[type(one)])]


def _object(one: Any, name: str, of: Repeated) -> list[str]:
    header = name if of.head is None else f"{name} {of.head.write(getattr(one, of.head_field))}"
    if isinstance(of.body, Items):
        return _braced(header, [of.body.item.write(line) for line in getattr(one, of.lines_field)])
    return _block(header, of.body, _fields(one, of.body))


def _lines(keyword: Keyword, values: dict[str, Any]) -> list[str]:
    if isinstance(keyword.value, Block):
        body = _body(keyword.value, values)
        return _braced(keyword.name, body) if body else []
    value = values.get(keyword.field)
    if value is None or keyword.value is None or isinstance(keyword.value, Repeated):
        return []
    if isinstance(keyword.value, Items):
        items = [keyword.value.item.write(item) for item in value]
        return _braced(keyword.name, items) if items else []
    if isinstance(keyword.value, Flag) and keyword.value.sets is not value:
        return []
    try:
        return [f"{keyword.name} {keyword.value.write(value)}".rstrip()]
    except ValueError as error:
        raise ValueError(f"{keyword.name}: {error}") from None


def _braced(header: str, body: list[str]) -> list[str]:
    return [f"{header} {{", *(f"{INDENT}{line}" for line in body), "}"]
