# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model to text, in keepalived's grammar: stable, and nothing said that the default says already.

``parse(render(model)).config == model`` for every model that ``check`` finds no fault with. The order
is that of ``keywords.py``; so a keyword that vipd learns is written as soon as it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Union

from .items import UndirectedTrackScript
from .keywords import GLOBAL_DEFS, VRRP_INSTANCE, VRRP_SCRIPT, Block, Items, Keyword, Use
from .lexer import word
from .model import Config, GarpSettings, GlobalDefs, Notify, Smtp, Tracks, VrrpInstance, VrrpScript
from .values import Flag

INDENT = "    "

# Fields of the model that the grammar has no block for: their own fields are keywords beside the others.
PARTS = (GarpSettings, Notify, Smtp, Tracks)
Model = Union[GlobalDefs, VrrpScript, VrrpInstance, GarpSettings, Notify, Smtp, Tracks]

_ALWAYS = frozenset(
    keyword.field for block in (VRRP_SCRIPT, VRRP_INSTANCE) for keyword in block.keywords if keyword.always
)


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
        yield _block("global_defs", GLOBAL_DEFS, _fields(global_defs))


def _script_fields(script: VrrpScript) -> dict[str, Any]:
    found = _fields(script)
    if script.weight or script.reverse:
        found["weight"] = (script.weight, script.reverse)
    if script.command.user is not None:
        found["user"] = script.command.user
    return found


def _instance_fields(instance: VrrpInstance, reversed_scripts: frozenset[str]) -> dict[str, Any]:
    found = _fields(instance)
    if instance.auth_pass is not None:
        found["auth_type"] = "PASS"
    found["tracks.scripts"] = tuple(
        track if track.reverse or track.name in reversed_scripts else UndirectedTrackScript(track.name, track.weight)
        for track in instance.tracks.scripts
    )
    return found


def _fields(model: Model, prefix: str = "") -> dict[str, Any]:
    """What the model says beyond its defaults, by the table's field names: those of ``garp`` are ``garp.…``."""
    found: dict[str, Any] = {}
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, PARTS):
            found.update(_fields(value, f"{field.name}."))
        elif value != field.default or field.name in _ALWAYS:
            found[prefix + field.name] = value
    return found


def _block(header: str, block: Block, values: dict[str, Any]) -> list[str]:
    return _braced(header, _body(block, values))


def _body(block: Block, values: dict[str, Any]) -> list[str]:
    return [line for keyword in block.keywords if keyword.use is Use.ACTS for line in _lines(keyword, values)]


def _lines(keyword: Keyword, values: dict[str, Any]) -> list[str]:
    if isinstance(keyword.value, Block):
        body = _body(keyword.value, values)
        return _braced(keyword.name, body) if body else []
    value = values.get(keyword.field)
    if value is None or keyword.value is None:
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
