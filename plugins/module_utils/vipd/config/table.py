# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the table of keywords is made of: a keyword, what may follow it, what vipd does with it.

    ACTS     vipd does what it says; ``value`` reads it, ``field`` is where the model keeps it
    WARNS    named as not acted upon; everything else runs. With a value and a field the model keeps it all the same
    REFUSES  an error: running as if it were absent would change the protocol or break a promise

Look next at ``keywords/``, the table itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Optional, Union

from .values import Value


class Use(Enum):
    ACTS = "acts"
    WARNS = "warns"
    REFUSES = "refuses"


@dataclass(frozen=True)
class Items:
    """A block with one value on each line; with ``words``, with as many words on a line as one likes.

    ``needed``: keepalived complains of an empty one. ``empty_is_wrong``: what to do about one that is an error.
    """

    item: Value
    words: bool = False
    needed: bool = False
    empty_is_wrong: str = ""


@dataclass(frozen=True)
class Block:
    """A block of keywords, whose fields belong to the model of the block around it, or to its ``part`` of that name.

    ``secret``: a line of it may be a password, so an unknown word is not for a message. ``stray``: what to do about a
    word that is like none of the keywords.
    """

    keywords: tuple[Keyword, ...]
    part: str = ""
    secret: bool = False
    stray: str = ""

    @cached_property
    def names(self) -> dict[str, Keyword]:
        return {keyword.name: keyword for keyword in self.keywords}

    @cached_property
    def repeated(self) -> tuple[tuple[Keyword, Repeated], ...]:
        return tuple(
            (keyword, keyword.value)
            for keyword in self.keywords
            if isinstance(keyword.value, Repeated) and not keyword.alias
        )

    def find(self, name: str) -> Optional[Keyword]:
        return self.names.get(name)


@dataclass(frozen=True)
class Repeated:
    """A block that may stand several times; the model holds one ``kind`` for each.

    ``head`` reads what stands before the brace, for the field ``head_field``; a body of lines fills ``lines_field``.
    """

    kind: type[Any]
    body: Union[Block, Items]
    head: Optional[Value] = None
    head_field: str = ""
    lines_field: str = ""


Follows = Union[Value, Items, Block, Repeated]


@dataclass(frozen=True)
class Keyword:
    """``field`` names several, with spaces between, where the value is a tuple with one part for each.

    ``always``: render writes it even where it says the default, because people look for it. ``alias``: read, never
    written: another word says the same. ``since``: the keepalived that has it, where 2.2 does not. ``instead``: what
    has taken the place of an old word.
    """

    name: str
    use: Use
    value: Optional[Follows] = None
    field: str = ""
    same_as: tuple[str, ...] = ()
    always: bool = False
    alias: bool = False
    since: str = ""
    instead: str = ""

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.field.split())

    @property
    def kept(self) -> bool:
        """Whether the model keeps what it says."""
        return bool(self.field)


def acts(
    name: str, value: Follows, field: str = "", *, always: bool = False, alias: bool = False, since: str = ""
) -> Keyword:
    return Keyword(name, Use.ACTS, value, field or name, always=always, alias=alias, since=since)


def replaced(name: str, instead: str, value: Optional[Follows] = None, field: str = "") -> Keyword:
    """An old word for ``instead``; without a field it is not acted upon."""
    use = Use.ACTS if field else Use.WARNS
    return Keyword(name, use, value, field, alias=True, instead=instead)


def keeps(name: str, value: Follows, field: str = "", alias: bool = False) -> Keyword:
    """In the model, so that it can be rendered again; vipd does not act upon it."""
    return Keyword(name, Use.WARNS, value, field or name, alias=alias)


def steers(name: str) -> Keyword:
    """Acts while the text is read, see ``directives.py``: nothing of it is in the model."""
    return Keyword(name, Use.ACTS)


def warns(
    names: str, block: Optional[Block] = None, same_as: tuple[str, ...] = (), since: str = ""
) -> tuple[Keyword, ...]:
    return tuple(Keyword(name, Use.WARNS, block, same_as=same_as, since=since) for name in names.split())


def refuses(names: str, same_as: tuple[str, ...] = (), since: str = "") -> tuple[Keyword, ...]:
    return tuple(Keyword(name, Use.REFUSES, same_as=same_as, since=since) for name in names.split())
