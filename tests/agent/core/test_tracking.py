# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Weights, rise and fall: keepalived.conf(5) as a table."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Optional

import pytest
from vipd.config.model import Command, TrackInterface, Tracks, TrackScript, VrrpInstance, VrrpScript
from vipd.core.events import LinkChanged
from vipd.core.tracking import Adjustment, ScriptResult, effective_priority, weigh

SCRIPT = VrrpScript("chk", Command(("/bin/true",)))
INSTANCE = VrrpInstance("VI_1", "eth0", 51, priority=100)
ETH0 = LinkChanged("eth0", True, IPv4Address("10.0.0.5"))


@pytest.mark.parametrize(
    ("weight", "reverse", "up", "priority", "fault", "undecided"),
    [
        (0, False, True, 100, False, False),
        (0, False, False, 100, True, False),
        (0, False, None, 100, False, True),
        (0, True, True, 100, True, False),
        (0, True, False, 100, False, False),
        (20, False, True, 120, False, False),
        (20, False, False, 100, False, False),
        (20, False, None, 100, False, False),
        (20, True, True, 80, False, False),
        (-20, False, True, 100, False, False),
        (-20, False, False, 80, False, False),
        (-20, False, None, 100, False, False),
        (-20, True, False, 120, False, False),
        (-200, False, False, 1, False, False),
        (200, False, True, 254, False, False),
    ],
)
def test_script_weight(  # noqa: PLR0917  one argument a column
    weight: int, reverse: bool, up: Optional[bool], priority: int, fault: bool, undecided: bool
) -> None:
    result = ScriptResult(SCRIPT)
    result.up = up
    instance = replace(INSTANCE, tracks=Tracks(scripts=(TrackScript("chk", weight, reverse),)))
    health = weigh(instance, {"eth0": ETH0}, {"chk": result})
    assert (health.priority, bool(health.faults), bool(health.undecided)) == (priority, fault, undecided)


def test_without_a_weight_of_its_own_a_tracked_script_has_the_scripts() -> None:
    result = ScriptResult(replace(SCRIPT, weight=30))
    result.up = True
    instance = replace(INSTANCE, tracks=Tracks(scripts=(TrackScript("chk"),)))
    assert weigh(instance, {"eth0": ETH0}, {"chk": result}).priority == 130


@pytest.mark.parametrize(
    ("weight", "up", "priority", "fault"), [(0, False, 100, True), (10, True, 110, False), (-10, False, 90, False)]
)
def test_interface_weight(weight: int, up: bool, priority: int, fault: bool) -> None:
    instance = replace(INSTANCE, tracks=Tracks(interfaces=(TrackInterface("eth1", weight),)))
    health = weigh(instance, {"eth0": ETH0, "eth1": LinkChanged("eth1", up, None)}, {})
    assert (health.priority, bool(health.faults)) == (priority, fault)


def test_the_owner_is_never_adjusted() -> None:
    assert effective_priority(255, [Adjustment(-100, "anything")]) == 255


def test_a_primary_interface_that_is_not_tracked_may_be_down_but_needs_its_address() -> None:
    instance = replace(INSTANCE, dont_track_primary=True)
    assert not weigh(instance, {"eth0": replace(ETH0, up=False)}, {}).faults
    assert weigh(instance, {"eth0": replace(ETH0, address=None)}, {}).faults == ("interface eth0 has no IPv4 address",)


@pytest.mark.parametrize(
    ("init_fail", "rise", "fall", "runs", "standing"),
    [
        (False, 3, 3, "+", "U"),  # the first run decides at once
        (False, 3, 3, "-", "D"),
        (False, 1, 1, "+-+", "UDU"),
        (False, 2, 3, "+--+--- +-++", "UUUUUUD DDDU"),
        (True, 2, 1, "+-++", "DDDU"),
    ],
)
def test_rise_and_fall(init_fail: bool, rise: int, fall: int, runs: str, standing: str) -> None:
    result = ScriptResult(replace(SCRIPT, init_fail=init_fail, rise=rise, fall=fall))
    seen = []
    for run in runs.replace(" ", ""):
        result.finished(run == "+", "")
        seen.append("U" if result.up else "D")
    assert "".join(seen) == standing.replace(" ", "")
