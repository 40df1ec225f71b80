# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same configuration under keepalived, under vipd and mixed: after each event the same node holds the VIP."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from tests.interop import scenarios
from tests.interop.conftest import Told
from tests.interop.pair import Story

SEEDS = Path(__file__).parents[1] / "data" / "seeds"
NO_VRRP_ALONE = {"lvs_dr", "lvs_nat"}  # virtual servers: a story of their own

# Files of the two nodes, and for each VIP who has it when both run, and when a has stopped and come back.
PUBLISHED = {
    ("single_lb01", "single_lb02"): {"10.0.0.3": "aa"},
    ("check_web", "single_lb02"): {"10.0.0.3": "aa"},
    ("dual_lb01", "dual_lb02"): {"10.0.0.3": "aa", "10.0.0.4": "bb"},
    ("two_vips_master", "two_vips_backup"): {"192.168.1.220": "aa", "192.168.1.230": "aa"},
    ("two_masters_first", "two_masters_second"): {"192.168.1.220": "aa", "192.168.1.230": "bb"},
    ("labels_single_master", "labels_single_backup"): {"192.168.198.240": "aa"},
    ("labels_dual_first", "labels_dual_second"): {"192.168.198.240": "aa", "192.168.198.250": "bb"},
    ("nginx_master", "nginx_backup"): {"192.168.31.240": "aa"},
    ("mariadb", "mariadb"): {"192.168.254.250": "ab"},
    ("default", "default"): {"192.168.200.16": "ab", "192.168.200.18": "ab"},
}


def seed(name: str) -> str:
    """The published text, but for the interface's name and for check scripts that this machine does not have."""
    text = (SEEDS / f"{name}.conf").read_text()
    return re.sub(r'(?m)^(\s*script) "[^"]*"', r'\1 "/bin/true"', text.replace("ens33", "eth0"))


STORIES = (
    Story("failing_script", scenarios.failing_script),
    Story("stop_and_kill", scenarios.stop_and_kill),
    Story("nopreempt", scenarios.nopreempt),
    Story("pulled_cable", scenarios.pulled_cable),
    Story("reload", scenarios.reload),
    Story("partition", scenarios.partition),
    Story("removed_vip", scenarios.removed_vip),
    Story("three_nodes", scenarios.three_nodes, ("vkv", "kvk")),
    *(
        Story(first, partial(scenarios.published, first=seed(first), second=seed(second), holders=holders))
        for (first, second), holders in PUBLISHED.items()
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_keepalived_alone_does_as_expected(told: Told, story: Story) -> None:
    """Otherwise the comparison below would compare two mistakes."""
    record = told(story, story.reference)
    assert record.holders == record.usual, record.logs


@pytest.mark.parametrize(
    ("story", "mix"), [pytest.param(story, mix, id=f"{story}-{mix}") for story in STORIES for mix in story.mixes]
)
def test_the_same_holder_after_each_event(told: Told, story: Story, mix: str) -> None:
    ours, reference = told(story, mix), told(story, story.reference)
    assert ours.holders == reference.holders, ours.logs


def test_every_published_configuration_is_here() -> None:
    assert {path.stem for path in SEEDS.glob("*.conf")} == NO_VRRP_ALONE | {name for pair in PUBLISHED for name in pair}
