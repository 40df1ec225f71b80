# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keywords of keepalived.conf that a role passes through: from a dictionary to lines, and from lines to a dictionary.

``true`` says the keyword alone, ``false`` nothing, a list makes a block with one item on each line, a dictionary a
block of keywords, a list of dictionaries one block each. What the lines mean is for the agent's parser to judge;
nothing here knows a topology. Look next at ``pair.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.compound import DeletedScript
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.keywords.root import ROOT
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.script_line import Argv, Script
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.table import Block, Repeated
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import Reading, one_line, shown

NO_WORDS: tuple[str, ...] = ()
INDENT = "    "

Lines = Mapping[str, tuple[str, ...]]  # by keyword


def _that_name_programs(block: Block) -> Iterator[str]:
    for keyword in block.keywords:
        if isinstance(keyword.value, (Script, Argv, DeletedScript)):
            yield keyword.name
        inside = keyword.value.body if isinstance(keyword.value, Repeated) else keyword.value
        if isinstance(inside, Block):
            yield from _that_name_programs(inside)


OF_PROGRAMS = frozenset(_that_name_programs(ROOT))  # keepalived wants script security for them


def read_options(
    variable: str, value: Any, owner: Callable[[str], str], reading: Reading
) -> dict[str, tuple[str, ...]]:
    """``owner`` names the variable that a keyword belongs to, if it has one of its own."""
    if not isinstance(value, Mapping):
        reading.report(variable, f"{shown(value)} is not a dictionary", "write keyword: value")
        return {}
    lines: dict[str, tuple[str, ...]] = {}
    for keyword, argument in value.items():
        path = f"{variable}.{keyword}"
        own = owner(str(keyword))
        if own:
            reading.report(path, "has a variable of its own", f"set {own} instead")
        else:
            lines[str(keyword)] = reading.take(path, lines_of(str(keyword)), argument, NO_WORDS)
    return lines


def lines_of(keyword: str) -> Callable[[Any], tuple[str, ...]]:
    def lines(value: Any) -> tuple[str, ...]:
        if isinstance(value, bool):
            return (keyword,) if value else ()
        if isinstance(value, Mapping):
            return braced(keyword, (line for key, item in value.items() for line in lines_of(one_line(key))(item)))
        if isinstance(value, (list, tuple)) and value and all(isinstance(item, Mapping) for item in value):
            return tuple(line for item in value for line in lines(item))
        if isinstance(value, (list, tuple)):
            return braced(keyword, map(one_line, value))
        return (f"{keyword} {one_line(value)}",)

    return lines


def braced(header: str, inner: Iterable[str]) -> tuple[str, ...]:
    return (f"{header} {{", *(f"{INDENT}{line}" for line in inner), "}")


_NEEDLESS_QUOTES = re.compile(r'"([\w@./:-]+)"')


def said(lines: Iterable[str]) -> dict[str, Any]:
    """The dictionary that makes these lines of one block, as ``render`` writes them."""
    found: dict[str, Any] = {}
    block: list[str] | None = None
    for line in lines:
        if block is not None and line == "}":
            block = None
        elif block is not None:
            block.append(str(scalar(line.strip())))
        elif line.endswith(" {"):
            block = found.setdefault(line[: -len(" {")], [])
        else:
            keyword, _space, argument = line.partition(" ")
            found[keyword] = scalar(argument) if argument else True
    return found


def scalar(argument: str) -> str | int:
    if argument.isdecimal() and str(int(argument)) == argument:
        return int(argument)
    quoted = _NEEDLESS_QUOTES.fullmatch(argument)
    return quoted[1] if quoted else argument


def with_lines(text: str, header: str, lines: Iterable[str]) -> str:
    """``text`` with ``lines`` as the last ones of the block that begins with ``header``, as ``render`` writes it."""
    given = [f"{INDENT}{line}\n" for line in lines]
    start = text.find(f"{header}\n")
    if not given:
        return text
    if start < 0:
        return f"{header}\n{''.join(given)}}}\n\n{text}"
    end = text.index("\n}\n", start) + 1
    return text[:end] + "".join(given) + text[end:]
