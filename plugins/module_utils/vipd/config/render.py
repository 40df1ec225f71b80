# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model to text, in keepalived's grammar: stable, and nothing said that the default says already.

``parse(render(model)).config == model`` for every model that ``check`` finds no fault with. The order
is that of ``keywords/``; so a keyword that vipd learns is written as soon as it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .directions import undirected
from .keywords.extension import EXTENSION
from .keywords.root import ROOT
from .model import Config, VrrpInstance
from .parts import flat
from .table import Block, Items, Keyword, Repeated
from .values import Flag

INDENT = "    "


def render(config: Config) -> str:
    """Text with a newline at its end. Raises ValueError for what the grammar has no way to say."""
    blocks = filter(None, _blocks(ROOT, _said(undirected(config))))
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def render_extensions(config: Config) -> str:
    """What belongs into vipd's own file; empty where nothing does."""
    return "".join(f"{line}\n" for line in _body(EXTENSION, _Said.of_node(config)))


@dataclass(frozen=True)
class _Said:
    """What a model says, by the table's field names; ``beyond`` are those that are not at their defaults."""

    values: dict[str, Any]
    beyond: frozenset[str]

    @classmethod
    def of_node(cls, config: Config) -> _Said:
        """Without what is said of its instances."""
        said = _said(replace(config, instances=()))
        return cls({**said.values, "instances": ()}, said.beyond)

    def within(self, part: str) -> _Said:
        """What it says in one of its parts."""
        dotted = f"{part}."
        values = {name[len(dotted) :]: value for name, value in self.values.items() if name.startswith(dotted)}
        return _Said(values, frozenset(name[len(dotted) :] for name in self.beyond if name.startswith(dotted)))


def _said(model: Any) -> _Said:
    given = tuple(flat(model))
    values = {name: value for name, value, _default in given}
    beyond = {name for name, value, default in given if value != default}
    if isinstance(model, VrrpInstance) and model.auth_pass is not None:
        values["auth_type"] = "PASS"
        beyond.add("auth_type")
    return _Said(values, frozenset(beyond))


def _blocks(block: Block, said: _Said) -> Iterator[list[str]]:
    """The lines for each keyword, in the table's order; objects of a kind each have their own."""
    written: set[str] = set()
    for keyword in block.keywords:
        if not keyword.kept or keyword.alias:
            continue
        if not isinstance(keyword.value, Repeated):
            yield _lines(keyword, said)
        elif keyword.field not in written:
            written.add(keyword.field)
            yield from _objects(block, said.values.get(keyword.field, ()))


def _objects(block: Block, objects: Iterable[Any]) -> Iterator[list[str]]:
    """A block for each, in their order, whatever their kinds."""
    opened = {of.kind: (keyword.name, of) for keyword, of in block.repeated}
    for one in objects:
        yield _object(one, *opened[type(one)])


def _object(one: Any, name: str, of: Repeated) -> list[str]:
    header = name if of.head is None else f"{name} {of.head.write(getattr(one, of.head_field))}"
    if isinstance(of.body, Items):
        return _braced(header, [of.body.item.write(line) for line in getattr(one, of.lines_field)])
    return _braced(header, _body(of.body, _said(one)))


def _body(block: Block, said: _Said) -> list[str]:
    return [line for lines in _blocks(block, said) for line in lines]


def _lines(keyword: Keyword, said: _Said) -> list[str]:
    value = keyword.value
    if isinstance(value, Block):
        body = _body(value, said.within(value.part) if value.part else said)
        return _braced(keyword.name, body) if body else []
    if value is None or isinstance(value, Repeated) or not (keyword.always or said.beyond & set(keyword.fields)):
        return []
    values = tuple(said.values[field] for field in keyword.fields)
    given = values if len(values) > 1 else values[0]
    if isinstance(value, Items):
        return _braced(keyword.name, [value.item.write(item) for item in given])
    if isinstance(value, Flag) and value.sets is not given:
        return []
    try:
        return [f"{keyword.name} {value.write(given)}".rstrip()]
    except ValueError as error:
        raise ValueError(f"{keyword.name}: {error}") from None


def _braced(header: str, body: list[str]) -> list[str]:
    return [f"{header} {{", *(f"{INDENT}{line}" for line in body), "}"]
