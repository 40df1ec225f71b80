# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot travels in parts, and arrives as it was."""

from __future__ import annotations

import json

import pytest
from vipd.runtime.snapshots import Packed, packed

NODE = {"maintenance": False, "rejected": {"eth0 bad_type": 1}}


@pytest.mark.parametrize("count", [0, 1, 16, 17, 255])
def test_it_arrives_as_it_was(count: int) -> None:
    instances = [{"name": f"VI_{number}", "faults": ["eth0 is down"], "master": None} for number in range(count)]
    taken = Packed(list(packed(iter(instances))), NODE)
    expected = {"instances": instances, **NODE}
    assert taken.whole() == expected
    assert json.loads(taken.as_json()) == expected


def test_no_part_holds_more_than_a_few() -> None:
    parts = list(packed({"name": f"VI_{number}"} for number in range(255)))
    assert len(parts) == 16
    assert max(map(len, parts)) < 1000
