# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The LVS half of the table against the model: each says what the other can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from vipd.config.checkers import MiscCheck
from vipd.config.keywords.lvs import AT_ROOT, IN_GLOBAL_DEFS, SSL, VIRTUAL_SERVER
from vipd.config.lvs import VirtualServer
from vipd.config.lvs_settings import LvsGlobals, SslSettings
from vipd.config.table import Block, Repeated

ROOT = Block(AT_ROOT)


def kinds(block: Block) -> Iterator[tuple[type[Any], Block, set[str]]]:
    """Each kind of object that ``block`` and the blocks in it hold, its keywords, and the fields these do not fill."""
    for _keyword, of in block.repeated:
        body = of.body if isinstance(of.body, Block) else Block(())
        yield of.kind, body, {"place", of.head_field, of.lines_field}
        yield from kinds(body)


def model_fields(kind: type[Any], prefix: str = "") -> set[str]:
    found = set()
    for field in fields(kind):
        inner = type(field.default)
        found |= (
            model_fields(inner, f"{prefix}{field.name}.")
            if is_dataclass(inner) and field.compare
            else {prefix + field.name}
        )
    return found


@pytest.mark.parametrize(
    ("kind", "block", "elsewhere"), list(kinds(ROOT)), ids=lambda item: getattr(item, "__name__", "")
)
def test_every_field_has_a_keyword_and_every_keyword_a_field(
    kind: type[Any], block: Block, elsewhere: set[str]
) -> None:
    if kind is MiscCheck:  # it connects to nothing
        elsewhere = elsewhere | {"timing.connect_timeout_s"}
    assert {keyword.field for keyword in block.keywords if keyword.kept} == model_fields(kind) - elsewhere


OF_THE_SECOND_FILE = {"verify", "lvs.slow_start_s"}  # vipd.conf says these: extension.py


@pytest.mark.parametrize(
    ("kind", "block", "prefix"), [(SslSettings, SSL, ""), (LvsGlobals, Block(IN_GLOBAL_DEFS), "lvs.")]
)
def test_the_blocks_that_stand_once_too(kind: type[Any], block: Block, prefix: str) -> None:
    assert {keyword.field for keyword in block.keywords if keyword.kept} == model_fields(
        kind, prefix
    ) - OF_THE_SECOND_FILE


def test_every_alias_has_a_keyword_that_is_written() -> None:
    for _kind, block, _elsewhere in kinds(ROOT):
        written = {keyword.field for keyword in block.keywords if not keyword.alias}
        assert {keyword.field for keyword in block.keywords if keyword.alias} <= written


def test_a_virtual_server_is_among_the_kinds() -> None:
    assert VirtualServer in {kind for kind, _block, _elsewhere in kinds(ROOT)}
    assert any(isinstance(keyword.value, Repeated) for keyword in VIRTUAL_SERVER.keywords)
