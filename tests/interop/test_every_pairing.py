# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd, keepalived and FRR in every pairing and both orders, in every way to speak VRRP: one master after each event.

Groups without vipd are here too: they show that an expectation is the protocol's, and that the harness sees it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.interop.cell import Cell
from tests.interop.lives import Life, three_nodes, two_nodes

WITHOUT_FRR = ("kk", "vv", "vk", "kv")
WITH_FRR = (*WITHOUT_FRR, "kf", "fk", "vf", "fv")
THREE = tuple(map("".join, itertools.permutations("vkf")))

# FRR knows no unicast, and has a virtual MAC in every cell. On IPv6 keepalived 2.2.7 with use_vmac, with or without
# vmac_xmit_base, does not hear FRR (both stay master).
MIXES = {
    Cell(2, 4): (*WITH_FRR, *THREE),
    Cell(2, 4, "unicast"): WITHOUT_FRR,
    Cell(2, 4, "vmac"): WITH_FRR,
    Cell(3, 4): (*WITH_FRR, *THREE),
    Cell(3, 4, "unicast"): WITHOUT_FRR,
    Cell(3, 4, "vmac"): WITH_FRR,
    Cell(3, 6): (*WITH_FRR, *THREE),
    Cell(3, 6, "vmac"): WITHOUT_FRR,
}
LIVES = [
    Life(replace(cell, with_frr="f" in mix), mix, two_nodes if len(mix) == 2 else three_nodes)
    for cell, mixes in MIXES.items()
    for mix in mixes
]


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_one_master_after_each_event(lived: Callable[[Life], None], life: Life) -> None:
    lived(life)
