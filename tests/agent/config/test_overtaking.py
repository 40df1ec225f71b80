# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Weights that can change who is master, and weights that cannot."""

from __future__ import annotations

import pytest

from tests.agent.config.nodes import NODE, OTHER, SCRIPT, said


@pytest.mark.parametrize(
    ("weight", "found"),
    [
        (0, []),
        (-51, []),
        (51, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 150"]),
        (-50, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 100"]),
        (-30, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 120"]),
        (20, ["lb01:7:5: warning: vrrp_instance VI_1: when web fails its priority is 150"]),
    ],
)
def test_a_weight_that_leaves_the_master_the_best(weight: int, found: list[str]) -> None:
    tracking = f"track_script {{\nweb weight {weight}\n}}"
    told = said(SCRIPT + NODE.replace("    advert_int 1", tracking), OTHER)
    assert [one.partition(",")[0] for one in told] == [one.replace("7:5", "8:1") for one in found]


def test_a_positive_weight_that_both_nodes_track() -> None:
    first, second = (
        SCRIPT + text.replace("    advert_int 1", "track_script {\nweb weight 51\n}") for text in (NODE, OTHER)
    )
    assert said(first, second) == []
