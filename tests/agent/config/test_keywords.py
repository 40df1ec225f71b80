# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table is whole: every keyword of keepalived is in it, and what it says of the model is so."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from vipd.config import model
from vipd.config.keywords.extension import GLOBAL_DEFS as OWN_GLOBAL_DEFS
from vipd.config.keywords.global_defs import GLOBAL_DEFS
from vipd.config.keywords.groups import GARP_GROUP, SYNC_GROUP, TRACK_GROUP
from vipd.config.keywords.instance import AUTHENTICATION, VRRP_INSTANCE
from vipd.config.keywords.root import ROOT
from vipd.config.keywords.tracked import TRACK_FILE, VRRP_SCRIPT, VRRP_TRACK_PROCESS
from vipd.config.parse import parse
from vipd.config.parts import EMPTY, flat
from vipd.config.table import Block, Repeated, Use, steers

MAN_PAGE = Path("/usr/share/man/man5/keepalived.conf.5.gz")
MODELS = (
    (ROOT, model.Config),
    (GLOBAL_DEFS, model.GlobalDefs),
    (VRRP_SCRIPT, model.VrrpScript),
    (VRRP_TRACK_PROCESS, model.VrrpTrackProcess),
    (TRACK_FILE, model.VrrpTrackFile),
    (VRRP_INSTANCE, model.VrrpInstance),
    (SYNC_GROUP, model.VrrpSyncGroup),
    (TRACK_GROUP, model.TrackGroup),
    (GARP_GROUP, model.GarpGroup),
)
FOR_INSTANCES = {"notify.deleted", "notify.says_deleted", "notify.master_rx_lower_pri"}
DIRECTIVES = {"include", "includer", "includem", "includew", "includeb", "includea"}
IN_PROSE = {"keepalived", "start", "val1"}
NAMED_BY_HAND = {"vrrp_instance", "virtual_ipaddress", "smtp_server", "persistence_timeout", "misc_path", "quorum_up"}


def every_block(block: Block) -> Iterator[Block]:
    yield block
    for keyword in block.keywords:
        inner = keyword.value.body if isinstance(keyword.value, Repeated) else keyword.value
        if isinstance(inner, Block):
            yield from every_block(inner)


def test_no_block_has_a_keyword_twice() -> None:
    for block in every_block(ROOT):
        names = [keyword.name for keyword in block.keywords]
        assert len(names) == len(set(names)), sorted(names)


def test_what_vipd_acts_on_has_a_value_and_a_field() -> None:
    for block in every_block(ROOT):
        for keyword in block.keywords:
            if keyword.use is Use.ACTS and keyword != steers(keyword.name):
                assert keyword.field, keyword.name
                assert keyword.value is not None, keyword.name


def fields_in(block: Block) -> set[str]:
    """What the block sets, those of the blocks within it too where these have no model of their own."""
    found: set[str] = set()
    for keyword in block.keywords:
        if not isinstance(keyword.value, Block):
            found |= set(keyword.fields)
        elif keyword.kept:
            found |= {f"{keyword.value.part}.{name}".lstrip(".") for name in fields_in(keyword.value)}
    return found


@pytest.mark.parametrize(("block", "kind"), MODELS)
def test_every_field_of_the_table_is_in_the_model_and_the_reverse(block: Block, kind: type) -> None:
    without_default = {field.name: EMPTY.get(field.name) for field in fields(kind) if field.default is MISSING}
    fifos = {name: EMPTY[name] for name in EMPTY if name in {field.name for field in fields(kind)}}
    in_model = {name for name, _value, _default in flat(kind(**{**without_default, **fifos}))}
    in_model -= {"name"} | (FOR_INSTANCES if kind is model.VrrpSyncGroup else set())
    in_table = fields_in(block) - {"auth_type"}
    if kind is model.GlobalDefs:
        in_table |= fields_in(OWN_GLOBAL_DEFS)
    if kind is model.Config:  # its global_defs are compared on their own
        in_table, in_model = ({name.partition(".")[0] for name in names} for names in (in_table, in_model))
    assert in_table == in_model


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
    assert sorted(in_man_page - known - DIRECTIVES - IN_PROSE) == []


def keywords_of(page: str) -> set[str]:
    """What is set in bold at the beginning of a line and looks like a keyword."""
    return set(re.findall(r"^\s*\\fB([a-z][a-z0-9_-]+|[A-Z]+_(?:CHECK|GET))\b", page, re.MULTILINE))
