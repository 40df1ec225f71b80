# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration as plain data: the way back gives the same, and nothing but the model's classes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from vipd.config.model import Config
from vipd.config.plain import from_plain, to_plain

from tests.agent.config.lvs_models import LVS
from tests.agent.config.models import configs


@given(configs())
def test_there_and_back(config: Config) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(config)))) == config


@given(LVS)
def test_there_and_back_with_virtual_servers(lvs: Any) -> None:
    config = Config(lvs=lvs)
    assert from_plain(json.loads(json.dumps(to_plain(config)))) == config


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"is": "os.system"},
        {"is": "Command", "path": "x"},
        {"is": "Command"},
        {"is": "address", "text": "10.0.0.300"},
        {"is": ["Command"]},
        [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],
    ],
)
def test_what_no_model_became(data: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_plain(data)
