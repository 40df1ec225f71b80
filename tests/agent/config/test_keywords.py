# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table is whole: every keyword of keepalived is in it, and what it says of the model is so."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from vipd.config import model
from vipd.config.keywords import AUTHENTICATION, GLOBAL_DEFS, ROOT, VRRP_INSTANCE, VRRP_SCRIPT
from vipd.config.parse import parse
from vipd.config.table import Block, Items, Use

MAN_PAGE = Path("/usr/share/man/man5/keepalived.conf.5.gz")
MODELS = (
    (GLOBAL_DEFS, model.GlobalDefs),
    (VRRP_SCRIPT, model.VrrpScript),
    (VRRP_INSTANCE, model.VrrpInstance),
    (ROOT, model.Config),
)
WITHIN_SYNC_GROUP = {"global_tracking", "sync_group_tracking_weight"}  # a block that is refused as a whole
DIRECTIVES = {"include", "includer", "includem", "includew", "includeb", "includea"}
IN_PROSE = {"keepalived", "start", "val1"}
NAMED_BY_HAND = {"vrrp_instance", "virtual_ipaddress", "smtp_server", "persistence_timeout", "misc_path", "quorum_up"}


def every_block(block: Block) -> Iterator[Block]:
    yield block
    for keyword in block.keywords:
        if isinstance(keyword.value, Block):
            yield from every_block(keyword.value)


def test_no_block_has_a_keyword_twice() -> None:
    for block in every_block(ROOT):
        names = [keyword.name for keyword in block.keywords]
        assert len(names) == len(set(names)), sorted(names)


def test_what_vipd_acts_on_has_a_value_and_a_field_and_the_rest_has_neither() -> None:
    for block in every_block(ROOT):
        for keyword in block.keywords:
            assert bool(keyword.field) == (keyword.use is Use.ACTS), keyword.name
            if keyword.use is Use.ACTS:
                assert keyword.value is not None, keyword.name
            else:
                assert not isinstance(keyword.value, Items), keyword.name


@pytest.mark.parametrize(("block", "kind"), MODELS)
def test_every_field_of_the_table_is_in_the_model(block: Block, kind: type) -> None:
    in_table = {keyword.field.split(".")[0] for keyword in block.keywords if keyword.use is Use.ACTS}
    if block is VRRP_INSTANCE:
        in_table = in_table - {"authentication"} | {"auth_pass"}
    in_model = {field.name for field in fields(kind)} - {"name", "place"}
    # A script's direction stands in its weight line; its user is part of the command.
    assert in_table - {"user"} <= in_model - {"reverse"}


def test_garp_settings_are_all_there_in_both_places() -> None:
    settings = {f"garp.{field.name}" for field in fields(model.GarpSettings)}
    for block in (GLOBAL_DEFS, VRRP_INSTANCE):
        assert {keyword.field for keyword in block.keywords if keyword.field.startswith("garp.")} == settings


@pytest.mark.parametrize("block", [GLOBAL_DEFS, VRRP_SCRIPT, VRRP_INSTANCE, AUTHENTICATION])
def test_each_keyword_alone_is_known(block: Block) -> None:
    openers = {
        id(GLOBAL_DEFS): "global_defs {",
        id(VRRP_SCRIPT): "vrrp_script a {",
        id(VRRP_INSTANCE): "vrrp_instance a {",
        id(AUTHENTICATION): "vrrp_instance a { authentication {",
    }
    opener = openers[id(block)]
    for keyword in block.keywords:
        said = parse(f"{opener}\n{keyword.name}\n" + "}" * opener.count("{")).diagnostics
        assert not any("unknown keyword" in found.message for found in said), keyword.name
        if keyword.use is not Use.ACTS and "" not in keyword.same_as:
            assert any(keyword.name in found.message for found in said), keyword.name


@pytest.mark.skipif(not MAN_PAGE.exists(), reason="keepalived's man page is not installed")
def test_every_keyword_of_the_man_page_is_known() -> None:
    in_man_page = keywords_of(gzip.decompress(MAN_PAGE.read_bytes()).decode())
    assert in_man_page >= NAMED_BY_HAND
    known = {keyword.name for block in every_block(ROOT) for keyword in block.keywords}
    assert sorted(in_man_page - known - WITHIN_SYNC_GROUP - DIRECTIVES - IN_PROSE) == []


def keywords_of(page: str) -> set[str]:
    """What is set in bold at the beginning of a line and looks like a keyword."""
    return set(re.findall(r"^\s*\\fB([a-z][a-z0-9_-]+|[A-Z]+_(?:CHECK|GET))\b", page, re.MULTILINE))
